"""
From a signed message of Stripe to a notice.

Without Stripe's library, because the sender waits for the response.

Snapshot events carry the object as it was, thin ones only its name; both become the same notice,
because we do not rely on a message about money.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from echoes.adapters.stripe.conventions import APP, EVENT_TYPES, SUBJECTS
from echoes.adapters.stripe.signatures import check_signature
from echoes.application.ports.notices import BadMessage, PaymentNotice
from echoes.domain.purchases.payment_keys import PaymentKey, PaymentObject

MAX_MESSAGE_BYTES: Final = 256 * 1024
"""Events are below 20 kB; a longer message is not read."""

MAX_ID: Final = 255
THIN: Final = "v1."
"""The prefix of thin events about objects of the v1 API."""

Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class StripeMessages:
    """Reads messages; see `echoes.application.purchases.ingest_event.ReadNotice`."""

    secrets: Callable[[], Sequence[str]]
    live: bool
    api_versions: Sequence[str]
    now: Callable[[], datetime]

    def __call__(self, message: bytes, signature: str | None) -> PaymentNotice | None:
        """Return the notice, ``None`` for types we do not act on. Raises `BadMessage`."""
        if len(message) > MAX_MESSAGE_BYTES:
            raise BadMessage("the message is too long")
        check_signature(message, signature, secrets=self.secrets(), now=self.now().timestamp())
        event = _event(message)
        if event.get("livemode") is not self.live:
            raise BadMessage("the message is from the wrong mode (test or live)")
        if event.get("object") == "v2.core.event":
            return _thin_notice(event)
        if event.get("api_version") not in self.api_versions:
            raise BadMessage("the message has another API version")
        return _notice(event)


def subject_of(event: Json) -> PaymentKey | None:
    """Return what a snapshot *event* is about; ``None`` if we do not act on it."""
    if event.get("type") not in EVENT_TYPES:
        return None
    thing = _object(_object(event, "data"), "object")
    about = SUBJECTS.get(_text(thing, "object"))
    if about is None:
        raise BadMessage("the object does not match the message's type")
    payment_id = thing.get("payment_intent")
    if about is not PaymentObject.CHECKOUT and isinstance(payment_id, str) and payment_id:
        return PaymentKey(about=PaymentObject.PAYMENT, id=payment_id[:MAX_ID])
    return PaymentKey(about=about, id=_text(thing, "id"))


def _event(message: bytes) -> Json:
    try:
        event = json.loads(message.decode())
    except (ValueError, RecursionError) as error:
        raise BadMessage("the message is not JSON") from error
    if not isinstance(event, dict):
        raise BadMessage("the message is not an event")
    return event


def _notice(event: Json) -> PaymentNotice | None:
    event_id, kind, key = _text(event, "id"), _text(event, "type"), subject_of(event)
    if key is None:
        return None
    thing = _object(_object(event, "data"), "object")
    metadata = thing.get("metadata") or {}
    if key.about is PaymentObject.CHECKOUT and metadata.get("app") != APP:
        return None
    owner = metadata.get("user_id") or thing.get("client_reference_id")
    group = owner if isinstance(owner, str) and owner else key.id
    return PaymentNotice(event_id=event_id, event_type=kind, key=key, group=group)


def _thin_notice(event: Json) -> PaymentNotice | None:
    event_id, kind = _text(event, "id"), _text(event, "type")
    if not kind.startswith(THIN) or kind.removeprefix(THIN) not in EVENT_TYPES:
        return None
    related = _object(event, "related_object")
    about = SUBJECTS.get(_text(related, "type"))
    if about is None:
        raise BadMessage("the object does not match the message's type")
    key = PaymentKey(about=about, id=_text(related, "id"))
    return PaymentNotice(event_id=event_id, event_type=kind, key=key, group=key.id)


def _object(parent: Json, name: str) -> Json:
    found = parent.get(name)
    if not isinstance(found, dict):
        raise BadMessage(f"the message has no {name}")
    return found


def _text(parent: Json, name: str) -> str:
    found = parent.get(name)
    if not isinstance(found, str) or not 1 <= len(found) <= MAX_ID:
        raise BadMessage(f"the message has no {name}")
    return found
