"""
Powertools' records of idempotent requests, over the connection that the function has anyway.

Powertools' own layer for DynamoDB imports boto3, and asks for a client of its own. Items and
conditions are the same as there.
"""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, cast

from aws_lambda_powertools.utilities.idempotency.exceptions import (
    IdempotencyItemAlreadyExistsError,
    IdempotencyItemNotFoundError,
)
from aws_lambda_powertools.utilities.idempotency.persistence.base import BasePersistenceLayer
from aws_lambda_powertools.utilities.idempotency.persistence.datarecord import (
    STATUS_CONSTANTS,
    DataRecord,
)
from botocore.exceptions import ClientError
from pynamodb.connection import Connection

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

    Item = Mapping[str, AttributeValueTypeDef]

REFUSED: Final = "ConditionalCheckFailedException"

FREE: Final = (
    "attribute_not_exists(id) OR expiration < :seconds OR "
    "(#status = :inprogress AND attribute_exists(in_progress_expiration) "
    "AND in_progress_expiration < :milliseconds)"
)
"""Nobody has the key, or it was long ago, or who had it did not finish in time."""


class DynamoIdempotency(BasePersistenceLayer):
    """Keeps records in *table*."""

    def __init__(self, table: str, connection: Connection) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._table = table
        self._connection = connection

    @property
    def _client(self) -> "DynamoDBClient":
        return cast("DynamoDBClient", self._connection.client)

    def _get_record(self, idempotency_key: str) -> DataRecord:
        found = self._client.get_item(
            TableName=self._table, Key={"id": {"S": idempotency_key}}, ConsistentRead=True
        )
        if "Item" not in found:
            raise IdempotencyItemNotFoundError
        return _record(found["Item"])

    def _put_record(self, data_record: DataRecord) -> None:
        item: dict[str, AttributeValueTypeDef] = {
            "id": {"S": data_record.idempotency_key},
            "expiration": {"N": str(data_record.expiry_timestamp)},
            "status": {"S": data_record.status},
        }
        if data_record.in_progress_expiry_timestamp is not None:
            item["in_progress_expiration"] = {"N": str(data_record.in_progress_expiry_timestamp)}
        if self.payload_validation_enabled and data_record.payload_hash:
            item["validation"] = {"S": data_record.payload_hash}
        now = datetime.now(UTC).timestamp()
        try:
            self._client.put_item(
                TableName=self._table,
                Item=item,
                ConditionExpression=FREE,
                ExpressionAttributeNames={"#status": "status"},
                ExpressionAttributeValues={
                    ":seconds": {"N": str(int(now))},
                    ":milliseconds": {"N": str(int(now * 1000))},
                    ":inprogress": {"S": STATUS_CONSTANTS["INPROGRESS"]},
                },
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except ClientError as error:
            if error.response["Error"]["Code"] != REFUSED:
                raise
            there = cast("Item | None", error.response.get("Item"))
            if there is None:
                raise IdempotencyItemAlreadyExistsError from error
            before = _record(there)
            self._validate_payload(data_payload=data_record, stored_data_record=before)
            self._save_to_cache(data_record=before)
            raise IdempotencyItemAlreadyExistsError(old_data_record=before) from error

    def _update_record(self, data_record: DataRecord) -> None:
        values: dict[str, AttributeValueTypeDef] = {
            ":expiration": {"N": str(data_record.expiry_timestamp)},
            ":data": {"S": data_record.response_data},
            ":status": {"S": data_record.status},
        }
        names = {"#data": "data", "#status": "status"}
        changes = ["#data = :data", "expiration = :expiration", "#status = :status"]
        if self.payload_validation_enabled:
            values[":validation"] = {"S": data_record.payload_hash}
            changes.append("validation = :validation")
        self._client.update_item(
            TableName=self._table,
            Key={"id": {"S": data_record.idempotency_key}},
            UpdateExpression=f"SET {', '.join(changes)}",
            ExpressionAttributeNames=names,
            ExpressionAttributeValues=values,
        )

    def _delete_record(self, data_record: DataRecord) -> None:
        self._client.delete_item(
            TableName=self._table, Key={"id": {"S": data_record.idempotency_key}}
        )


def _record(item: "Item") -> DataRecord:
    def text(name: str) -> str:
        return item.get(name, {}).get("S", "")

    def number(name: str) -> int | None:
        found = item.get(name, {}).get("N")
        return None if found is None else int(found)

    return DataRecord(
        idempotency_key=text("id"),
        status=text("status"),
        expiry_timestamp=number("expiration"),
        in_progress_expiry_timestamp=number("in_progress_expiration"),
        response_data=text("data"),
        payload_hash=text("validation"),
    )
