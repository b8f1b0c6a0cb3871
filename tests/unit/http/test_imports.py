"""What the functions import: every module of a cold start is waited for."""

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import TypedDict

import pytest

from infra.providers import PROVIDERS

LAMBDAS = Path(__file__).parents[3] / "lambdas"
STATUS = "lambdas.status.api"
DOOR = "lambdas.webhooks.ingest"
"""Where Stripe waits: lighter still, it reads no table."""

OTHERS = sorted(
    name
    for file in LAMBDAS.glob("*/*.py")
    if (name := f"lambdas.{file.parent.name}.{file.stem}") not in {STATUS, DOOR}
    # Who works at night, or by the hour, may start as light as it likes.
    and file.stem != "__init__"
    and file.parent.name not in {"audit", "rewards"}
)
HEAVY = {"PIL", "av", "boto3", "cryptography", "jwt", "pydantic", "requests"}
ENVIRONMENT = {
    "ACCESS_AUDIT_TABLE": "audit",
    "ASSEMBLY_STATE_MACHINE_ARN": "arn:aws:states:eu-west-1:1:stateMachine:assembly",
    "ALLOWED_ORIGINS": "https://app.echoes.example",
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_REGION": "eu-west-1",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "CLIPS_BUCKET": "clips",
    "CREDIT_ENTRIES_TABLE": "entries",
    "CREDIT_STATE_TABLE": "state",
    "GENERATION_STATE_MACHINE_ARN": "arn:aws:states:eu-west-1:1:stateMachine:generation",
    "IDEMPOTENCY_TABLE": "idempotency",
    "JWKS_URL": "https://issuer.test/keys",
    "PAYMENT_QUEUE_URL": "https://sqs.eu-west-1.amazonaws.com/1/payments.fifo",
    "PHOTOS_BUCKET": "photos",
    "RECONCILE_AFTER_SECONDS": "60",
    "SIGNING_SECRET_ARN": "arn:aws:secretsmanager:eu-west-1:1:secret:signing",
    "STRIPE_LIVE": "off",
    "STRIPE_SECRET_ARN": "arn:aws:secretsmanager:eu-west-1:1:secret:stripe",
    "STRIPE_WEBHOOK_SECRETS_ARN": "arn:aws:secretsmanager:eu-west-1:1:secret:webhooks",
    "RECORDS_TABLE": "records",
    "TOKEN_ISSUER": "https://issuer.test",
    "USER_POOL_CLIENT_ID": "client",
    "VIDEO_PROVIDER": "still-motion",
    "WEB_URL": "https://app.echoes.example",
    **{name: value for provider in PROVIDERS for name, value in provider.variables.items()},
    **{
        provider.secret_variable: f"arn:aws:secretsmanager:eu-west-1:1:secret:{provider.name}"
        for provider in PROVIDERS
    },
}
PROGRAM = """
import importlib, json, sys
module = importlib.import_module(sys.argv[1])
assert callable(module.lambda_handler)
packages = sorted({name.split(".")[0] for name in sys.modules})
print(json.dumps({"modules": len(sys.modules), "packages": packages}))
"""


class Imported(TypedDict):
    """What a function's start left behind."""

    modules: int
    packages: list[str]


@cache
def imported(entry_point: str) -> Imported:
    """Start a function as Lambda does: in a process of its own, with its environment only."""
    path = os.pathsep.join(sys.path)
    environment = {**ENVIRONMENT, "PATH": os.environ["PATH"], "PYTHONPATH": path}
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


def test_the_authorizer_starts_without_what_it_does_not_need() -> None:
    """It stands before every request: no pydantic, no PynamoDB, no HTTP client of its own."""
    packages = set(imported("lambdas.authorizer.handler")["packages"])
    assert not {"PIL", "av", "pydantic", "pynamodb", "requests"} & packages


def test_the_door_for_stripe_starts_without_its_library() -> None:
    """PY2: Stripe waits for the answer, so it imports nothing of `webhooks-reconcile` alone."""
    packages = set(imported(DOOR)["packages"])
    assert not {"PIL", "av", "boto3", "pydantic", "pynamodb", "requests", "stripe"} & packages
