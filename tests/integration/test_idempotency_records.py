"""Our records of idempotent requests are Powertools' own, read and written by either."""

from datetime import UTC, datetime
from typing import cast

import pytest
from aws_lambda_powertools.utilities.idempotency import (
    BasePersistenceLayer,
    DynamoDBPersistenceLayer,
    IdempotencyConfig,
)
from aws_lambda_powertools.utilities.idempotency.exceptions import (
    IdempotencyItemAlreadyExistsError,
    IdempotencyItemNotFoundError,
    IdempotencyValidationError,
)
from aws_lambda_powertools.utilities.idempotency.persistence.datarecord import DataRecord
from mypy_boto3_dynamodb import DynamoDBClient
from pynamodb.connection import Connection

from echoes.adapters.dynamodb.idempotency import DynamoIdempotency
from tests.support.storage import IDEMPOTENCY


def ours(tables: Connection) -> BasePersistenceLayer:
    return DynamoIdempotency(IDEMPOTENCY, tables)


def theirs(tables: Connection) -> BasePersistenceLayer:
    client = cast("DynamoDBClient", tables.client)
    return DynamoDBPersistenceLayer(table_name=IDEMPOTENCY, boto3_client=client)


@pytest.fixture(params=[(ours, theirs), (theirs, ours), (ours, ours)], ids=["→", "←", "="])
def layers(
    request: pytest.FixtureRequest, tables: Connection
) -> tuple[BasePersistenceLayer, BasePersistenceLayer]:
    """Return who comes first and who comes second."""
    made = tuple(make(tables) for make in request.param)
    for layer in made:
        layer.configure(IdempotencyConfig(payload_validation_jmespath="content"))
    return made[0], made[1]


def now() -> int:
    return int(datetime.now(UTC).timestamp())


def record(key: str, **changes: object) -> DataRecord:
    """Return a record of a request that has begun."""
    fields: dict[str, object] = {
        "status": "INPROGRESS",
        "expiry_timestamp": now() + 100,
        "in_progress_expiry_timestamp": (now() + 10) * 1000,
        "payload_hash": "digest",
    }
    return DataRecord(idempotency_key=key, **(fields | changes))  # type: ignore[arg-type]


def test_the_same_key_is_refused_while_it_is_taken(
    layers: tuple[BasePersistenceLayer, BasePersistenceLayer], request: pytest.FixtureRequest
) -> None:
    """And who asks again learns how far the first one is."""
    first, second = layers
    key = request.node.name
    first._put_record(record(key))
    with pytest.raises(IdempotencyItemAlreadyExistsError) as refused:
        second._put_record(record(key))
    assert refused.value.old_data_record is not None
    assert refused.value.old_data_record.status == "INPROGRESS"


@pytest.mark.parametrize(
    "before",
    [
        {"status": "COMPLETED", "expiry_timestamp": -1},
        {"in_progress_expiry_timestamp": -1},
    ],
    ids=["long ago", "never finished"],
)
def test_a_key_is_free_again_in_time(
    layers: tuple[BasePersistenceLayer, BasePersistenceLayer],
    request: pytest.FixtureRequest,
    before: dict[str, object],
) -> None:
    """After a day, or when the first request broke off."""
    first, second = layers
    past = {
        name: (value if isinstance(value, str) else (now() - 10) * _unit(name))
        for name, value in before.items()
    }
    first._put_record(record(request.node.name, **past))
    second._put_record(record(request.node.name))
    assert second._get_record(request.node.name).status == "INPROGRESS"


def test_the_response_is_kept_and_found(
    layers: tuple[BasePersistenceLayer, BasePersistenceLayer], request: pytest.FixtureRequest
) -> None:
    """Every field comes back, and a removed record is gone."""
    first, second = layers
    key = request.node.name
    first._put_record(record(key))
    kept = record(key, status="COMPLETED", response_data='{"id": 1}')
    first._update_record(kept)
    found = second._get_record(key)
    assert vars(found) == vars(kept) | {
        "in_progress_expiry_timestamp": found.in_progress_expiry_timestamp
    }
    second._delete_record(kept)
    with pytest.raises(IdempotencyItemNotFoundError):
        first._get_record(key)


def test_the_same_key_with_another_request_is_told_apart(
    layers: tuple[BasePersistenceLayer, BasePersistenceLayer], request: pytest.FixtureRequest
) -> None:
    """A key names one request."""
    first, second = layers
    key = request.node.name
    first._put_record(record(key, status="COMPLETED", response_data="{}"))
    with pytest.raises(IdempotencyValidationError):
        second._put_record(record(key, payload_hash="another"))


def _unit(name: str) -> int:
    return 1000 if name.startswith("in_progress") else 1
