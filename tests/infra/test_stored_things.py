"""Tables, buckets, queues, people and secrets: kept, private, encrypted."""

import json

import pytest

from echoes.adapters.s3.media import PASSING
from infra.functions import FUNCTIONS
from infra.providers import PROVIDERS
from tests.support.templates import Synthesised

STATEFUL = (
    "AWS::DynamoDB::GlobalTable",
    "AWS::S3::Bucket",
    "AWS::Cognito::UserPool",
    "AWS::SecretsManager::Secret",
    "AWS::KMS::Key",
)


def test_every_table_can_be_recovered_to_any_second(anywhere: Synthesised) -> None:
    """Requirement 4: point-in-time recovery, paid by request."""
    tables = anywhere["Data"].of("AWS::DynamoDB::GlobalTable")
    assert len(tables) == 5
    for name, table in tables.items():
        (replica,) = table["Replicas"]
        recovery = replica["PointInTimeRecoverySpecification"]
        assert recovery["PointInTimeRecoveryEnabled"] is True, name
        assert table["BillingMode"] == "PAY_PER_REQUEST", name


def test_nothing_in_production_is_lost_with_its_stack(prod: Synthesised) -> None:
    """Requirement 4: deletion protection and RETAIN on everything stateful."""
    for name, resource in prod["Data"].resources.items():
        if resource["Type"] in STATEFUL:
            assert resource["DeletionPolicy"] == "Retain", name
            assert resource["UpdateReplacePolicy"] == "Retain", name
    for name, table in prod["Data"].of("AWS::DynamoDB::GlobalTable").items():
        assert table["Replicas"][0]["DeletionProtectionEnabled"] is True, name
    (pool,) = prod["Data"].of("AWS::Cognito::UserPool").values()
    assert pool["DeletionProtection"] == "ACTIVE"


def test_stateful_constructs_keep_their_names(prod: Synthesised) -> None:
    """A new logical id is a new, empty table: these are a contract."""
    found = {
        name[:-8]
        for name, resource in prod["Data"].resources.items()
        if resource["Type"] in STATEFUL
    }
    assert found == {
        "AccessAuditTable",
        "IdempotencyTable",
        "BooksBucket",
        "BooksKey",
        "CreditLedgerEntries",
        "CreditLedgerState",
        "IdentityPool",
        "MediaAccessLogs",
        "MediaClips",
        "MediaPhotos",
        "SecretsRunway",
        "SecretsSigning",
        "SecretsStripe",
        "SecretsStripeWebhooks",
        "RecordsTable",
        *(f"Secrets{provider.title}" for provider in PROVIDERS),
    }


@pytest.mark.parametrize(
    ("table", "indexes", "expires"),
    [
        ("CreditLedgerEntries", {}, None),
        ("CreditLedgerState", {"open_holds": ("open_pk", "open_sk")}, None),
        ("RecordsTable", {"by_id": ("id",), "due": ("due_partition", "due_at")}, "expires"),
        ("IdempotencyTable", {}, "expiration"),
        ("AccessAuditTable", {}, None),
    ],
)
def test_tables_have_the_indexes_that_the_code_asks(
    anywhere: Synthesised, table: str, indexes: dict[str, tuple[str, ...]], expires: str | None
) -> None:
    """Keys, indexes and the attribute of expiry are those of the adapters."""
    (found,) = [
        properties
        for name, properties in anywhere["Data"].of("AWS::DynamoDB::GlobalTable").items()
        if name.startswith(table)
    ]
    assert {
        index["IndexName"]: tuple(key["AttributeName"] for key in index["KeySchema"])
        for index in found.get("GlobalSecondaryIndexes", [])
    } == indexes
    assert found.get("TimeToLiveSpecification", {}).get("AttributeName") == expires


def test_buckets_are_private_encrypted_and_logged(anywhere: Synthesised) -> None:
    """SE5, AR1: at least two private buckets; public access blocked, SSE, ACLs off."""
    buckets = anywhere["Data"].of("AWS::S3::Bucket")
    assert len(buckets) >= 3
    for name, bucket in buckets.items():
        assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}, name
        assert "BucketEncryption" in bucket, name
        ownership = bucket["OwnershipControls"]["Rules"][0]["ObjectOwnership"]
        assert ownership == "BucketOwnerEnforced", name
        if not name.startswith("MediaAccessLogs"):
            assert "LoggingConfiguration" in bucket, name
            assert "LifecycleConfiguration" in bucket, name


