"""A person without credits buys some, uses one, gets the money back, and the books close."""

import time
from collections.abc import Callable
from typing import Any, Final

import pytest
import requests

from dev.client import Problem
from dev.cloud.endpoints import Endpoints
from dev.cloud.ephemeral import EphemeralCloud
from tests.support.users import StripeControl, User

WITHIN_SECONDS: Final = 5.0
"""PY6: how soon after the payment the credits must be there."""

PATIENCE_SECONDS: Final = 30.0
"""Longer than five seconds would be a failure of its own; this ends a test that hangs."""


def wait_until(true: Callable[[], bool], *, within: float = PATIENCE_SECONDS) -> float:
    """Return after how many seconds it was *true*; fail when it never is."""
    started = time.monotonic()
    while not true():
        assert time.monotonic() - started < within, "it never happened"
        time.sleep(0.1)
    return time.monotonic() - started


def buy(user: User, pack: str = "starter", **more: str) -> dict[str, Any]:
    return user.api.post("/v1/checkout-sessions", {"pack_id": pack, **more})


@pytest.fixture(scope="module", autouse=True)
def _warm(make_user: Callable[[int], User], stripe: StripeControl) -> None:
    """Buy once, so that seconds measured later are ours and not the emulator's first start."""
    user = make_user(0)
    stripe.submit(buy(user)["url"], "pay")
    wait_until(lambda: user.balance() > 0, within=90)


@pytest.mark.alone  # the seconds count
def test_somebody_with_nothing_buys_makes_a_clip_and_is_refunded(
    make_user: Callable[[int], User], stripe: StripeControl, cloud: EphemeralCloud
) -> None:
    """PY1 PY3 PY6: from no credits to a clip, and back to none, with books that close."""
    user = make_user(0)
    upload_id = user.ready_upload()
    with pytest.raises(Problem) as refused:
        user.api.order_clip(upload_id)
    assert (refused.value.status, refused.value.code) == (402, "insufficient_credits")
    offered = refused.value.body["pack"]

    order = buy(user, offered["id"], return_to="/projects")
    assert order["state"] == "open"
    landing = stripe.submit(order["url"], "pay")
    assert landing.startswith("http://localhost:5173/projects?checkout=")
    took = wait_until(lambda: user.balance() == offered["credits"])
    assert took <= WITHIN_SECONDS

    paid = user.api.get(f"/v1/checkout-sessions/{order['id']}")
    assert (paid["state"], paid["error"], paid["url"]) == ("paid", None, None)
    clip = user.api.wait_for_clip(user.api.order_clip(upload_id)["id"])
    assert clip["status"] == "completed", clip
    assert user.balance() == offered["credits"] - 1

    stripe.refund(user.person.subject)
    wait_until(lambda: user.api.get("/v1/credits")["debt"] == 1)
    account = user.api.get("/v1/credits")
    assert (account["balance"], account["held"], account["debt"]) == (0, 0, 1)
    entries = list(user.api.transactions())
    assert [entry["kind"] for entry in entries] == ["reversal", "hold", "grant"]
    assert sum(entry["amount"] for entry in entries) == account["balance"] - account["debt"]
    assert stripe.dead_letters(cloud) == 0


def test_a_webhook_that_never_comes_costs_nobody_anything(
    make_user: Callable[[int], User], stripe: StripeControl
) -> None:
    """PY4: a buyer who returns from paying finds the credits, with or without a webhook."""
    user = make_user(0)
    order = buy(user)
    stripe.plan("lose", kind="checkout.session.completed")
    stripe.submit(order["url"], "pay")

    assert user.api.get(f"/v1/checkout-sessions/{order['id']}")["state"] == "paid"
    assert user.balance() == order["pack"]["credits"]


def test_twenty_copies_of_an_event_are_one_purchase(
    make_user: Callable[[int], User], stripe: StripeControl, cloud: EphemeralCloud
) -> None:
    """PY4: duplicates at the same moment, and two events about the same thing."""
    user = make_user(0)
    order = buy(user)
    stripe.plan("duplicate=20, twin", kind="checkout.session.completed")
    stripe.submit(order["url"], "pay")
    wait_until(lambda: user.balance() > 0)
    wait_until(lambda: stripe.waiting(cloud) == 0, within=90)

    assert user.balance() == order["pack"]["credits"]
    assert [entry["type"] for entry in user.api.transactions()] == ["purchase"]


def test_the_sweep_finds_what_was_lost(
    make_user: Callable[[int], User], stripe: StripeControl, cloud: EphemeralCloud
) -> None:
    """PY5: the hourly look grants what neither webhook nor buyer came back for."""
    user = make_user(0)
    order = buy(user)
    stripe.plan("lose", kind="checkout.session.completed")
    stripe.submit(order["url"], "pay")
    assert user.balance() == 0

    cloud.client("lambda").invoke(FunctionName="echoes-local-webhooks-sweep:live", Payload=b"{}")

    assert user.balance() == order["pack"]["credits"]


def test_a_dead_letter_is_settled_once_it_is_sent_again(
    make_user: Callable[[int], User], stripe: StripeControl, cloud: EphemeralCloud
) -> None:
    """PY5: a dead letter waits, and a redrive grants the credits."""
    user = make_user(0)
    order = buy(user)
    stripe.plan("lose", kind="checkout.session.completed")
    stripe.submit(order["url"], "pay")
    stripe.bury(cloud, user.person.subject)
    assert (stripe.dead_letters(cloud), user.balance()) == (1, 0)

    stripe.redrive(cloud)

    wait_until(lambda: user.balance() == order["pack"]["credits"])
    wait_until(lambda: stripe.dead_letters(cloud) == 0)


@pytest.mark.parametrize(
    ("move", "state", "code"),
    [("pay_later", "awaiting_payment", "payment_pending"), ("decline", "open", None)],
)
def test_what_is_not_paid_buys_nothing(
    make_user: Callable[[int], User],
    stripe: StripeControl,
    move: str,
    state: str,
    code: str | None,
) -> None:
    """PY3, ER3: completed is not paid; a declined card may be tried again on the same page."""
    user = make_user(0)
    order = buy(user)
    stripe.submit(order["url"], move)

    seen = user.api.get(f"/v1/checkout-sessions/{order['id']}")
    assert (seen["state"], (seen["error"] or {}).get("code")) == (state, code)
    assert user.balance() == 0


@pytest.mark.parametrize("spoil", ["stale", "future", "wrong_secret", "truncated", "reserialised"])
def test_a_forged_message_is_refused(
    make_user: Callable[[int], User], stripe: StripeControl, spoil: str
) -> None:
    """PY2: 400 on the deployed system, and no credits."""
    user = make_user(0)
    order = buy(user)
    stripe.plan("hold", kind="checkout.session.completed")
    stripe.submit(order["url"], "pay")

    assert stripe.deliver_last(spoil=spoil) == [400]
    assert user.balance() == 0


def test_packs_are_public_and_may_be_cached(endpoints: Endpoints) -> None:
    """A page of prices needs no account."""
    answer = requests.get(f"{endpoints.api_url}/v1/credit-packs", timeout=10)
    assert answer.headers["Cache-Control"] == "public, max-age=300"
    assert {pack["id"] for pack in answer.json()["items"]} >= {"starter"}
