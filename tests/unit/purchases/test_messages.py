"""Which messages about payments are accepted: every forgery is refused and leaves no trace."""

import hashlib
import hmac
import inspect
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest
import stripe
from stripe.params import WebhookEndpointCreateParams

from echoes.adapters.stripe.conventions import API_VERSION, APP, EVENT_TYPES
from echoes.adapters.stripe.messages import MAX_MESSAGE_BYTES, StripeMessages
from echoes.adapters.stripe.signing_secrets import SigningSecrets
from echoes.application.ports.notices import BadMessage, PaymentNotice
from echoes.domain.purchases.payment_keys import PaymentKey, PaymentObject

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
SECRET = "whsec_present"
OTHER = "whsec_of_the_other_endpoint"


def a_session(**changes: Any) -> dict[str, Any]:  # noqa: ANN401  # any field
    return {
        "id": "cs_test_1",
        "object": "checkout.session",
        "client_reference_id": "user-1",
        "metadata": {"app": APP, "user_id": "user-1", "order_id": "order-1"},
        "payment_intent": None,
    } | changes


def an_event(kind: str = "checkout.session.completed", **changes: Any) -> dict[str, Any]:  # noqa: ANN401  # any field
    return {
        "id": "evt_1",
        "object": "event",
        "api_version": API_VERSION,
        "livemode": False,
        "type": kind,
        "data": {"object": a_session()},
    } | changes


def a_thin_event(kind: str, related: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": "evt_test_1",
        "object": "v2.core.event",
        "livemode": False,
        "type": f"v1.{kind}",
        "related_object": related,
    }


def written(event: object) -> bytes:
    return json.dumps(event, indent=2).encode()


def signed(
    body: bytes, *, secret: str = SECRET, at: datetime = NOW, shift: int = 0, scheme: str = "v1"
) -> str:
    """Stripe's header, made by hand, so that the check is not checked with itself."""
    moment = int(at.timestamp()) + shift
    digest = hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256)
    return f"t={moment},{scheme}={digest.hexdigest()}"


def read(
    body: bytes, header: str | None, *, secrets: tuple[str, ...] = (SECRET,), live: bool = False
) -> PaymentNotice | None:
    messages = StripeMessages(
        secrets=lambda: secrets, live=live, api_versions=(API_VERSION,), now=lambda: NOW
    )
    return messages(body, header)


BODY = written(an_event())
GOOD = signed(BODY)


def test_a_message_of_stripe_becomes_a_notice() -> None:
    """PY2: what to look at, and in whose order."""
    assert read(BODY, GOOD) == PaymentNotice(
        event_id="evt_1",
        event_type="checkout.session.completed",
        key=PaymentKey(about=PaymentObject.CHECKOUT, id="cs_test_1"),
        group="user-1",
    )


FORGERIES: dict[str, tuple[bytes, str | None]] = {
    "no signature": (BODY, None),
    "an empty signature": (BODY, ""),
    "nonsense": (BODY, "t=now,v1=yes"),
    "no time": (BODY, GOOD.partition(",")[2]),
    "two times": (BODY, f"t=1,{GOOD}"),
    "no v1": (BODY, GOOD.partition(",")[0]),
    "an old scheme": (BODY, signed(BODY, scheme="v0")),
    "somebody else's secret": (BODY, signed(BODY, secret="whsec_guess")),
    "the empty secret": (BODY, signed(BODY, secret="")),
    "another body": (BODY.replace(b"user-1", b"user-2"), GOOD),
    "truncated": (BODY[:-20], GOOD),
    "re-serialised": (json.dumps(json.loads(BODY)).encode(), GOOD),
    "another time": (BODY, GOOD.replace("t=1", "t=2", 1)),
    "replayed, old": (BODY, signed(BODY, shift=-301)),
    "future-dated": (BODY, signed(BODY, shift=301)),
    "a day ahead": (BODY, signed(BODY, shift=86_400)),
    "an absurd time": (BODY, signed(BODY).replace("t=", "t=9999999999999")),
}


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forgery_is_refused(name: str) -> None:
    """PY2: every way to forge, replay or spoil a message."""
    with pytest.raises(BadMessage):
        read(*FORGERIES[name])


@pytest.mark.parametrize("shift", [-300, 300])
def test_clocks_may_differ_by_five_minutes(shift: int) -> None:
    """Both ways, to the second."""
    assert read(BODY, signed(BODY, shift=shift)) is not None


@pytest.mark.parametrize("secrets", [("",), ("  ",), ()])
def test_an_empty_secret_opens_nothing(secrets: tuple[str, ...]) -> None:
    """A secret that was never set must not accept anything."""
    for secret in ("", "  "):
        with pytest.raises(BadMessage):
            read(BODY, signed(BODY, secret=secret), secrets=secrets)