def test_what_is_passing_goes_after_a_week(anywhere: Synthesised) -> None:
    """PF5: pieces of people's clips carry a tag; a rule of their bucket removes them by it."""
    (clips,) = [
        properties
        for name, properties in anywhere["Data"].of("AWS::S3::Bucket").items()
        if name.startswith("MediaClips")
    ]
    (rule,) = [rule for rule in clips["LifecycleConfiguration"]["Rules"] if rule["Id"] == "passing"]
    (tag,) = rule["TagFilters"]
    assert f"{tag['Key']}={tag['Value']}" == PASSING
    assert (rule["ExpirationInDays"], rule["Status"]) == (7, "Enabled")
    assert "Prefix" not in rule


def test_nothing_is_read_or_written_in_the_clear(anywhere: Synthesised) -> None:
    """Requirement 3: every bucket and every queue denies what does not come by TLS."""
    policies = [
        *anywhere.all_of("AWS::S3::BucketPolicy"),
        *anywhere.all_of("AWS::SQS::QueuePolicy"),
    ]
    guarded = len([*anywhere.all_of("AWS::S3::Bucket"), *anywhere.all_of("AWS::SQS::Queue")])
    assert len(policies) == guarded
    for name, policy in policies:
        denials = [
            statement
            for statement in policy["PolicyDocument"]["Statement"]
            if statement["Effect"] == "Deny"
            and statement.get("Condition", {}).get("Bool") == {"aws:SecureTransport": "false"}
        ]
        assert denials, name


def test_queues_are_encrypted_and_keep_what_they_get(anywhere: Synthesised) -> None:
    """Requirement 2 and 5: dead letters are encrypted and wait two weeks."""
    queues = anywhere["Service"].of("AWS::SQS::Queue")
    # One for each asynchronous function; the queue of payments, and its own.
    assert len(queues) == len([spec for spec in FUNCTIONS if spec.asynchronous]) + 2
    for name, queue in queues.items():
        assert queue["SqsManagedSseEnabled"] is True, name
        assert queue["MessageRetentionPeriod"] == 14 * 24 * 3600, name


def test_passwords_never_reach_us(anywhere: Synthesised) -> None:
    """SRP and refresh tokens are the only ways in; unknown users look like wrong passwords."""
    (client,) = anywhere["Data"].of("AWS::Cognito::UserPoolClient").values()
    assert set(client["ExplicitAuthFlows"]) == {"ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"}
    assert client["PreventUserExistenceErrors"] == "ENABLED"
    assert client["GenerateSecret"] is False
    (pool,) = anywhere["Data"].of("AWS::Cognito::UserPool").values()
    assert pool["Policies"]["PasswordPolicy"]["MinimumLength"] >= 12
    (group,) = anywhere["Data"].of("AWS::Cognito::UserPoolGroup").values()
    assert group["GroupName"] == "admin"


def test_no_secret_is_written_down(anywhere: Synthesised) -> None:
    """Secrets are made by AWS; templates and variables hold their names only."""
    for name, secret in anywhere.all_of("AWS::SecretsManager::Secret"):
        assert "SecretString" not in secret, name
    for name, function in anywhere.all_of("AWS::Lambda::Function"):
        variables = function["Environment"]["Variables"]
        text = json.dumps(variables)
        assert "resolve:secretsmanager" not in text, name
        assert "SecretString" not in text, name
        for variable in variables:
            assert not variable.endswith(("_KEY", "_SECRET", "_PASSWORD", "_TOKEN")), name


def test_anchors_of_the_books_cannot_be_changed(anywhere: Synthesised) -> None:
    """L16: Object Lock by default on every object, for years in production."""
    (bucket,) = [
        properties
        for name, properties in anywhere["Data"].of("AWS::S3::Bucket").items()
        if name.startswith("BooksBucket")
    ]
    assert bucket["ObjectLockEnabled"] is True
    assert bucket["VersioningConfiguration"]["Status"] == "Enabled"
    retention = bucket["ObjectLockConfiguration"]["Rule"]["DefaultRetention"]
    assert retention["Days"] >= 1
    kept = anywhere["Data"].document["Resources"]
    (key,) = [
        resource["Properties"] for resource in kept.values() if resource["Type"] == "AWS::KMS::Key"
    ]
    assert (key["KeySpec"], key["KeyUsage"]) == ("RSA_3072", "SIGN_VERIFY")


def test_no_one_can_delete_anchors_of_production(prod: Synthesised) -> None:
    """Compliance mode: ten years, and not even the owner of the account can shorten it."""
    (bucket,) = [
        properties
        for name, properties in prod["Data"].of("AWS::S3::Bucket").items()
        if name.startswith("BooksBucket")
    ]
    retention = bucket["ObjectLockConfiguration"]["Rule"]["DefaultRetention"]
    assert retention == {"Mode": "COMPLIANCE", "Days": 3650}
