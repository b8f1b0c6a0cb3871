"""One local cloud with the fixture stack, for all tests of this folder."""

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from dev.cloud.ephemeral import EphemeralCloud, ephemeral_cloud

HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EphemeralCloud]:
    synth = f"{sys.executable} {HERE / 'fixture_stack.py'}"
    found = ephemeral_cloud(tmp_path_factory.mktemp("cloud"), synth=synth)
    try:
        found.up()
        yield found
    finally:
        found.run("down")


@pytest.fixture(scope="session")
def outputs(cloud: EphemeralCloud) -> dict[str, str]:
    return dict(cloud.endpoints().outputs["Fixture"])


@pytest.fixture
def api(cloud: EphemeralCloud) -> Callable[..., requests.Response]:
    base = cloud.endpoints().api_url

    def call(method: str, path: str, **more: Any) -> requests.Response:  # noqa: ANN401  # requests' own
        return requests.request(method, base + path, timeout=40, **more)

    return call


@pytest.fixture
def calls(cloud: EphemeralCloud, outputs: dict[str, str]) -> Callable[[str], list[dict[str, Any]]]:
    def recorded(kind: str) -> list[dict[str, Any]]:
        items = cloud.client("dynamodb").query(
            TableName=outputs["CallsTable"],
            KeyConditionExpression="pk = :kind",
            ExpressionAttributeValues={":kind": {"S": kind}},
            ConsistentRead=True,
        )["Items"]
        return [
            {"event": json.loads(item["event"]["S"]), "arn": item["arn"]["S"]} for item in items
        ]

    return recorded


@pytest.fixture
def invoke(cloud: EphemeralCloud) -> Callable[..., dict[str, Any]]:
    def call(arn: str, event: dict[str, Any], **more: Any) -> dict[str, Any]:  # noqa: ANN401  # boto3's own
        answer = cloud.client("lambda").invoke(
            FunctionName=arn, Payload=json.dumps(event).encode(), **more
        )
        body = answer["Payload"].read()
        return {
            "payload": json.loads(body) if body else None,
            "error": answer.get("FunctionError"),
        }

    return call
