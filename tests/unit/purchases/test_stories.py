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
from tests.support.payments import Till, checkout_of, open_till

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


Story = Callable[[Till, CheckoutId], Moves]


def paid(till: Till, checkout: CheckoutId) -> Moves:
    yield till.simulator.pay(checkout)


def paid_free_by_code(till: Till, checkout: CheckoutId) -> Moves:
    till.simulator.apply_code(checkout, "FREE")
    yield till.simulator.pay(checkout)


def paid_half_by_code_and_half_refunded(till: Till, checkout: CheckoutId) -> Moves:
    till.simulator.apply_code(checkout, "HALF")
    yield till.simulator.pay(checkout)
    charged = round(PACK.amount_cents * 0.5)
    yield till.simulator.refund(checkout, charged // 2 + 1)[1]


def paid_later(till: Till, checkout: CheckoutId) -> Moves:
    yield till.simulator.pay_later(checkout)
    yield till.simulator.async_succeed(checkout)


def failed_later(till: Till, checkout: CheckoutId) -> Moves:
    yield till.simulator.pay_later(checkout)
    yield till.simulator.async_fail(checkout)


def declined_then_paid(till: Till, checkout: CheckoutId) -> Moves:
    yield till.simulator.decline(checkout)
    yield till.simulator.pay(checkout)


def expired(till: Till, checkout: CheckoutId) -> Moves:
    yield till.simulator.expire(checkout)


def refunded_in_parts(till: Till, checkout: CheckoutId) -> Moves:
    yield till.simulator.pay(checkout)
    yield till.simulator.refund(checkout, PACK.amount_cents // 3)[1]
    yield till.simulator.refund(checkout)[1]


def refund_failed(till: Till, checkout: CheckoutId) -> Moves:
    yield till.simulator.pay(checkout)
    refund, events = till.simulator.refund(checkout, pending=True)
    yield events
    yield till.simulator.move_refund(refund["id"], "fail")


def dispute_won(till: Till, checkout: CheckoutId) -> Moves:
    yield till.simulator.pay(checkout)
    dispute, events = till.simulator.dispute(checkout)
    yield events
    yield till.simulator.move_dispute(dispute["id"], "win")


def dispute_lost(till: Till, checkout: CheckoutId) -> Moves:
    yield till.simulator.pay(checkout)
    dispute, events = till.simulator.dispute(checkout)
    yield events
    yield till.simulator.move_dispute(dispute["id"], "lose")


def refunded_and_disputed(till: Till, checkout: CheckoutId) -> Moves:
    yield till.simulator.pay(checkout)
    yield till.simulator.refund(checkout, PACK.amount_cents // 2)[1]
    dispute, events = till.simulator.dispute(checkout)
    yield events
    yield till.simulator.move_dispute(dispute["id"], "lose")


def inquiry(till: Till, checkout: CheckoutId) -> Moves:
    yield till.simulator.pay(checkout)
    dispute, events = till.simulator.dispute(checkout, kind="inquiry")
    yield events
    yield till.simulator.move_dispute(dispute["id"], "close_inquiry")


def fraud_warning(till: Till, checkout: CheckoutId) -> Moves:
    yield till.simulator.pay(checkout)
    yield till.simulator.fraud_warning(checkout)[1]


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
    with open_till() as till:
        owner = an_owner()
        order = till.order(owner)
        checkout = checkout_of(order)
        waiting: list[str] = []
        for events in story(till, checkout):
            for event in events:
                waiting += [event["id"]] * dice.choice([0, 1, 1, 2])
            dice.shuffle(waiting)
            for _ in range(dice.randint(0, len(waiting))):
                till.hear(waiting.pop())
            if dice.random() < 0.5:
                till.reconcile_notices()
            if dice.random() < 0.2:
                till.view(owner, order.order_id)
        for event_id in waiting:
            till.hear(event_id)
        dice.shuffle(till.queue.notices)
        till.reconcile_notices()
        assert_is(till, owner, STORIES[story], after_sweep=True)
        entries = assert_books_are_right(till.ledger, owner)
        before = len(entries)
        till.sweep()
        assert len(assert_books_are_right(till.ledger, owner)) == before, "a second sweep is idle"
        assert till.queue.notices == []
        assert not till.quarantine.payments


def assert_is(till: Till, owner: OwnerId, end: End, *, after_sweep: bool) -> None:
    if after_sweep:
        report = till.sweep()
        assert report.errors == []
    account = till.ledger.account(owner)
    assert (account.available, account.debt) == (end.credits, 0)
    status = AccountStatus.FROZEN if end.frozen else AccountStatus.ACTIVE
    assert account.status is status
    (order,) = till.orders.of(owner)
    assert order.state is end.state


@pytest.mark.parametrize("story", STORIES, ids=names)
def test_a_sweep_alone_is_enough(story: Story) -> None:
    """Every event is lost and the buyer never returns: the hourly sweep finds everything."""
    with open_till() as till:
        owner = an_owner()
        for _ in story(till, checkout_of(till.order(owner))):
            pass
        assert_is(till, owner, STORIES[story], after_sweep=True)


def test_what_is_spent_already_becomes_debt_and_is_repaid_first() -> None:
    """L14: a refund after the credits are gone leaves a debt, and the next pack pays it."""
    with open_till() as till:
        owner = an_owner()
        checkout = checkout_of(till.order(owner))
        till.simulator.pay(checkout)
        till.sweep()
        spend(till.ledger, owner, 4)
        till.simulator.refund(checkout)
        till.sweep()
        account = till.ledger.account(owner)
        assert (account.available, account.held, account.debt) == (0, 4, 4)

        till.simulator.pay(checkout_of(till.order(owner)))
        till.sweep()
        account = till.ledger.account(owner)
        assert (account.available, account.debt) == (ALL - 4, 0)
        assert_books_are_right(till.ledger, owner, [HoldId("work")])


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
    with open_till() as till:
        owner = an_owner()
        checkout = checkout_of(till.order(owner))
        till.simulator.pay(checkout)
        _, events = till.simulator.fraud_warning(checkout)
        till.sweep()
        assert till.ledger.account(owner).status is AccountStatus.FROZEN
        till.ledger.set_status(owner, AccountStatus.ACTIVE)
        till.hear(events[0]["id"])
        till.reconcile_notices()
        till.sweep()
        assert till.ledger.account(owner).status is AccountStatus.ACTIVE
