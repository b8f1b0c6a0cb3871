"""The simulator of Stripe without sockets: the real SDK, in process, and events by hand."""

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import stripe

from dev.simulators.stripe.in_process import stripe_in_process
from dev.simulators.stripe.simulator import StripeSimulator
from dev.simulators.stripe.webhooks.events import UnknownMode, parse_plan

Account = tuple[StripeSimulator, stripe.StripeClient]


@pytest.fixture
def account() -> Iterator[Account]:
    with stripe_in_process() as (simulator, client):
        simulator.add_price("price_p1000", name="1000 credits", unit_amount=4999)
        yield simulator, client


def session_params(**changes: Any) -> Any:  # noqa: ANN401  # of the SDK's own TypedDict
    return {
        "mode": "payment",
        "line_items": [{"price": "price_p1000", "quantity": 1}],
        "success_url": "http://localhost/return?session_id={CHECKOUT_SESSION_ID}",
        "cancel_url": "http://localhost/billing",
        "metadata": {"order_id": "o-1"},
        "payment_intent_data": {"metadata": {"order_id": "o-1"}},
        **changes,
    }


def paid(account: Account, **changes: object) -> stripe.checkout.Session:
    simulator, client = account
    session = client.v1.checkout.sessions.create(session_params(**changes))
    simulator.pay(session.id)
    return client.v1.checkout.sessions.retrieve(
        session.id, {"expand": ["payment_intent.latest_charge"]}
    )


def charge_of(session: stripe.checkout.Session) -> stripe.Charge:
    assert isinstance(session.payment_intent, stripe.PaymentIntent)
    charge = session.payment_intent.latest_charge
    assert isinstance(charge, stripe.Charge)
    return charge


def types(events: list[dict[str, Any]]) -> list[str]:
    return [event["type"] for event in events]


def test_a_card_payment_completes_the_session(account: Account) -> None:
    """Paid: the session is complete, its charge succeeded, one event says so."""
    session = paid(account)
    assert (session.status, session.payment_status, session.livemode) == ("complete", "paid", False)
    assert session.amount_total == 4999
    charge = charge_of(session)
    assert (charge.status, charge.amount, charge.amount_refunded) == ("succeeded", 4999, 0)
    assert charge.metadata["order_id"] == "o-1"
    assert types(account[0].events()) == ["checkout.session.completed"]


def test_a_delayed_payment_completes_unpaid_and_settles_later(account: Account) -> None:
    """Unpaid at first; then the money comes, or it does not, and never both."""
    simulator, client = account
    for move, status, kind in (
        (simulator.async_succeed, "paid", "checkout.session.async_payment_succeeded"),
        (simulator.async_fail, "unpaid", "checkout.session.async_payment_failed"),
    ):
        session = client.v1.checkout.sessions.create(session_params())
        assert types(simulator.pay_later(session.id)) == ["checkout.session.completed"]
        waiting = client.v1.checkout.sessions.retrieve(session.id)
        assert (waiting.status, waiting.payment_status) == ("complete", "unpaid")
        assert types(move(session.id)) == [kind]
        assert client.v1.checkout.sessions.retrieve(session.id).payment_status == status
        with pytest.raises(Exception, match="No delayed payment"):
            move(session.id)


def test_promotion_codes_take_half_or_everything(account: Account) -> None:
    """HALF halves the total; FREE leaves nothing to pay, and then there is no payment."""
    simulator, client = account
    half = client.v1.checkout.sessions.create(session_params(allow_promotion_codes=True))
    assert simulator.apply_code(half.id, "half")["amount_total"] == 2499
    free = client.v1.checkout.sessions.create(session_params(allow_promotion_codes=True))
    simulator.apply_code(free.id, "FREE")
    simulator.pay(free.id)
    done = client.v1.checkout.sessions.retrieve(free.id)
    assert (done.payment_status, done.payment_intent) == ("no_payment_required", None)
    assert (done.amount_subtotal, done.amount_total) == (4999, 0)


