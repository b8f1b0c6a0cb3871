"""Buying over the API, and Stripe's door, as their callers see them."""

import json
from base64 import b64encode

import pytest

from echoes.domain.purchases.packs import PACKS
from tests.support.api_description import Reply
from tests.support.http_api import HttpApi, Token
from tests.support.payments_harness import checkout_of

PATH = "/v1/checkout-sessions"


@pytest.fixture
def api() -> HttpApi:
    return HttpApi()


def buy(api: HttpApi, user: Token, *, key: str | None = None, **body: str) -> Reply:
    return api.call("POST", PATH, token=user, body={"pack_id": "starter", **body}, key=key)


def pay(api: HttpApi, user: Token, move: str = "pay") -> str:
    order = api.payments_harness.orders.of(user.subject)[-1]
    getattr(api.payments_harness.simulator, move)(checkout_of(order))
    return order.order_id


def test_a_pack_is_ordered_and_paid_for(api: HttpApi) -> None:
    """PY1 PY6: a page to pay on; afterwards the order is paid and the credits are there."""
    user = api.user()
    made = buy(api, user)
    assert made.status == 201
    assert made.headers["Location"] == f"{PATH}/{made.body['id']}"
    assert made.body["url"].startswith("http")
    pay(api, user)
    seen = api.call("GET", f"{PATH}/{made.body['id']}", token=user)
    assert (seen.body["state"], seen.body["url"], seen.body["error"]) == ("paid", None, None)
    assert api.ledger.account(user.subject).available == PACKS[0].credits


def test_the_same_request_is_one_order_and_its_address_is_kept_once(api: HttpApi) -> None:
    """The page's URL is stored with the order; the idempotency record has only its id."""
    user = api.user()
    first, again = buy(api, user, key="again"), buy(api, user, key="again")
    assert again.body == first.body
    assert again.headers["Idempotency-Replayed"] == "true"
    assert len(api.payments_harness.orders.of(user.subject)) == 1


@pytest.mark.parametrize(
    ("move", "state", "code"),
    [
        ("pay_later", "awaiting_payment", "payment_pending"),
        ("decline", "open", None),
        ("expire", "expired", None),
    ],
)
def test_each_way_not_to_pay_is_told(api: HttpApi, move: str, state: str, code: str | None) -> None:
    """ER3: each has its state and its words, and none has credits."""
    user = api.user()
    buy(api, user)
    order_id = pay(api, user, move)
    body = api.call("GET", f"{PATH}/{order_id}", token=user).body
    assert (body["state"], (body["error"] or {}).get("code")) == (state, code)
    assert api.ledger.account(user.subject).available == 0


def test_a_bank_that_says_no_is_told(api: HttpApi) -> None:
    """payment_declined: you were not charged."""
    user = api.user()
    buy(api, user)
    order_id = pay(api, user, "pay_later")
    pay(api, user, "async_fail")
    body = api.call("GET", f"{PATH}/{order_id}", token=user).body
    assert (body["state"], body["error"]["code"]) == ("failed", "payment_declined")


def test_the_order_is_shown_while_stripe_is_away(api: HttpApi) -> None:
    """What is known so far is better than an error."""
    user = api.user()
    made = buy(api, user)
    api.payments_harness.simulator.inject("503", count=10)
    seen = api.call("GET", f"{PATH}/{made.body['id']}", token=user)
    assert (seen.status, seen.body["state"]) == (200, "open")


def test_an_order_cannot_be_made_while_stripe_is_away(api: HttpApi) -> None:
    """503, worth repeating; the same request then continues the same order."""
    user = api.user()
    api.payments_harness.simulator.inject("503", count=3)
    assert buy(api, user, key="again").status == 503
    assert buy(api, user, key="again").status == 201
    assert len(api.payments_harness.orders.of(user.subject)) == 1


@pytest.mark.parametrize("order", [{"pack_id": "none"}, {"return_to": "https://evil.example"}])
def test_what_cannot_be_ordered_is_refused(api: HttpApi, order: dict[str, str]) -> None:
    """422 with the field; no order, and no call to Stripe."""
    user = api.user()
    reply = buy(api, user, **order)
    assert (reply.status, reply.body["errors"][0]["field"]) == (422, next(iter(order)))
    assert not api.payments_harness.orders.of(user.subject)


def test_guests_do_not_buy(api: HttpApi) -> None:
    """Credits need an account."""
    assert buy(api, api.guest()).status == 403


def test_packs_may_be_cached(api: HttpApi) -> None:
    """The same for every caller, for five minutes."""
    reply = api.call("GET", "/v1/credit-packs")
    assert reply.headers["Cache-Control"] == "public, max-age=300"
    assert [pack["id"] for pack in reply.body["items"]] == [pack.pack_id for pack in PACKS]


def deliver(
    api: HttpApi,
    *,
    spoil: str | None = None,
    header: str = "Stripe-Signature",
    binary: bool = False,
) -> int:
    """Hand the newest event to the door as API Gateway would; return the status."""
    newest = api.payments_harness.simulator.events()[-1]["id"]
    sent = api.payments_harness.simulator.signed(newest, spoil=spoil)
    signature = sent.headers.get("Stripe-Signature")
    event = {
        "httpMethod": "POST",
        "path": "/webhooks/stripe",
        "headers": {header: signature} if signature else {},
        "requestContext": {"requestId": "request"},
        "body": b64encode(sent.body).decode() if binary else sent.body.decode(),
        "isBase64Encoded": binary,
    }
    answer = api.apps["webhooks-ingest"](event, api.context)
    if answer["statusCode"] >= 400:
        assert json.loads(answer["body"])["code"] == "invalid_request"
    status: int = answer["statusCode"]
    return status


@pytest.mark.parametrize("header", ["Stripe-Signature", "stripe-signature", "STRIPE-SIGNATURE"])
@pytest.mark.parametrize("binary", [False, True])
def test_a_message_of_stripe_is_taken_in(api: HttpApi, header: str, binary: bool) -> None:  # noqa: FBT001  # a case
    """PY2: to the byte, base64 or not, however the gateway writes names of headers."""
    user = api.user()
    buy(api, user)
    pay(api, user)
    assert deliver(api, header=header, binary=binary) == 200
    assert len(api.payments_harness.queue.notices) == 1
    api.payments_harness.reconcile_notices()
    assert api.ledger.account(user.subject).available == PACKS[0].credits


@pytest.mark.parametrize(
    "spoil",
    [
        "stale",
        "future",
        "wrong_secret",
        "empty_secret",
        "no_signature",
        "old_scheme",
        "truncated",
        "reserialised",
    ],
)
def test_a_message_of_somebody_else_is_refused(api: HttpApi, spoil: str) -> None:
    """PY2: 400, counted, and nothing stored."""
    user = api.user()
    buy(api, user)
    pay(api, user)
    assert deliver(api, spoil=spoil) == 400
    assert api.refused_webhooks == 1
    assert api.payments_harness.queue.notices == []
