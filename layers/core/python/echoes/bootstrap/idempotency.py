"""Where idempotency records are stored: a table in DynamoDB."""

from pynamodb.connection import Connection

from echoes.adapters.dynamodb.idempotency import DynamoIdempotency
from echoes.http.idempotency import Idempotency
from echoes.settings import IdempotencyTable


def idempotency(connection: Connection) -> Idempotency:
    """Return the idempotency store, reached over the function's *connection*."""
    return Idempotency(store=DynamoIdempotency(IdempotencyTable.from_environ().name, connection))
