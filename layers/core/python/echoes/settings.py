"""
Configuration read from the environment, in groups; a function reads only the groups it needs.

A missing variable is a `KeyError` that names it, at start-up and not at the first request.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import FrozenInstanceError
from typing import Any, Self, TypeVar, cast, dataclass_transform

T = TypeVar("T")


class _Variable:
    """What a field is read from."""

    def __init__(self, name: str, parse: Callable[[str], Any], otherwise: str | None) -> None:
        self._name, self._parse, self._otherwise = name, parse, otherwise

    def read(self, environ: Mapping[str, str]) -> Any:  # noqa: ANN401  # what the field says
        """Return the value; raises KeyError when it is missing and must not be."""
        if self._otherwise is None:
            return self._parse(environ[self._name])
        return self._parse(environ.get(self._name, self._otherwise))


def parsed(name: str, parse: Callable[[str], T], *, otherwise: str | None = None) -> T:
    """Declare a field that is the variable *name* as *parse* reads it, or *otherwise* if unset."""
    return cast("T", _Variable(name, parse, otherwise))


def text(name: str, *, otherwise: str | None = None) -> str:
    """Declare a field that is the variable *name* as it is written."""
    return parsed(name, str, otherwise=otherwise)


def switch(name: str, *, otherwise: str | None = None) -> bool:
    """Declare a field that is true when the variable *name* says ``on``."""
    return parsed(name, lambda value: value == "on", otherwise=otherwise)


@dataclass_transform(
    frozen_default=True, kw_only_default=True, field_specifiers=(parsed, text, switch)
)
class Settings:
    """
    A group: the fields of each subclass say which variable they are.

    Made and compared as a frozen dataclass is. It is none, because Python compiles the methods of
    each dataclass at every start, and a function reads few of the twenty groups.
    """

    def __init__(self, **values: object) -> None:
        if values.keys() != self._variables().keys():
            raise TypeError(f"{type(self).__name__} has the fields {', '.join(self._variables())}")
        vars(self).update(values)

    @classmethod
    def from_environ(cls, environ: Mapping[str, str] = os.environ) -> Self:
        """Read the group; raises KeyError when a variable without a default is missing."""
        return cls(**{name: field.read(environ) for name, field in cls._variables().items()})

    @classmethod
    def _variables(cls) -> dict[str, _Variable]:
        return {name: found for name, found in vars(cls).items() if isinstance(found, _Variable)}

    def __setattr__(self, name: str, value: object) -> None:
        raise FrozenInstanceError(f"{name} cannot become {value!r}")

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and vars(other) == vars(self)

    def __hash__(self) -> int:
        return hash((type(self), *vars(self)))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({vars(self)})"


def _listed(value: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in value.split(",") if part.strip())


def _paired(value: str) -> Mapping[str, str]:
    pairs = (pair.partition("=") for pair in value.split(","))
    return {key.strip(): found.strip() for key, _, found in pairs if found}


class LedgerTables(Settings):
    """Where credits are kept."""

    entries: str = text("CREDIT_ENTRIES_TABLE")
    state: str = text("CREDIT_STATE_TABLE")


class RecordsTable(Settings):
    """Where clips and uploads are kept."""

    name: str = text("RECORDS_TABLE")


class AuditTable(Settings):
    """Where admins' reads are noted."""

    name: str = text("ACCESS_AUDIT_TABLE")


class IdempotencyTable(Settings):
    """Where answers to repeated requests are kept for a day."""

    name: str = text("IDEMPOTENCY_TABLE")


class PhotosBucket(Settings):
    """Where photos lie."""

    name: str = text("PHOTOS_BUCKET")


class ClipsBucket(Settings):
    """Where clips lie."""

    name: str = text("CLIPS_BUCKET")


class Workflow(Settings):
    """The state machine that carries attempts."""

    state_machine_arn: str = text("GENERATION_STATE_MACHINE_ARN")


class Assembly(Settings):
    """The state machine that carries films."""

    state_machine_arn: str = text("ASSEMBLY_STATE_MACHINE_ARN")


class ProviderChoice(Settings):
    """Which of `bootstrap/video_providers.py` new attempts go to, by name."""

    default: str = text("VIDEO_PROVIDER")
    fallback: str | None = parsed(
        "FALLBACK_VIDEO_PROVIDER", lambda value: value or None, otherwise=""
    )
    free_clips: bool = switch("FREE_CLIPS", otherwise="on")


class Runway(Settings):
    """How to reach Runway. The secret's text is the API key."""

    url: str = text("RUNWAY_URL")
    secret_arn: str = text("RUNWAY_SECRET_ARN")
    model: str = text("RUNWAY_MODEL")


class PollingSettings(Settings):
    """How patiently the workflow waits. ``scale`` is 1 wherever real providers are."""

    scale: float = parsed("POLL_SCALE", float, otherwise="1")
    reconcile_after_seconds: int = parsed("RECONCILE_AFTER_SECONDS", int)


class Signing(Settings):
    """The secret behind guest tokens and list cursors."""

    secret_arn: str = text("SIGNING_SECRET_ARN")


class Anchors(Settings):
    """Where the books are anchored, and which key signs that."""

    bucket: str = text("ANCHORS_BUCKET")
    key_arn: str = text("ANCHOR_KEY_ARN")


class UserPool(Settings):
    """Whose access tokens are accepted."""

    issuer: str = text("TOKEN_ISSUER")
    client_id: str = text("USER_POOL_CLIENT_ID")
    jwks_url: str = text("JWKS_URL")


class Stripe(Settings):
    """How to reach Stripe: ``url`` is empty for Stripe itself. The secret's text is the API key."""

    url: str = text("STRIPE_URL", otherwise="")
    secret_arn: str = text("STRIPE_SECRET_ARN")
    live: bool = switch("STRIPE_LIVE")


class CheckoutSettings(Settings):
    """How pages to pay on are made. ``prices`` maps ``<pack>@<version>`` to Stripe's prices."""

    web_url: str = text("WEB_URL")
    prices: Mapping[str, str] = parsed("STRIPE_PRICES", _paired, otherwise="")
    promotion_codes: bool = switch("STRIPE_PROMOTION_CODES", otherwise="on")
    automatic_tax: bool = switch("STRIPE_AUTOMATIC_TAX", otherwise="off")
    adaptive_pricing: bool = switch("STRIPE_ADAPTIVE_PRICING", otherwise="off")
    invoices: bool = switch("STRIPE_INVOICES", otherwise="off")


class StripeWebhooks(Settings):
    """
    What Stripe's messages must be like. The secret's text are signing secrets, in lines.

    ``api_versions`` are taken besides our own, for the time of an upgrade.
    """

    secrets_arn: str = text("STRIPE_WEBHOOK_SECRETS_ARN")
    live: bool = switch("STRIPE_LIVE")
    api_versions: tuple[str, ...] = parsed("STRIPE_API_VERSIONS", _listed, otherwise="")
    queue_url: str = text("PAYMENT_QUEUE_URL")


class PaymentQueue(Settings):
    """Where notices of payments wait to be worked off."""

    url: str = text("PAYMENT_QUEUE_URL")


class Browsers(Settings):
    """Which web pages may call the API; the first one is our own client's."""

    allowed_origins: tuple[str, ...] = parsed("ALLOWED_ORIGINS", _listed)
