"""
One emulated AWS for the session, with the product's tables and buckets in it.

Tests that need it carry the mark ``emulator``; ``-m "not emulator"`` leaves the fakes and the
simulators, which start in no time.
"""

import os
from collections.abc import Iterator
from typing import Any, Final

import boto3
import pytest
from pynamodb.connection import Connection

from echoes.adapters.dynamodb.connection import connect
from tests.support.local_aws import LocalAws, local_aws
from tests.support.storage import create_buckets, create_tables

WITHOUT_EMULATOR: Final = "not emulator"
EMULATED: Final = frozenset({"dynamodb", "s3", "stepfunctions"})
"""Parameters of fixtures that ask for the emulator only when they are built."""


@pytest.hookimpl(tryfirst=True)  # before pytest looks at the marks
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if isinstance(item, pytest.Function) and _needs_emulator(item):
            item.add_marker("emulator")


def _needs_emulator(item: pytest.Function) -> bool:
    chosen = item.callspec.params.values() if hasattr(item, "callspec") else ()
    return "aws" in item.fixturenames or any(
        isinstance(each, str) and each in EMULATED for each in chosen
    )


@pytest.fixture(scope="session")
def aws(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LocalAws]:
    """
    Yield a running emulator; ``AWS_*`` of this process point to it, and nowhere else.

    It checks signatures and permissions (``AUTH``), which it does not by itself.
    """
    assert request.config.option.markexpr != WITHOUT_EMULATOR, "this test lacks its mark"
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