def test_refunds_add_up_and_a_failed_one_is_taken_back(account: Account) -> None:
    """Partial refunds accumulate, no more than the charge, and a failure undoes its part."""
    simulator, client = account
    session = paid(account)
    charge = charge_of(session)
    first = client.v1.refunds.create({"charge": charge.id, "amount": 2000})
    assert first.status == "succeeded"
    with pytest.raises(stripe.InvalidRequestError, match="greater than unrefunded"):
        client.v1.refunds.create({"charge": charge.id, "amount": 3000})
    second, events = simulator.refund(session.id, pending=True)
    assert (second["amount"], second["status"]) == (2999, "pending")
    assert types(events) == ["refund.created", "charge.refunded"]
    assert events[1]["data"]["previous_attributes"] == {"amount_refunded": 2000, "refunded": False}
    with pytest.raises(stripe.InvalidRequestError) as caught:
        client.v1.refunds.create({"charge": charge.id})
    assert caught.value.code == "charge_already_refunded"
    failed = simulator.move_refund(second["id"], "fail")
    assert types(failed) == ["refund.updated", "refund.failed"]
    after = client.v1.charges.retrieve(charge.id)
    assert (after.amount_refunded, after.refunded) == (2000, False)
    listed = client.v1.refunds.list({"payment_intent": str(charge.payment_intent)})
    assert [(each.amount, each.status) for each in listed.data] == [
        (2999, "failed"),
        (2000, "succeeded"),
    ]


def test_disputes_move_money_as_stripe_moves_it(account: Account) -> None:
    """A chargeback takes the money; won, it comes back; an inquiry takes nothing until it grows."""
    simulator, client = account
    session = paid(account)
    dispute, events = simulator.dispute(session.id)
    assert types(events) == ["charge.dispute.created", "charge.dispute.funds_withdrawn"]
    with pytest.raises(stripe.InvalidRequestError) as caught:
        client.v1.refunds.create({"charge": dispute["charge"]})
    assert caught.value.code == "charge_disputed"
    assert types(simulator.move_dispute(dispute["id"], "win")) == [
        "charge.dispute.closed",
        "charge.dispute.funds_reinstated",
    ]
    won = client.v1.disputes.retrieve(dispute["id"])
    assert won.status == "won"
    assert [entry.amount for entry in won.balance_transactions] == [-4999, 4999]

    inquiry, events = simulator.dispute(paid(account).id, kind="inquiry")
    assert (inquiry["status"], inquiry["balance_transactions"]) == ("warning_needs_response", [])
    assert types(simulator.move_dispute(inquiry["id"], "withdraw")) == [
        "charge.dispute.updated",
        "charge.dispute.funds_withdrawn",
    ]
    assert types(simulator.move_dispute(inquiry["id"], "lose")) == ["charge.dispute.closed"]
    quiet, _ = simulator.dispute(paid(account).id, kind="inquiry")
    simulator.move_dispute(quiet["id"], "close_inquiry")
    assert client.v1.disputes.retrieve(quiet["id"]).status == "warning_closed"


def test_sessions_expire_when_their_time_is_over(account: Account) -> None:
    """An open session expires by itself, and an expired one can be neither paid nor expired."""
    simulator, client = account
    session = client.v1.checkout.sessions.create(session_params())
    simulator.advance(24 * 3600)
    assert client.v1.checkout.sessions.retrieve(session.id).status == "expired"
    assert types(simulator.events()) == ["checkout.session.expired"]
    with pytest.raises(Exception, match="can no longer be paid"):
        simulator.pay(session.id)
    with pytest.raises(stripe.InvalidRequestError, match="can be expired"):
        client.v1.checkout.sessions.expire(session.id)


def test_a_taxed_customer_needs_an_address(account: Account) -> None:
    """Automatic tax with a customer without address is refused unless the page may save one."""
    simulator, client = account
    simulator.change(tax_percent=10)
    customer = client.v1.customers.create({"email": "a@example.com"})
    taxed = {"customer": customer.id, "automatic_tax": {"enabled": True}}
    with pytest.raises(stripe.InvalidRequestError) as caught:
        client.v1.checkout.sessions.create(session_params(**taxed))
    assert caught.value.code == "customer_tax_location_invalid"
    session = client.v1.checkout.sessions.create(
        session_params(**taxed, customer_update={"address": "auto"})
    )
    assert (session.amount_subtotal, session.amount_total) == (4999, 5499)


