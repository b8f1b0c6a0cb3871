"""What the functions import: every module of a cold start is waited for."""

import json
import os
import subprocess
import sys
from functools import cache
from typing import TypedDict

import pytest

from tests.support.entry_points import ENTRY_POINTS, ENVIRONMENT

STATUS = "lambdas.status.api"
DOOR = "lambdas.webhooks.ingest"
"""Where Stripe waits: lighter still, it reads no table."""

AUTHORIZER = "lambdas.authorizer.handler"
"""Before every request, the one for a status too; it reads no table either."""

OTHERS = [
    name
    for name in ENTRY_POINTS
    if name not in {STATUS, DOOR, AUTHORIZER}
    # Who works at night, or by the hour, may start as light as it likes.
    and name.split(".")[1] not in {"audit", "rewards"}
]
HEAVY = {"PIL", "av", "boto3", "cryptography", "jwt", "pydantic", "requests"}
PROGRAM = """
import gc, importlib, json, sys
module = importlib.import_module(sys.argv[1])
assert callable(module.lambda_handler)
packages = sorted({name.split(".")[0] for name in sys.modules})
print(json.dumps({"modules": len(sys.modules), "packages": packages, "collects": gc.isenabled()}))
"""


class Imported(TypedDict):
    """What a function's start left behind."""

    modules: int
    packages: list[str]
    collects: bool
    """Whether Python looks for garbage."""


@cache
def imported(entry_point: str, kind: str = "on-demand") -> Imported:
    """Start a function as Lambda does: in a process of its own, with its environment only."""
    path = os.pathsep.join(sys.path)
    environment = {
        **ENVIRONMENT,
        "AWS_LAMBDA_INITIALIZATION_TYPE": kind,
        "PATH": os.environ["PATH"],
        "PYTHONPATH": path,
    }
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, entry_point],
        env=environment,
        check=True,
        capture_output=True,
        timeout=60,
    )
    found: Imported = json.loads(done.stdout)
    return found


def test_the_status_function_starts_light() -> None:
    """No pydantic, no HTTP client, no crypto, no media: it reads an item and signs two links."""
    assert not HEAVY & set(imported(STATUS)["packages"])


@pytest.mark.parametrize("entry_point", OTHERS)
def test_the_status_function_starts_lightest(entry_point: str) -> None:
    """It is asked most often, so of all functions it imports least."""
    assert imported(STATUS)["modules"] < imported(entry_point)["modules"]


@pytest.mark.parametrize("entry_point", ENTRY_POINTS)
def test_garbage_is_collected_again_after_the_start(entry_point: str) -> None:
    """A function whose start has no end would keep every cycle until Lambda ends it."""
    assert imported(entry_point)["collects"]


def test_the_authorizer_starts_without_what_it_does_not_need() -> None:
    """It stands before every request: no pydantic, no PynamoDB, no HTTP client of its own."""
    packages = set(imported(AUTHORIZER)["packages"])
    assert not {"PIL", "av", "pydantic", "pynamodb", "requests"} & packages


def test_the_door_for_stripe_starts_without_its_library() -> None:
    """PY2: Stripe waits for the answer, so it imports nothing of `webhooks-reconcile` alone."""
    packages = set(imported(DOOR)["packages"])
    assert not {"PIL", "av", "boto3", "pydantic", "pynamodb", "requests", "stripe"} & packages


PUT_OFF = {
    "lambdas.account.api": {"pydantic"},
    "lambdas.admin.api": {"pydantic", "stripe"},
    "lambdas.billing.api": {"pydantic", "stripe"},
    "lambdas.generate.api": {"pydantic"},
    "lambdas.projects.api": {"pydantic"},
    "lambdas.upload.api": {"pydantic"},
}


@pytest.mark.parametrize("entry_point", PUT_OFF)
def test_a_cold_start_does_not_wait_for_what_few_requests_need(entry_point: str) -> None:
    """Models of bodies, and Stripe's library, come with the first request that needs them."""
    assert not PUT_OFF[entry_point] & set(imported(entry_point)["packages"])


@pytest.mark.parametrize("entry_point", PUT_OFF)
@pytest.mark.parametrize("kind", ["snap-start", "provisioned-concurrency"])
def test_a_start_that_nobody_waits_for_imports_it_all(entry_point: str, kind: str) -> None:
    """What is restored from a snapshot has nothing left to import."""
    assert PUT_OFF[entry_point] <= set(imported(entry_point, kind)["packages"])