def test_several_secrets_are_known_at_once() -> None:
    """Two endpoints, or one whose secret is being rolled: any of ours, in any place."""
    for secret in (SECRET, OTHER):
        assert read(BODY, signed(BODY, secret=secret), secrets=(SECRET, OTHER)) is not None
    rolled = f"{signed(BODY, secret='whsec_new')},{signed(BODY).partition(',')[2]}"
    assert read(BODY, rolled) is not None


NONSENSE: dict[str, bytes] = {
    "not utf-8": b"\xff\xfe\x00",
    "no json": b"id=evt_1",
    "nothing": b"",
    "a list": b"[]",
    "a number": b"1",
    "null": b"null",
    "no type": written({name: value for name, value in an_event().items() if name != "type"}),
    "no id": written(an_event(id=None)),
    "an id of nobody": written(an_event(id="x" * 256)),
    "no data": written(an_event(data=None)),
    "no object": written(an_event(data={})),
    "an object of another kind": written(an_event(data={"object": {"object": "cow", "id": "1"}})),
    "another version": written(an_event(api_version="2020-08-27")),
    "no version": written(an_event(api_version=None)),
    "the other mode": written(an_event(livemode=True)),
    "no mode": written(an_event(livemode=None)),
    "thin, of nothing": written(a_thin_event("refund.created", {})),
    "too deep": b"[" * 100_000,
    "too long": b" " * (MAX_MESSAGE_BYTES + 1),
}


@pytest.mark.parametrize("name", NONSENSE)
def test_even_a_signature_makes_no_sense_of_nonsense(name: str) -> None:
    """PY2, PY7: rightly signed, and still refused as a bad message, never a crash."""
    body = NONSENSE[name]
    with pytest.raises(BadMessage):
        read(body, signed(body))


def test_live_messages_are_for_live_deployments() -> None:
    """PY7: test money never reaches real credits, nor the other way round."""
    body = written(an_event(livemode=True))
    assert read(body, signed(body), live=True) is not None
    with pytest.raises(BadMessage):
        read(BODY, GOOD, live=True)


@pytest.mark.parametrize("kind", ["customer.created", "payment_intent.succeeded", "price.updated"])
def test_what_is_none_of_our_concern_is_dropped(kind: str) -> None:
    """PY2: unknown types are thanked for."""
    body = written(an_event(kind))
    assert read(body, signed(body)) is None
    thin = written(a_thin_event(kind, {"id": "x", "type": "customer"}))
    assert read(thin, signed(thin)) is None


def test_other_products_of_the_account_are_dropped() -> None:
    """A shared Stripe account: sessions without our name are foreign."""
    body = written(an_event(data={"object": a_session(metadata={"app": "another"})}))
    assert read(body, signed(body)) is None


@pytest.mark.parametrize(
    ("kind", "thing", "about"),
    [
        ("refund.created", "refund", PaymentObject.REFUND),
        ("charge.refunded", "charge", PaymentObject.CHARGE),
        ("charge.dispute.created", "dispute", PaymentObject.DISPUTE),
        (
            "radar.early_fraud_warning.created",
            "radar.early_fraud_warning",
            PaymentObject.FRAUD_WARNING,
        ),
    ],
)
def test_news_of_money_leads_to_its_payment(kind: str, thing: str, about: PaymentObject) -> None:
    """Snapshots name the payment, thin events the thing; both are enough to go and look."""
    item = {"id": "x_1", "object": thing, "payment_intent": "pi_1"}
    body = written(an_event(kind, data={"object": item}))
    notice = read(body, signed(body))
    assert notice is not None
    assert notice.key == PaymentKey(about=PaymentObject.PAYMENT, id="pi_1")
    assert notice.group == "pi_1"
    thin = written(a_thin_event(kind, {"id": "x_1", "type": thing}))
    told = read(thin, signed(thin))
    assert told is not None
    assert told.key == PaymentKey(about=about, id="x_1")


def test_the_events_are_those_that_the_library_knows() -> None:
    """Version and types are those of the installed library, so an upgrade is noticed."""
    assert stripe.api_version == API_VERSION
    known = Path(inspect.getfile(WebhookEndpointCreateParams)).read_text()
    assert [kind for kind in EVENT_TYPES if f'"{kind}"' not in known] == []


class Vault:
    """A Secrets Manager that counts how often it is asked."""

    def __init__(self) -> None:
        self.text = "whsec_one\nwhsec_two\n"
        self.asked = 0

    def get_secret_value(self, *, SecretId: str) -> dict[str, str]:  # noqa: N803  # AWS's name
        assert SecretId == "arn"
        self.asked += 1
        return {"SecretString": self.text}


def test_rolled_secrets_are_known_within_five_minutes() -> None:
    """One a line; asked for once in five minutes, not at every message."""
    vault, now = Vault(), [0.0]
    secrets = SigningSecrets("arn", cast("Any", vault), time=lambda: now[0])
    assert [tuple(secrets()) for _ in range(3)] == [("whsec_one", "whsec_two")] * 3
    assert vault.asked == 1
    vault.text, now[0] = "whsec_three", 300.0
    assert tuple(secrets()) == ("whsec_three",)
