"""DynamoDB as the product has it, for tests that need only that."""

import os
from collections.abc import Iterator

import boto3
import pytest
from pynamodb.connection import Connection

from echoes.adapters.dynamodb.connection import connect
from tests.support.local_aws import local_aws
from tests.support.storage import create_tables


@pytest.fixture(scope="session")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    """Yield a connection to an emulator of the session's own, with the product's tables in it."""
    with local_aws(tmp_path_factory.mktemp("aws")) as emulator, pytest.MonkeyPatch.context() as env:
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            env.delenv(name)
        for name, value in emulator.environment().items():
            env.setenv(name, value)
        create_tables(boto3.client("dynamodb"))
        yield connect()
