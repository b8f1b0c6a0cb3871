"""
Events of a payment may come in any order and may be lost: the credits are the same.

Each story is played at a simulator of Stripe move by move. Its events reach us shuffled, doubled,
late or never, also between the moves; then comes one sweep.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from dev.fakes.credits import InMemoryLedger
from dev.simulators.core.response import JsonObject
from echoes.domain.credits.accounts import AccountStatus
from echoes.domain.credits.holds import place_hold
from echoes.domain.identifiers import CheckoutId, Credits, HoldId, OwnerId
from echoes.domain.purchases.orders import OrderState
from echoes.domain.purchases.packs import PACKS
from tests.support.factories import an_owner
from tests.support.ledger_books import assert_books_are_right
from tests.support.ledger_operations import EXPIRES
from tests.support.payments_harness import PaymentsHarness, checkout_of, open_harness

SEEDS = range(8)
PACK = PACKS[0]
Events = list[JsonObject]
Moves = Iterator[Events]


@dataclass(frozen=True, kw_only=True)
class End:
    """How a story must end for the buyer, who had spent nothing."""

    state: OrderState
    credits: int
    frozen: bool = False


Story = Callable[[PaymentsHarness, CheckoutId], Moves]


def paid(harness: PaymentsHarness, checkout: CheckoutId) -> Moves:
    yield harness.simulator.pay(checkout)


def paid_free_by_code(harness: PaymentsHarness, checkout: CheckoutId) -> Moves:
    harness.simulator.apply_code(checkout, "FREE")
    yield harness.simulator.pay(checkout)


def paid_half_by_code_and_half_refunded(harness: PaymentsHarness, checkout: CheckoutId) -> Moves:
    harness.simulator.apply_code(checkout, "HALF")
    yield harness.simulator.pay(checkout)
    charged = round(PACK.amount_cents * 0.5)
    yield harness.simulator.refund(checkout, charged // 2 + 1)[1]


def paid_later(harness: PaymentsHarness, checkout: CheckoutId) -> Moves:
    yield harness.simulator.pay_later(checkout)
    yield harness.simulator.async_succeed(checkout)


def failed_later(harness: PaymentsHarness, checkout: CheckoutId) -> Moves:
    yield harness.simulator.pay_later(checkout)
    yield harness.simulator.async_fail(checkout)


def declined_then_paid(harness: PaymentsHarness, checkout: CheckoutId) -> Moves:
    yield harness.simulator.decline(checkout)
    yield harness.simulator.pay(checkout)


def expired(harness: PaymentsHarness, checkout: CheckoutId) -> Moves:
    yield harness.simulator.expire(checkout)


def refunded_in_parts(harness: PaymentsHarness, checkout: CheckoutId) -> Moves:
    yield harness.simulator.pay(checkout)
    yield harness.simulator.refund(checkout, PACK.amount_cents // 3)[1]
    yield harness.simulator.refund(checkout)[1]


def refund_failed(harness: PaymentsHarness, checkout: CheckoutId) -> Moves:
    yield harness.simulator.pay(checkout)
    refund, events = harness.simulator.refund(checkout, pending=True)
    yield events
    yield harness.simulator.move_refund(refund["id"], "fail")


def dispute_won(harness: PaymentsHarness, checkout: CheckoutId) -> Moves:
    yield harness.simulator.pay(checkout)
    dispute, events = harness.simulator.dispute(checkout)
    yield events
    yield harness.simulator.move_dispute(dispute["id"], "win")


def dispute_lost(harness: PaymentsHarness, checkout: CheckoutId) -> Moves:
    yield harness.simulator.pay(checkout)
    dispute, events = harness.simulator.dispute(checkout)
    yield events
    yield harness.simulator.move_dispute(dispute["id"], "lose")


def refunded_and_disputed(harness: PaymentsHarness, checkout: CheckoutId) -> Moves:
    yield harness.simulator.pay(checkout)
    yield harness.simulator.refund(checkout, PACK.amount_cents // 2)[1]
    dispute, events = harness.simulator.dispute(checkout)
    yield events
    yield harness.simulator.move_dispute(dispute["id"], "lose")


def inquiry(harness: PaymentsHarness, checkout: CheckoutId) -> Moves:
    yield harness.simulator.pay(checkout)
    dispute, events = harness.simulator.dispute(checkout, kind="inquiry")
    yield events
    yield harness.simulator.move_dispute(dispute["id"], "close_inquiry")


def fraud_warning(harness: PaymentsHarness, checkout: CheckoutId) -> Moves:
    yield harness.simulator.pay(checkout)
    yield harness.simulator.fraud_warning(checkout)[1]


ALL = int(PACK.credits)

STORIES: dict[Story, End] = {
    paid: End(state=OrderState.PAID, credits=ALL),
    paid_free_by_code: End(state=OrderState.PAID, credits=ALL),
    paid_half_by_code_and_half_refunded: End(state=OrderState.PAID, credits=ALL // 2),
    paid_later: End(state=OrderState.PAID, credits=ALL),
    failed_later: End(state=OrderState.FAILED, credits=0),
    declined_then_paid: End(state=OrderState.PAID, credits=ALL),
    expired: End(state=OrderState.EXPIRED, credits=0),
    refunded_in_parts: End(state=OrderState.PAID, credits=0),
    refund_failed: End(state=OrderState.PAID, credits=ALL),
    dispute_won: End(state=OrderState.PAID, credits=ALL, frozen=True),
    dispute_lost: End(state=OrderState.PAID, credits=0, frozen=True),
    refunded_and_disputed: End(state=OrderState.PAID, credits=0, frozen=True),
    inquiry: End(state=OrderState.PAID, credits=ALL),
    fraud_warning: End(state=OrderState.PAID, credits=ALL, frozen=True),
}


def names(story: Story) -> str:
    return story.__name__


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("story", STORIES, ids=names)
def test_any_order_of_events_ends_in_the_same_credits(story: Story, seed: int) -> None:
    """L12, PY4: shuffled, doubled, lost, early and late; then one sweep. The id is the seed."""
    dice = random.Random(f"{story.__name__} {seed}")
    with open_harness() as harness:
        owner = an_owner()
        order = harness.order(owner)
        checkout = checkout_of(order)
        waiting: list[str] = []
        for events in story(harness, checkout):
            for event in events:
                waiting += [event["id"]] * dice.choice([0, 1, 1, 2])
            dice.shuffle(waiting)
            for _ in range(dice.randint(0, len(waiting))):
                harness.hear(waiting.pop())
            if dice.random() < 0.5:
                harness.reconcile_notices()
            if dice.random() < 0.2:
                harness.view(owner, order.order_id)
        for event_id in waiting:
            harness.hear(event_id)
        dice.shuffle(harness.queue.notices)
        harness.reconcile_notices()
        assert_is(harness, owner, STORIES[story], after_sweep=True)
        entries = assert_books_are_right(harness.ledger, owner)
        before = len(entries)
        harness.sweep()
        assert len(assert_books_are_right(harness.ledger, owner)) == before, (
            "a second sweep is idle"
        )
        assert harness.queue.notices == []
        assert not harness.quarantine.payments


def assert_is(harness: PaymentsHarness, owner: OwnerId, end: End, *, after_sweep: bool) -> None:
    if after_sweep:
        report = harness.sweep()
        assert report.errors == []
    account = harness.ledger.account(owner)
    assert (account.available, account.debt) == (end.credits, 0)
    status = AccountStatus.FROZEN if end.frozen else AccountStatus.ACTIVE
    assert account.status is status
    (order,) = harness.orders.of(owner)
    assert order.state is end.state


@pytest.mark.parametrize("story", STORIES, ids=names)
def test_a_sweep_alone_is_enough(story: Story) -> None:
    """Every event is lost and the buyer never returns: the hourly sweep finds everything."""
    with open_harness() as harness:
        owner = an_owner()
        for _ in story(harness, checkout_of(harness.order(owner))):
            pass
        assert_is(harness, owner, STORIES[story], after_sweep=True)


def test_what_is_spent_already_becomes_debt_and_is_repaid_first() -> None:
    """L14: a refund after the credits are gone leaves a debt, and the next pack pays it."""
    with open_harness() as harness:
        owner = an_owner()
        checkout = checkout_of(harness.order(owner))
        harness.simulator.pay(checkout)
        harness.sweep()
        spend(harness.ledger, owner, 4)
        harness.simulator.refund(checkout)
        harness.sweep()
        account = harness.ledger.account(owner)
        assert (account.available, account.held, account.debt) == (0, 4, 4)

        harness.simulator.pay(checkout_of(harness.order(owner)))
        harness.sweep()
        account = harness.ledger.account(owner)
        assert (account.available, account.debt) == (ALL - 4, 0)
        assert_books_are_right(harness.ledger, owner, [HoldId("work")])


def spend(ledger: InMemoryLedger, owner: OwnerId, amount: int) -> None:
    account = ledger.account(owner)
    ledger.post(
        place_hold(
            account,
            hold_id=HoldId("work"),
            amount=Credits(amount),
            expires_at=EXPIRES,
            at=EXPIRES,
        )
    )


def test_an_operators_thaw_is_not_undone_by_old_news() -> None:
    """Each warning freezes once: after a person has looked, its duplicates change nothing."""
    with open_harness() as harness:
        owner = an_owner()
        checkout = checkout_of(harness.order(owner))
        harness.simulator.pay(checkout)
        _, events = harness.simulator.fraud_warning(checkout)
        harness.sweep()
        assert harness.ledger.account(owner).status is AccountStatus.FROZEN
        harness.ledger.set_status(owner, AccountStatus.ACTIVE)
        harness.hear(events[0]["id"])
        harness.reconcile_notices()
        harness.sweep()
        assert harness.ledger.account(owner).status is AccountStatus.ACTIVE
