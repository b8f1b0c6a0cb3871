"""What a fresh local cloud needs first: secrets, music, and where Stripe reports."""

import hashlib
import json
import os
import urllib.request
from collections.abc import Callable, Mapping
from typing import Any

import boto3

from dev.cloud.instance import REGION, Instance
from dev.simulators.stripe.settings import EXAMPLE_API_KEY, EXAMPLE_WEBHOOK_SECRET
from tools.publish_music import publish

ANSWER_SECONDS = 5.0


def runway_key(instance: Instance) -> str:
    """Return the API key that functions send to Runway's simulator, in Runway's form."""
    return "key_" + hashlib.sha512(f"runway {instance.port}".encode()).hexdigest()


def stripe_key(_place: Instance) -> str:
    """Return the key for Stripe: the developer's own, or one that its simulator admits."""
    return os.environ.get("STRIPE_SECRET_KEY") or EXAMPLE_API_KEY


def webhook_secret(_place: Instance) -> str:
    """Return what Stripe signs with: what `stripe listen` said, or the simulator's secret."""
    return os.environ.get("STRIPE_WEBHOOK_SECRET") or EXAMPLE_WEBHOOK_SECRET


# Secrets by name, and their local values; the other ones keep what the template generated.
SECRETS: Mapping[str, Callable[[Instance], str]] = {
    "echoes-local-runway-api-key": runway_key,
    "echoes-local-stripe-api-key": stripe_key,
    "echoes-local-stripe-webhook-secrets": webhook_secret,
}


def seed(instance: Instance) -> int:
    """Give each deployed secret its local value; return how many were changed."""
    client: Any = boto3.client(
        "secretsmanager",
        endpoint_url=instance.aws_endpoint_url,
        region_name=REGION,
        aws_access_key_id="test",
        aws_secret_access_key="test",  # noqa: S106  # the emulator's fixed pair
    )
    changed = 0
    for name, value_of in SECRETS.items():
        value = value_of(instance)
        try:
            present = client.get_secret_value(SecretId=name).get("SecretString")
        except client.exceptions.ResourceNotFoundException:
            continue
        if present != value:
            client.put_secret_value(SecretId=name, SecretString=value)
            changed += 1
    return changed


def bring_music(instance: Instance, bucket: str) -> int:
    """Put the music of films into the clips bucket; return how many tracks were missing there."""
    client: Any = boto3.client(
        "s3",
        endpoint_url=instance.aws_endpoint_url,
        region_name=REGION,
        aws_access_key_id="test",
        aws_secret_access_key="test",  # noqa: S106  # the emulator's fixed pair
    )
    return publish(client, bucket)


def introduce(instance: Instance, api_url: str) -> bool:
    """Tell Stripe's simulator where its messages go; return whether there is one to be told."""
    simulated = (instance.project / "dev" / "simulators" / "stripe" / "__main__.py").exists()
    if not simulated or not api_url or os.environ.get("STRIPE_SECRET_KEY"):
        return False
    destination = {"url": f"{api_url}/webhooks/stripe", "secret": EXAMPLE_WEBHOOK_SECRET}
    request = urllib.request.Request(  # noqa: S310  # our own http address
        f"{instance.stripe_url}/_control/webhook",
        data=json.dumps(destination).encode(),
        headers={"Content-Type": "application/json"},
        method="PUT",
    )
    with urllib.request.urlopen(request, timeout=ANSWER_SECONDS):  # noqa: S310  # the same
        return True
