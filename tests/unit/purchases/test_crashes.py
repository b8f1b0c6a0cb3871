"""A crash at any call, or any lost response: no credit is gained or lost."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any, cast

import pytest

from dev.fakes.credits import Fault
from dev.fakes.state_machine import Killed
from echoes.application.ports.purchases import OrderMissing
from echoes.application.purchases.reconcile_payment import ReconcilePayment, Settlement
from echoes.application.purchases.start_checkout import StartCheckout
from echoes.domain.credits.accounts import AccountStatus
from echoes.domain.errors import EchoesError, Unavailable
from echoes.domain.identifiers import CheckoutId, OrderId, OwnerId
from echoes.domain.purchases.orders import Order, OrderState
from echoes.domain.purchases.packs import PACKS
from echoes.domain.purchases.payment_keys import PaymentKey, PaymentObject
from echoes.domain.purchases.payments import QuarantineReason
from tests.support.clip_harness import Blow, Gate, Gated
from tests.support.factories import an_id, an_owner
from tests.support.ledger_books import assert_books_are_right
from tests.support.payments_harness import PaymentsHarness, checkout_of, open_harness

PACK = PACKS[0]
MOST_CALLS = 100


def key_of(checkout_id: CheckoutId) -> PaymentKey:
    return PaymentKey(about=PaymentObject.CHECKOUT, id=checkout_id)


def gated(harness: PaymentsHarness, gate: Gate) -> ReconcilePayment:
    """Return the reconciliation with a gate before each of its ports."""

    def port(found: object, name: str) -> Any:  # noqa: ANN401  # stands in for any port
        return Gated(found, name, gate)

    return ReconcilePayment(
        payments=port(harness.payments, "payments"),
        orders=port(harness.orders, "orders"),
        purchases=port(harness.ledger, "purchases"),
        quarantine=port(harness.quarantine, "quarantine"),
        ledger=port(harness.ledger, "ledger"),
        freezer=port(harness.ledger, "freezer"),
        clock=harness.clock,
        live=False,
    )


@pytest.mark.parametrize("blow", Blow)
def test_a_blow_at_any_call_is_mended_by_the_next_try(blow: Blow) -> None:
    """L6, L19, PY5: paid, half refunded, disputed; a crash at each call; then retried."""
    at = 0
    while True:
        with open_harness() as harness:
            owner = an_owner()
            checkout = checkout_of(harness.order(owner))
            harness.simulator.pay(checkout)
            harness.simulator.refund(checkout, PACK.amount_cents // 2)
            harness.simulator.dispute(checkout, amount=PACK.amount_cents // 10)
            gate = Gate()
            reconcile = gated(harness, gate)
            gate.strike(at, blow)
            with suppress(Killed, EchoesError):
                reconcile(key_of(checkout))
            struck = gate.struck
            gate.lift()
            assert_books_are_right(harness.ledger, owner)
            reconcile(key_of(checkout))

            account = harness.ledger.account(owner)
            assert (account.available, account.debt) == (PACK.credits - 6, 0), struck
            assert account.status is AccountStatus.FROZEN, struck
            (order,) = harness.orders.of(owner)
            assert order.state is OrderState.PAID, struck
            kinds = [entry.kind for entry in assert_books_are_right(harness.ledger, owner)]
            assert kinds == ["grant", "reversal"], struck
        if struck is None:
            break
        at += 1
        assert at < MOST_CALLS
    assert at > 10


@pytest.mark.parametrize("blow", Blow)
def test_a_blow_while_ordering_never_makes_a_second_page(blow: Blow) -> None:
    """PY1: the order is written first; repeating it continues it, under the same key at Stripe."""
    at = 0
    while True:
        with open_harness() as harness:
            owner, order_id, gate = an_owner(), OrderId(an_id()), Gate()
            start = StartCheckout(
                orders=cast("Any", Gated(harness.orders, "orders", gate)),
                customers=cast("Any", Gated(harness.customers, "customers", gate)),
                pages=cast("Any", Gated(harness.pages, "pages", gate)),
                clock=harness.clock,
            )
            gate.strike(at, blow)
            with suppress(Killed, EchoesError):
                start(owner, order_id, PACK, return_to=None)
            struck = gate.struck
            gate.lift()
            order = start(owner, order_id, PACK, return_to=None)

            assert order.state is OrderState.OPEN, struck
            assert order.url is not None
            sessions = harness.client.v1.checkout.sessions.list().data
            assert [session.id for session in sessions] == [order.checkout_id], struck
            assert len(harness.client.v1.customers.list().data) == 1, struck
        if struck is None:
            break
        at += 1
        assert at < MOST_CALLS
    assert at >= 5


def test_twenty_workers_at_once_make_one_entry() -> None:
    """PY4: parallel duplicates of one event."""
    with open_harness() as harness:
        owner = an_owner()
        checkout = checkout_of(harness.order(owner))
        harness.simulator.pay(checkout)
        with ThreadPoolExecutor(20) as pool:
            outcomes = list(pool.map(lambda _: harness.reconcile(key_of(checkout)), range(20)))

        assert {outcome.settlement for outcome in outcomes} == {Settlement.PAID}
        assert [entry.kind for entry in assert_books_are_right(harness.ledger, owner)] == ["grant"]
        assert harness.ledger.account(owner).available == PACK.credits


@pytest.mark.parametrize("fault", [Fault.CONFLICT, Fault.LOST_REPLY, Fault.THROTTLED])
def test_a_ledger_that_fumbles_is_asked_again(fault: Fault) -> None:
    """L6: a conflict is repeated at once, an unknown outcome by the queue; once either way."""
    with open_harness() as harness:
        owner = an_owner()
        checkout = checkout_of(harness.order(owner))
        harness.simulator.pay(checkout)
        harness.ledger.inject(fault)
        with suppress(Unavailable):
            harness.reconcile(key_of(checkout))
        harness.reconcile(key_of(checkout))

        assert harness.ledger.account(owner).available == PACK.credits
        assert len(assert_books_are_right(harness.ledger, owner)) == 1


@pytest.mark.parametrize("fault", ["500", "lost_reply", "429", "503", "401"])
def test_a_stripe_that_fumbles_is_asked_again(fault: str) -> None:
    """L19: unanswered calls are repeated; nothing is granted on a guess."""
    with open_harness() as harness:
        owner = an_owner()
        checkout = checkout_of(harness.order(owner))
        harness.simulator.pay(checkout)
        harness.simulator.inject(fault, count=10)
        with pytest.raises(Unavailable):
            harness.reconcile(key_of(checkout))
        assert harness.ledger.account(owner).available == 0
        harness.simulator.service.clear_faults()
        harness.reconcile(key_of(checkout))
        assert harness.ledger.account(owner).available == PACK.credits


def test_a_payment_of_ours_without_its_order_is_tried_again() -> None:
    """A payment marked as ours is not dropped, although its order is unknown."""
    with open_harness() as harness:
        order = harness.order(an_owner())
        harness.simulator.pay(checkout_of(order))
        stored = harness.orders._orders.pop((order.owner_id, order.order_id))
        with pytest.raises(OrderMissing):
            harness.reconcile(key_of(checkout_of(order)))
        harness.orders._orders[order.owner_id, order.order_id] = stored
        assert harness.reconcile(key_of(checkout_of(order))).granted == PACK.credits


def test_a_payment_that_does_not_fit_is_set_aside() -> None:
    """L11: another amount than ordered grants nothing, is quarantined, and is reported once."""
    with open_harness() as harness:
        order = harness.order(an_owner())
        checkout = checkout_of(order)
        session = harness.simulator.service.store.get("checkout.session", checkout)
        assert session is not None
        harness.simulator.service.store.put("checkout.session", session | {"amount_subtotal": 1})
        harness.simulator.pay(checkout)
        outcome = harness.reconcile(key_of(checkout))
        harness.reconcile(key_of(checkout))

        assert (outcome.settlement, outcome.quarantine_reason) == (
            Settlement.QUARANTINED,
            QuarantineReason.OTHER_AMOUNT,
        )
        assert harness.ledger.account(order.owner_id).seq == 0
        assert list(harness.quarantine.payments) == [checkout]


def test_other_products_of_the_account_are_left_alone() -> None:
    """L11: a session without our mark grants nothing and raises no alarm."""
    with open_harness() as harness:
        made = harness.client.v1.checkout.sessions.create(
            {
                "mode": "payment",
                "success_url": "https://another.example",
                "line_items": [
                    {
                        "price_data": {
                            "currency": "usd",
                            "unit_amount": 990,
                            "product_data": {"name": "something else"},
                        },
                        "quantity": 1,
                    }
                ],
            }
        )
        harness.simulator.pay(made.id)
        outcome = harness.reconcile(key_of(CheckoutId(made.id)))
        assert outcome.settlement is Settlement.FOREIGN
        assert harness.sweep().found == []
        assert not harness.quarantine.payments


def test_a_customer_who_is_gone_at_stripe_is_made_anew() -> None:
    """Another account, or a deleted customer: buying still works."""
    with open_harness() as harness:
        owner = an_owner()
        harness.order(owner)
        first = harness.customers.get(owner)
        harness.customers.remember(owner, type(first)("cus_gone") if first else first)  # type: ignore[arg-type]
        order = harness.order(owner)
        assert order.state is OrderState.OPEN
        assert harness.customers.get(owner) not in {None, "cus_gone"}


def test_an_order_nobody_paid_is_closed_after_its_time() -> None:
    """L19: the sweep closes orders whose end Stripe never reported, and those without a page."""
    with open_harness() as harness:
        owner = an_owner()
        order = harness.order(owner)
        harness.simulator.inject("503", count=10, on="checkout.sessions.create")
        with pytest.raises(Unavailable):
            harness.order(owner)
        harness.simulator.service.clear_faults()
        harness.simulator.advance(7200)
        harness.clock.sleep(7200)
        report = harness.sweep()

        assert report.errors == []
        assert {each.state for each in harness.orders.of(owner)} == {OrderState.EXPIRED}
        assert len(harness.orders.of(owner)) == 2
        assert harness.orders.due(at=harness.clock.now(), limit=10) == []
        assert harness.orders.get(owner, order.order_id).url is None


def test_an_order_that_cannot_be_read_stops_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """A word of a newer version in one row: others are closed, and the round says so."""
    with open_harness() as harness:
        owner = an_owner()
        broken, other = harness.order(owner), harness.order(owner)
        harness.simulator.advance(7200)
        harness.clock.sleep(7200)
        read = harness.orders.get

        def unless_broken(whose: OwnerId, order_id: OrderId) -> Order:
            if order_id == broken.order_id:
                raise ValueError("no such state")
            return read(whose, order_id)

        monkeypatch.setattr(harness.orders, "get", unless_broken)
        report = harness.sweep()

        assert report.errors == ["ValueError"] * len(report.unexpected)
        assert {each.about for each in report.unexpected} >= {broken.order_id}
        assert read(owner, other.order_id).state is OrderState.EXPIRED
