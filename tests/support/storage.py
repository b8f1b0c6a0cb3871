"""Tables and buckets as the data stack makes them, for tests that have only an emulator."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.literals import ProjectionTypeType
    from mypy_boto3_dynamodb.type_defs import GlobalSecondaryIndexTypeDef, ProjectionTypeDef
    from mypy_boto3_s3 import S3Client

CREDIT_ENTRIES = "credit_entries"
CREDIT_STATE = "credit_state"
RECORDS = "records"
IDEMPOTENCY = "idempotency"
ACCESS_AUDIT = "access_audit"
PHOTOS = "echoes-photos"
CLIPS = "echoes-clips"


def create_tables(dynamodb: "DynamoDBClient") -> None:
    """Create the five tables with their keys, indexes and times to live."""
    _table(dynamodb, CREDIT_ENTRIES)
    _table(dynamodb, CREDIT_STATE, _index("open_holds", "open_pk", "open_sk"))
    _table(
        dynamodb,
        RECORDS,
        _index("by_id", "id", projection="KEYS_ONLY"),
        _index("due", "due_partition", "due_at", include="attempt_id"),
        expires="expires",
    )
    _table(dynamodb, ACCESS_AUDIT)
    dynamodb.create_table(
        TableName=IDEMPOTENCY,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    _expire(dynamodb, IDEMPOTENCY, "expiration")


def create_buckets(s3: "S3Client") -> None:
    """Create the two buckets."""
    for bucket in (PHOTOS, CLIPS):
        s3.create_bucket(Bucket=bucket)


def _index(
    name: str,
    *keys: str,
    projection: "ProjectionTypeType" = "ALL",
    include: str | None = None,
) -> "GlobalSecondaryIndexTypeDef":
    projected: ProjectionTypeDef = {"ProjectionType": projection}
    if include:
        projected = {"ProjectionType": "INCLUDE", "NonKeyAttributes": [include]}
    return {
        "IndexName": name,
        "KeySchema": [
            {"AttributeName": key, "KeyType": "RANGE" if number else "HASH"}
            for number, key in enumerate(keys)
        ],
        "Projection": projected,
    }


def _table(
    dynamodb: "DynamoDBClient",
    name: str,
    *indexes: "GlobalSecondaryIndexTypeDef",
    expires: str | None = None,
) -> None:
    keys = {"pk", "sk"} | {key["AttributeName"] for index in indexes for key in index["KeySchema"]}
    optional = {"GlobalSecondaryIndexes": list(indexes)} if indexes else {}
    dynamodb.create_table(
        TableName=name,
        KeySchema=[
            {"AttributeName": "pk", "KeyType": "HASH"},
            {"AttributeName": "sk", "KeyType": "RANGE"},
        ],
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in sorted(keys)],
        BillingMode="PAY_PER_REQUEST",
        **optional,  # type: ignore[arg-type]  # not given at all when there is no index
    )
    if expires:
        _expire(dynamodb, name, expires)


def _expire(dynamodb: "DynamoDBClient", table: str, attribute: str) -> None:
    dynamodb.update_time_to_live(
        TableName=table,
        TimeToLiveSpecification={"Enabled": True, "AttributeName": attribute},
    )
