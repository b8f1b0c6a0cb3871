"""One emulated AWS for the session, with the product's tables and buckets in it."""

import os
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from pynamodb.connection import Connection

from echoes.adapters.dynamodb.connection import connect
from tests.support.local_aws import LocalAws, local_aws
from tests.support.storage import create_buckets, create_tables


@pytest.fixture(scope="session")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    """
    Yield a running emulator; ``AWS_*`` of this process point to it, and nowhere else.

    It checks signatures and permissions (``AUTH``), which it does not by itself.
    """
    with (
        local_aws(tmp_path_factory.mktemp("aws"), AUTH="true") as emulator,
        pytest.MonkeyPatch.context() as env,
    ):
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            env.delenv(name)
        for name, value in emulator.environment().items():
            env.setenv(name, value)
        create_tables(boto3.client("dynamodb"))
        create_buckets(boto3.client("s3"))
        yield emulator


@pytest.fixture(scope="session")
def connection(aws: LocalAws) -> Connection:
    """Return the session's connection to DynamoDB."""
    del aws
    return connect()


@pytest.fixture(scope="session")
def dynamodb(aws: LocalAws) -> Any:  # noqa: ANN401  # boto3's clients are made at run time
    """Return a plain client, to look at items behind the adapters' back."""
    del aws
    return boto3.client("dynamodb")
