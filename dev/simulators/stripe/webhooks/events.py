"""Events: what happened, as a snapshot and as a thin notification, and how Stripe signs them."""

import contextvars
import copy
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

from stripe import WebhookSignature

from dev.simulators.core.response import JsonObject
from dev.simulators.stripe.identifiers import fresh
from dev.simulators.stripe.settings import API_VERSION

CAUSE: contextvars.ContextVar[JsonObject | None] = contextvars.ContextVar("cause", default=None)
"""The API request that is being answered: its `id` and `idempotency_key`."""

_PATHS: Final = {
    "checkout.session": "/v1/checkout/sessions/",
    "charge": "/v1/charges/",
    "dispute": "/v1/disputes/",
    "radar.early_fraud_warning": "/v1/radar/early_fraud_warnings/",
    "refund": "/v1/refunds/",
}
_OTHER_SECRET: Final = "whsec_of_another_account"  # noqa: S105  # signs what must be refused
_STALE_SECONDS: Final = 1000.0
_FUTURE_SECONDS: Final = 86_400.0


class Payload(StrEnum):
    """What a destination is sent."""

    SNAPSHOT = "snapshot"
    THIN = "thin"


class Spoil(StrEnum):
    """What can be wrong with one delivery, so that a good receiver refuses it."""

    STALE = "stale"
    FUTURE = "future"
    WRONG_SECRET = "wrong_secret"  # noqa: S105  # the name of a mode
    EMPTY_SECRET = "empty_secret"  # noqa: S105  # the same
    NO_SIGNATURE = "no_signature"
    OLD_SCHEME = "old_scheme"
    TRUNCATED = "truncated"
    RESERIALISED = "reserialised"


class UnknownMode(ValueError):
    """A way of delivering, or an argument of one, that does not exist."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """
    How one event is delivered.

    `copies` are sent at once, `delay_seconds` after the event; `lose` never sends it; `hold` waits
    for a release; `twin` makes a second Event object about the same thing; `spoil` is for
    the first attempt only: what follows is clean, as Stripe's retries are.
    """

    copies: int = 1
    delay_seconds: float = 0.0
    lose: bool = False
    hold: bool = False
    twin: bool = False
    spoil: Spoil | None = None
    spoil_seconds: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedBody:
    """What a webhook endpoint receives."""

    body: bytes
    headers: Mapping[str, str]


def parse_plan(text: str) -> Plan:
    """Read `duplicate=3, delay=0.5`, `lose`, `hold`, `twin`, `stale=400` …, comma separated."""
    plan = Plan()
    for part in text.split(","):
        name, _, argument = part.strip().partition("=")
        try:
            number = float(argument) if argument else None
        except ValueError as error:
            raise UnknownMode(f"not a number in {part!r}") from error
        plan = _with(plan, name, number)
    return plan


def _with(plan: Plan, name: str, number: float | None) -> Plan:  # noqa: PLR0911  # a table
    match name:
        case "duplicate":
            copies = 2 if number is None else int(number)
            if not 1 <= copies <= 100:  # noqa: PLR2004  # more would only be load
                raise UnknownMode("duplicate takes 1 to 100")
            return replace(plan, copies=copies)
        case "delay":
            return replace(plan, delay_seconds=1.0 if number is None else number)
        case "lose":
            return replace(plan, lose=True)
        case "hold":
            return replace(plan, hold=True)
        case "twin":
            return replace(plan, twin=True)
        case "clean":
            return plan
        case _ if name in set(Spoil):
            return replace(plan, spoil=Spoil(name), spoil_seconds=number)
        case _:
            raise UnknownMode(f"unknown mode {name!r}")


def new_event(kind: str, item: JsonObject, *, previous: JsonObject | None, at: int) -> JsonObject:
    """Return a snapshot event with the object as it is now."""
    data: JsonObject = {"object": copy.deepcopy(item)}
    if previous is not None:
        data["previous_attributes"] = previous
    return {
        "id": fresh("evt"),
        "object": "event",
        "api_version": API_VERSION,
        "created": at,
        "data": data,
        "livemode": False,
        "pending_webhooks": 1,
        "request": CAUSE.get() or {"id": None, "idempotency_key": None},
        "type": kind,
    }


def thin_id(event_id: str) -> str:
    """Return the id of an event's thin twin."""
    return event_id.replace("evt_1", "evt_test_6", 1)


def snapshot_id(event_id: str) -> str:
    """Return the id of a thin event's snapshot; a snapshot's own id stays."""
    return event_id.replace("evt_test_6", "evt_1", 1)


def thin_event(event: JsonObject, *, full: bool) -> JsonObject:
    """Return the thin twin: as it is pushed, or, when `full`, as the v2 API shows it."""
    item = event["data"]["object"]
    moment = datetime.fromtimestamp(event["created"], UTC)
    request = event["request"]
    thin: JsonObject = {
        "id": thin_id(event["id"]),
        "object": "v2.core.event",
        "context": None,
        "created": moment.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "livemode": False,
        "reason": {"type": "request", "request": request} if request["id"] else None,
        "related_object": {
            "id": item["id"],
            "type": item["object"],
            "url": f"{_PATHS[item['object']]}{item['id']}",
        },
        "type": f"v1.{event['type']}",
    }
    return {**thin, "changes": None, "snapshot_event": event["id"]} if full else thin


def sign(  # one delivery has that many sides
    event: JsonObject,
    *,
    payload: Payload,
    secrets: Sequence[str],
    at: int,
    spoil: Spoil | None = None,
    spoil_seconds: float | None = None,
) -> SignedBody:
    """Return a delivery of the event, signed at `at` with each of the secrets, or spoilt."""
    content = event if payload is Payload.SNAPSHOT else thin_event(event, full=False)
    text = json.dumps(content, indent=2)
    match spoil:
        case Spoil.STALE:
            at -= int(_STALE_SECONDS if spoil_seconds is None else spoil_seconds)
        case Spoil.FUTURE:
            at += int(_FUTURE_SECONDS if spoil_seconds is None else spoil_seconds)
        case Spoil.WRONG_SECRET:
            secrets = [_OTHER_SECRET]
        case Spoil.EMPTY_SECRET:
            secrets = [""]
        case _:
            pass
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
    }
    if spoil is not Spoil.NO_SIGNATURE:
        made = [WebhookSignature.generate_signature_header(text, secret, at) for secret in secrets]
        signatures = ",".join(each.partition(",")[2] for each in made)
        if spoil is Spoil.OLD_SCHEME:
            signatures = signatures.replace("v1=", "v0=")
        headers["Stripe-Signature"] = f"t={at},{signatures}"
    if spoil is Spoil.TRUNCATED:
        text = text[: len(text) // 2]
    if spoil is Spoil.RESERIALISED:
        text = json.dumps(content, separators=(",", ":"))
    return SignedBody(body=text.encode(), headers=headers)
