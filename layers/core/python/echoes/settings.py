"""
Configuration read from the environment, in groups; a function reads only the groups it needs.

A missing variable is a `KeyError` that names it, at start-up and not at the first request.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerTables:
    """Where credits are kept."""

    entries: str
    state: str

    @classmethod
    def from_environ(cls, environ: Mapping[str, str] = os.environ) -> Self:
        """Read the group."""
        return cls(entries=environ["CREDIT_ENTRIES_TABLE"], state=environ["CREDIT_STATE_TABLE"])


@dataclass(frozen=True, slots=True, kw_only=True)
class StudioTable:
    """Where clips and uploads are kept."""

    name: str

    @classmethod
    def from_environ(cls, environ: Mapping[str, str] = os.environ) -> Self:
        """Read the group."""
        return cls(name=environ["STUDIO_TABLE"])


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditTable:
    """Where admins' reads are noted."""

    name: str

    @classmethod
    def from_environ(cls, environ: Mapping[str, str] = os.environ) -> Self:
        """Read the group."""
        return cls(name=environ["ACCESS_AUDIT_TABLE"])


@dataclass(frozen=True, slots=True, kw_only=True)
class IdempotencyTable:
    """Where answers to repeated requests are kept for a day."""

    name: str

    @classmethod
    def from_environ(cls, environ: Mapping[str, str] = os.environ) -> Self:
        """Read the group."""
        return cls(name=environ["IDEMPOTENCY_TABLE"])


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotosBucket:
    """Where photos lie."""

    name: str

    @classmethod
    def from_environ(cls, environ: Mapping[str, str] = os.environ) -> Self:
        """Read the group."""
        return cls(name=environ["PHOTOS_BUCKET"])


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipsBucket:
    """Where clips lie."""

    name: str

    @classmethod
    def from_environ(cls, environ: Mapping[str, str] = os.environ) -> Self:
        """Read the group."""
        return cls(name=environ["CLIPS_BUCKET"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Workflow:
    """The state machine that carries attempts."""

    state_machine_arn: str

    @classmethod
    def from_environ(cls, environ: Mapping[str, str] = os.environ) -> Self:
        """Read the group."""
        return cls(state_machine_arn=environ["GENERATION_STATE_MACHINE_ARN"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Assembly:
    """The state machine that carries films."""

    state_machine_arn: str

    @classmethod
    def from_environ(cls, environ: Mapping[str, str] = os.environ) -> Self:
        """Read the group."""
        return cls(state_machine_arn=environ["ASSEMBLY_STATE_MACHINE_ARN"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Providers:
    """Which provider new attempts go to: ``runway`` or ``still-motion``."""

    default: str
    fallback: str | None
    free_clips: bool

    @classmethod
    def from_environ(cls, environ: Mapping[str, str] = os.environ) -> Self:
        """Read the group."""
        return cls(
            default=environ["VIDEO_PROVIDER"],
            fallback=environ.get("FALLBACK_VIDEO_PROVIDER") or None,
            free_clips=environ.get("FREE_CLIPS", "on") == "on",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Runway:
    """How to reach Runway. The secret's text is the API key."""

    url: str
    secret_arn: str
    model: str

    @classmethod
    def from_environ(cls, environ: Mapping[str, str] = os.environ) -> Self:
        """Read the group."""
        return cls(
            url=environ["RUNWAY_URL"],
            secret_arn=environ["RUNWAY_SECRET_ARN"],
            model=environ["RUNWAY_MODEL"],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How patiently the workflow waits. ``scale`` is 1 wherever real providers are."""

    scale: float
    reconcile_after_seconds: int

    @classmethod
    def from_environ(cls, environ: Mapping[str, str] = os.environ) -> Self:
        """Read the group."""
        return cls(
            scale=float(environ.get("POLL_SCALE", "1")),
            reconcile_after_seconds=int(environ["RECONCILE_AFTER_SECONDS"]),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Signing:
    """The secret behind guest tokens and list cursors."""

    secret_arn: str

    @classmethod
    def from_environ(cls, environ: Mapping[str, str] = os.environ) -> Self:
        """Read the group."""
        return cls(secret_arn=environ["SIGNING_SECRET_ARN"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchors:
    """Where the books are anchored, and which key signs that."""

    bucket: str
    key_arn: str

    @classmethod
    def from_environ(cls, environ: Mapping[str, str] = os.environ) -> Self:
        """Read the group."""
        return cls(bucket=environ["ANCHORS_BUCKET"], key_arn=environ["ANCHOR_KEY_ARN"])


@dataclass(frozen=True, slots=True, kw_only=True)
class UserPool:
    """Whose access tokens are accepted."""

    issuer: str
    client_id: str
    jwks_url: str

    @classmethod
    def from_environ(cls, environ: Mapping[str, str] = os.environ) -> Self:
        """Read the group."""
        return cls(
            issuer=environ["TOKEN_ISSUER"],
            client_id=environ["USER_POOL_CLIENT_ID"],
            jwks_url=environ["JWKS_URL"],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Stripe:
    """How to reach Stripe: ``url`` is empty for Stripe itself. The secret's text is the API key."""

    url: str
    secret_arn: str
    live: bool

    @classmethod
    def from_environ(cls, environ: Mapping[str, str] = os.environ) -> Self:
        """Read the group."""
        return cls(
            url=environ.get("STRIPE_URL", ""),
            secret_arn=environ["STRIPE_SECRET_ARN"],
            live=environ["STRIPE_LIVE"] == "on",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkout:
    """How pages to pay on are made. ``prices`` maps ``<pack>@<version>`` to Stripe's prices."""

    web_url: str
    prices: Mapping[str, str]
    promotion_codes: bool
    automatic_tax: bool
    adaptive_pricing: bool
    invoices: bool

    @classmethod
    def from_environ(cls, environ: Mapping[str, str] = os.environ) -> Self:
        """Read the group."""
        listed = (pair.partition("=") for pair in environ.get("STRIPE_PRICES", "").split(","))
        return cls(
            web_url=environ["WEB_URL"],
            prices={pack.strip(): price.strip() for pack, _, price in listed if price},
            promotion_codes=environ.get("STRIPE_PROMOTION_CODES", "on") == "on",
            automatic_tax=environ.get("STRIPE_AUTOMATIC_TAX", "off") == "on",
            adaptive_pricing=environ.get("STRIPE_ADAPTIVE_PRICING", "off") == "on",
            invoices=environ.get("STRIPE_INVOICES", "off") == "on",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class StripeWebhooks:
    """What Stripe's messages must be like. The secret's text are signing secrets, in lines."""

    secrets_arn: str
    live: bool
    api_versions: tuple[str, ...]
    queue_url: str

    @classmethod
    def from_environ(cls, environ: Mapping[str, str] = os.environ) -> Self:
        """Read the group. ``STRIPE_API_VERSIONS`` adds versions, for the time of an upgrade."""
        more = environ.get("STRIPE_API_VERSIONS", "").split(",")
        return cls(
            secrets_arn=environ["STRIPE_WEBHOOK_SECRETS_ARN"],
            live=environ["STRIPE_LIVE"] == "on",
            api_versions=tuple(version.strip() for version in more if version.strip()),
            queue_url=environ["PAYMENT_QUEUE_URL"],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentQueue:
    """Where notices of payments wait to be worked off."""

    url: str

    @classmethod
    def from_environ(cls, environ: Mapping[str, str] = os.environ) -> Self:
        """Read the group."""
        return cls(url=environ["PAYMENT_QUEUE_URL"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Browsers:
    """Which web pages may call the API; the first one is our own client's."""

    allowed_origins: tuple[str, ...]

    @classmethod
    def from_environ(cls, environ: Mapping[str, str] = os.environ) -> Self:
        """Read the group."""
        origins = environ["ALLOWED_ORIGINS"].split(",")
        return cls(allowed_origins=tuple(origin.strip() for origin in origins))
