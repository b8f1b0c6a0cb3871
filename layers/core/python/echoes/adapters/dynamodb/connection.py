"""
Access to DynamoDB: one connection for each process, and tables named at start-up.

PynamoDB makes a botocore client for every model, which costs 100 to 240 ms each; here all models
share one. That needs private names of PynamoDB, so its version is pinned.
"""

import os
from collections.abc import Callable
from typing import Final, TypeVar

from botocore.credentials import Credentials
from pynamodb.connection import Connection
from pynamodb.models import Model

CONNECT_TIMEOUT_SECONDS: Final = 1
READ_TIMEOUT_SECONDS: Final = 3
RETRIES: Final = 2
"""Three tries of at most four seconds stay below API Gateway's 29; PynamoDB's defaults do not."""

M = TypeVar("M", bound=Model)


def connect() -> Connection:
    """Return a connection to DynamoDB in the region and at the endpoint the environment names."""
    return Connection(
        region=os.environ.get("AWS_REGION") or os.environ["AWS_DEFAULT_REGION"],
        connect_timeout_seconds=CONNECT_TIMEOUT_SECONDS,
        read_timeout_seconds=READ_TIMEOUT_SECONDS,
        max_retry_attempts=RETRIES,
    )


def credentials_of(connection: Connection) -> Callable[[], Credentials | None]:
    """Return what gives the present credentials of *connection*, for who signs something else."""
    return lambda: connection.session.get_credentials()  # noqa: PLW0108  # the session comes later


def bind(model: type[M], table: str, connection: Connection) -> type[M]:
    """
    Return *model* bound to *table* and *connection*.

    Models that share a table declare the same keys and indexes: the first one bound describes it.
    """
    meta = type("Meta", (), {"table_name": table})
    namespace = {"__module__": model.__module__, "Meta": meta}
    bound: type[M] = type(model)(model.__name__, (model,), namespace)  # type: ignore[misc]  # the metaclass
    own = bound._get_connection()  # noqa: SLF001  # see the module's docstring
    if table not in connection._tables:  # noqa: SLF001  # see the module's docstring
        connection.add_meta_table(own.connection.get_meta_table(table))
    own.connection = connection
    return bound
