"""What a fresh local cloud needs first: secrets, music, and where Stripe reports."""

import json
import os
import urllib.request
from collections.abc import Mapping
from typing import Any

import boto3

from dev.cloud.instance import REGION, Instance
from dev.cloud.simulators import SIMULATORS, STRIPE
from dev.simulators.stripe.settings import EXAMPLE_WEBHOOK_SECRET
from tools.publish_music import publish

ANSWER_SECONDS = 5.0


def local_secrets(instance: Instance) -> Mapping[str, str]:
    """Return secrets by name, with their local values; others keep what the template generated."""
    return {
        f"echoes-local-{noun}": value_of(instance)
        for simulator in SIMULATORS
        for noun, value_of in simulator.secrets.items()
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
    for name, value in local_secrets(instance).items():
        try:
            present = client.get_secret_value(SecretId=name).get("SecretString")
        except client.exceptions.ResourceNotFoundException:
            continue
        if present != value:
            client.put_secret_value(SecretId=name, SecretString=value)
            changed += 1
    return changed


def upload_music(instance: Instance, bucket: str) -> int:
    """Put the music of films into the clips bucket; return how many tracks were missing there."""
    client: Any = boto3.client(
        "s3",
        endpoint_url=instance.aws_endpoint_url,
        region_name=REGION,
        aws_access_key_id="test",
        aws_secret_access_key="test",  # noqa: S106  # the emulator's fixed pair
    )
    return publish(client, bucket)


def register_webhook(instance: Instance, api_url: str) -> bool:
    """Tell Stripe's simulator where its messages go; return whether there is one to be told."""
    simulated = (instance.project / "dev" / "simulators" / "stripe" / "__main__.py").exists()
    if not simulated or not api_url or os.environ.get("STRIPE_SECRET_KEY"):
        return False
    destination = {"url": f"{api_url}/webhooks/stripe", "secret": EXAMPLE_WEBHOOK_SECRET}
    request = urllib.request.Request(  # noqa: S310  # our own http address
        f"{STRIPE.url(instance)}/_control/webhook",
        data=json.dumps(destination).encode(),
        headers={"Content-Type": "application/json"},
        method="PUT",
    )
    with urllib.request.urlopen(request, timeout=ANSWER_SECONDS):  # noqa: S310  # the same
        return True
