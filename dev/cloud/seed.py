"""What a fresh local cloud needs before its first request: the values of secrets."""

import hashlib
from collections.abc import Callable, Mapping
from typing import Any

import boto3

from dev.cloud.place import REGION, Place


def runway_key(place: Place) -> str:
    """Return the API key that functions send to Runway's simulator, in Runway's form."""
    return "key_" + hashlib.sha512(f"runway {place.port}".encode()).hexdigest()


# The output that names a secret, and its local value.
SECRETS: Mapping[str, Callable[[Place], str]] = {"RunwaySecretArn": runway_key}


def seed(place: Place, outputs: Mapping[str, Mapping[str, str]]) -> int:
    """Give each secret that the stacks put out its local value; return how many were changed."""
    client: Any = boto3.client(
        "secretsmanager",
        endpoint_url=place.aws_endpoint_url,
        region_name=REGION,
        aws_access_key_id="test",
        aws_secret_access_key="test",  # noqa: S106  # the emulator's fixed pair
    )
    changed = 0
    flat = {key: value for stack in outputs.values() for key, value in stack.items()}
    for output, value_of in SECRETS.items():
        if output not in flat:
            continue
        value = value_of(place)
        if client.get_secret_value(SecretId=flat[output]).get("SecretString") != value:
            client.put_secret_value(SecretId=flat[output], SecretString=value)
            changed += 1
    return changed
