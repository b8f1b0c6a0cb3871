"""What an environment is: the values it is deployed with, and what the cloud underneath can do."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class LayerBuild(StrEnum):
    """Which build of the dependency layers a function carries: `tools.layers --target`."""

    LAMBDA = "lambda"
    LOCAL = "local"


@dataclass(frozen=True, slots=True, kw_only=True)
class Platform:
    """What the cloud underneath can do. The defaults are AWS; `local.py` has the local limits."""

    runtime: str = "python3.13"
    """
    The Python that the tests run on, and that the layers' byte code is compiled by.

    Local: handlers run under the interpreter of the local cloud, whatever is declared, so the
    declaration says which one that is.
    """

    architecture: str = "arm64"
    """Local: the machine's own; native wheels run nowhere else."""

    layers: LayerBuild = LayerBuild.LAMBDA
    """Local: layers hold wheels of the machine's interpreter and processor, for the same reason."""

    snap_start: bool = True
    """Local: there are no micro-VMs to take a snapshot of."""

    reserved_concurrency: bool = True
    """Local: one machine runs all functions; its launcher queues what the cores cannot run."""

    web_acl: bool = True
    """Local: `AWS::WAFv2::WebACLAssociation` is not known there, and loopback has no strangers."""

    threat_protection: bool = True
    """Local: the user pool has no risk engine."""

    metric_math: bool = True
    """Local: alarms on expressions are refused; plain metrics take their place."""

    saved_queries: bool = True
    """Local: `AWS::Logs::QueryDefinition` is not known there."""

    endpoint_url: str | None = None
    """Local: the keys of the user pool are served by the emulator, not at Cognito's address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """One environment: what is deployed, and with which values."""

    name: str
    platform: Platform = field(default_factory=Platform)

    keeps_data: bool
    """Tables, buckets, users and secrets refuse deletion and outlive their stack."""

    allowed_origins: tuple[str, ...]
    """The web pages whose scripts may call the API, as `https://host`; `*` allows every page."""

    video_provider: str = "runway"
    """Which provider makes clips: a name of `infra/providers.py`, or `still-motion`."""

    fallback_video_provider: str | None = None
    """Which one takes over when the first is down."""

    provider_variables: Mapping[str, str] = field(default_factory=dict)
    """Variables of providers whose values are others than in `infra/providers.py`."""

    stripe_url: str = ""
    """Another address of Stripe's API; empty for Stripe itself."""

    stripe_live: bool = False
    """Whether real money is taken: keys and messages of the other mode are refused."""

    stripe_api_versions: str = ""
    """Versions of Stripe's API that events may have besides ours, while the library is upgraded."""

    stripe_prices: str = ""
    """Prices made in Stripe, as `starter@1=price_…,album@1=price_…`; others go with the order."""

    stripe_automatic_tax: bool = False
    """Whether Stripe computes taxes, once the business is registered for them."""

    stripe_adaptive_pricing: bool = False
    """Whether buyers see prices in their own currency."""

    stripe_invoices: bool = False
    """Whether each purchase gets an invoice; Stripe charges for them."""

    web_url: str = "http://localhost:5173"
    """Where our web client is; buyers come back there."""

    free_clips: bool = True
    """Whether guests get their one free clip."""

    poll_scale: float = 1.0
    """The factor of the waits between polls; 1 wherever providers are real."""

    reconcile_after_seconds: int = 300
    """How long to wait after a submission whose response was lost, before checking it."""

    anchor_retention_days: int = 1
    """How long nobody can change or remove an anchor of the books."""

    alarm_email: str | None = None
    """Who is notified of alarms."""

    log_level: str = "INFO"

    def name_of(self, noun: str) -> str:
        """Return the physical name of *noun* in this environment."""
        return f"echoes-{self.name}-{noun}"
