"""What a fresh local cloud needs before its first request: the values of secrets."""

import hashlib
from collections.abc import Callable, Mapping
from typing import Any

import boto3

from dev.cloud.place import REGION, Place


def runway_key(place: Place) -> str:
    """Return the API key that functions send to Runway's simulator, in Runway's form."""
    return "key_" + hashlib.sha512(f"runway {place.port}".encode()).hexdigest()


# Secrets by name, and their local values; the other ones keep what the template generated.
SECRETS: Mapping[str, Callable[[Place], str]] = {"echoes-local-runway-api-key": runway_key}


def seed(place: Place) -> int:
    """Give each deployed secret its local value; return how many were changed."""
    client: Any = boto3.client(
        "secretsmanager",
        endpoint_url=place.aws_endpoint_url,
        region_name=REGION,
        aws_access_key_id="test",
        aws_secret_access_key="test",  # noqa: S106  # the emulator's fixed pair
    )
    changed = 0
    for name, value_of in SECRETS.items():
        value = value_of(place)
        try:
            present = client.get_secret_value(SecretId=name).get("SecretString")
        except client.exceptions.ResourceNotFoundException:
            continue
        if present != value:
            client.put_secret_value(SecretId=name, SecretString=value)
            changed += 1
    return changed