def test_events_wait_to_be_stepped_through_in_any_order(account: Account) -> None:
    """Every order of a story's events can be had, signed anew each time, and some can be lost."""
    simulator, client = account
    session = paid(account)
    simulator.refund(session.id)
    waiting = [event["id"] for event in simulator.pending_events()]
    assert len(waiting) == 3
    for order in itertools.permutations(waiting):
        for event_id in order:
            message = simulator.signed(event_id)
            event = client.construct_event(
                message.body, message.headers["Stripe-Signature"], simulator.webhook_secret
            )
            assert event.id == event_id
    simulator.mark(waiting[0], "delivered")
    simulator.mark(waiting[1], "lost")
    assert [event["id"] for event in simulator.pending_events()] == waiting[2:]
    missed = client.v1.events.list({"delivery_success": False})
    assert [event.id for event in missed.data] == [waiting[2], waiting[1]]


@pytest.mark.parametrize(
    "spoil",
    ["stale", "wrong_secret", "empty_secret", "old_scheme", "no_signature", "reserialised"],
)
def test_a_spoilt_delivery_does_not_verify(account: Account, spoil: str) -> None:
    """Each way of spoiling a delivery makes the SDK refuse it."""
    simulator, client = account
    paid(account)
    message = simulator.signed(simulator.events()[0]["id"], spoil=spoil)
    with pytest.raises(stripe.SignatureVerificationError):
        client.construct_event(
            message.body, message.headers.get("Stripe-Signature"), simulator.webhook_secret
        )


def test_the_future_verifies_for_the_sdk_alone(account: Account) -> None:
    """The SDK takes a timestamp of tomorrow; a careful receiver must not rely on it."""
    simulator, client = account
    paid(account)
    message = simulator.signed(simulator.events()[0]["id"], spoil="future")
    signature = message.headers["Stripe-Signature"]
    assert client.construct_event(message.body, signature, simulator.webhook_secret)


@pytest.mark.parametrize("fault", ["lost_reply", "lost_request", "503", "409", "429_retry"])
def test_the_sdk_gets_through_what_passes(account: Account, fault: str) -> None:
    """The SDK repeats with the same key, and there is one session however often it asked."""
    simulator, client = account
    simulator.inject(fault, on="checkout.sessions")
    client.v1.checkout.sessions.create(session_params(), {"idempotency_key": "order-1"})
    assert len(client.v1.checkout.sessions.list().data) == 1


def test_everything_is_there_after_a_restart(tmp_path: Path) -> None:
    """Sessions, events, keys and time survive; a torn last line of the journal harms nothing."""
    with stripe_in_process(state=tmp_path) as first:
        first[0].add_price("price_p1000", name="1000 credits", unit_amount=4999)
        session = paid(first)
        again = first[1].v1.checkout.sessions.create(
            session_params(), {"idempotency_key": "order-2"}
        )
        first[0].advance(100)
        now = first[0].service.clock.now()
    with (tmp_path / "stripe.jsonl").open("a") as journal:
        journal.write('[["charge",{"id":"ch_')
    with stripe_in_process(state=tmp_path) as (simulator, client):
        assert client.v1.checkout.sessions.retrieve(session.id).payment_status == "paid"
        assert types(simulator.pending_events()) == ["checkout.session.completed"]
        repeated = client.v1.checkout.sessions.create(
            session_params(), {"idempotency_key": "order-2"}
        )
        assert repeated.id == again.id
        assert simulator.service.clock.now() >= now


def test_plans_are_read_or_refused() -> None:
    """Modes combine; what does not exist is said at once."""
    plan = parse_plan("duplicate=3, delay=0.5, stale=400")
    assert (plan.copies, plan.delay_seconds, plan.spoil_seconds) == (3, 0.5, 400)
    for text in ("duplicat", "duplicate=0", "delay=soon", ""):
        with pytest.raises(UnknownMode):
            parse_plan(text)
