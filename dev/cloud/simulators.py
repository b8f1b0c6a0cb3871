"""
The simulators of the services we call, as data: one entry each.

From an entry follow the process, its port, the address that functions and clients are given, and
the local values of the service's secrets.
"""

import hashlib
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from dev.cloud.instance import Instance
from dev.simulators.stripe.settings import EXAMPLE_API_KEY, EXAMPLE_WEBHOOK_SECRET


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulator:
    """One simulator: the package `dev.simulators.<name>`."""

    name: str

    port_offset: int
    """How far its port is above the cloud's first."""

    secrets: Mapping[str, Callable[[Instance], str]]
    """What functions authenticate with, by the secret's name after `echoes-local-`."""

    own_key: str | None = None
    """The variable in which developers give a key of their own; they mean the real service."""

    real_url: str = ""
    """Where the real service is."""

    def port(self, instance: Instance) -> int:
        """Return its port."""
        return instance.port + self.port_offset

    def url(self, instance: Instance) -> str:
        """Return its address."""
        return f"http://127.0.0.1:{self.port(instance)}"

    def called_url(self, instance: Instance) -> str:
        """Return the address that functions call: its own, or that of the real service."""
        return (
            self.real_url if self.own_key and os.environ.get(self.own_key) else self.url(instance)
        )


def _runway_key(instance: Instance) -> str:
    """Return a key in Runway's form; it differs from cloud to cloud."""
    return "key_" + hashlib.sha512(f"runway {instance.port}".encode()).hexdigest()


def _stripe_key(_instance: Instance) -> str:
    """Return the developer's own key, or one that the simulator admits."""
    return os.environ.get("STRIPE_SECRET_KEY") or EXAMPLE_API_KEY


def _webhook_secret(_instance: Instance) -> str:
    """Return what Stripe signs with: what `stripe listen` said, or the simulator's secret."""
    return os.environ.get("STRIPE_WEBHOOK_SECRET") or EXAMPLE_WEBHOOK_SECRET


RUNWAY: Final = Simulator(name="runway", port_offset=1, secrets={"runway-api-key": _runway_key})
STRIPE: Final = Simulator(
    name="stripe",
    port_offset=2,
    secrets={"stripe-api-key": _stripe_key, "stripe-webhook-secrets": _webhook_secret},
    own_key="STRIPE_SECRET_KEY",
    real_url="https://api.stripe.com",
)
SIMULATORS: Final = (RUNWAY, STRIPE)
