"""Where idempotency records are stored: Powertools' table in DynamoDB."""

from typing import TYPE_CHECKING, Final, cast

from aws_lambda_powertools.utilities.idempotency import DynamoDBPersistenceLayer
from botocore.config import Config
from botocore.session import Session

from echoes.bootstrap.runtime import region
from echoes.http.idempotency import Idempotency
from echoes.settings import IdempotencyTable

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

PATIENCE: Final = Config(
    connect_timeout=1, read_timeout=3, retries={"total_max_attempts": 3, "mode": "standard"}
)


def idempotency(session: Session) -> Idempotency:
    """Return the idempotency store, using the process's *session*."""
    client = session.create_client("dynamodb", region_name=region(), config=PATIENCE)
    return Idempotency(
        store=DynamoDBPersistenceLayer(
            table_name=IdempotencyTable.from_environ().name,
            boto3_client=cast("DynamoDBClient", client),
        )
    )
