"""The ledger compared with Stripe, both ways, every night (R4, R5)."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from dev.fakes.audit import InMemoryBooks
from dev.fakes.clips import InMemoryClips
from echoes.application.audit.audit_payments import SETTLING, AuditPayments
from echoes.domain.audit.books import BookFault, Rule
from echoes.domain.credits.entries import EntryType
from echoes.domain.credits.postings import grant
from echoes.domain.identifiers import CheckoutId, Credits, OwnerId
from echoes.domain.purchases.packs import PACKS
from echoes.domain.purchases.payment_keys import PaymentKey, PaymentObject
from tests.support.factories import an_owner
from tests.support.payments_harness import PaymentsHarness, checkout_of, open_harness

PACK = PACKS[0]


@pytest.fixture
def harness() -> Iterator[PaymentsHarness]:
    with open_harness() as opened:
        yield opened


def bought(
    harness: PaymentsHarness, owner: OwnerId | None = None, *, code: str | None = None
) -> CheckoutId:
    """Return a checkout that was paid and granted."""
    checkout = checkout_of(harness.order(owner or an_owner()))
    if code is not None:
        harness.simulator.apply_code(checkout, code)
    harness.simulator.pay(checkout)
    settled(harness, checkout)
    return checkout


def settled(harness: PaymentsHarness, checkout: CheckoutId) -> None:
    harness.reconcile(PaymentKey(about=PaymentObject.CHECKOUT, id=checkout))


def compared(harness: PaymentsHarness) -> list[tuple[BookFault, ...]]:
    audit = AuditPayments(
        payments=harness.payments,
        purchases=harness.ledger,
        books=InMemoryBooks(harness.ledger, InMemoryClips()),
        clock=harness.clock,
        live=False,
    )
    return [step.faults for step in audit(until=harness.clock.now() + timedelta(minutes=9))]


def found(harness: PaymentsHarness) -> set[Rule]:
    return {fault.rule for faults in compared(harness) for fault in faults}


def test_payments_that_agree_are_found_in_order(harness: PaymentsHarness) -> None:
    """R4, R5: paid, paid by code, refunded in part, disputed and unpaid: each as Stripe has it."""
    for code in (None, "FREE", "HALF"):
        bought(harness, code=code)
    refunded = bought(harness)
    harness.simulator.refund(refunded, PACK.amount_cents // 3)
    settled(harness, refunded)
    harness.order(an_owner())
    assert compared(harness) == [(), (), (), ()]


def test_a_payment_that_bought_nothing_is_found(harness: PaymentsHarness) -> None:
    """R4, L11: the money is there, the credits are not; it is reported until it is resolved."""
    owner = an_owner()
    checkout = checkout_of(harness.order(owner))
    harness.simulator.pay(checkout)
    (faults,) = compared(harness)
    assert [(fault.rule, fault.owner_id) for fault in faults] == [(Rule.SESSIONS, owner)]
    settled(harness, checkout)
    assert found(harness) == set()


def test_a_refund_nobody_posted_is_found(harness: PaymentsHarness) -> None:
    """R5, L12: what is taken back must be what Stripe's present state asks for."""
    checkout = bought(harness)
    harness.simulator.refund(checkout, PACK.amount_cents)
    assert found(harness) == {Rule.REVERSALS}
    settled(harness, checkout)
    assert found(harness) == set()


def forge(harness: PaymentsHarness, checkout: CheckoutId, **changes: object) -> None:
    kept = harness.ledger._purchases
    kept[checkout] = replace(kept[checkout], **changes)  # type: ignore[arg-type]  # any field


FORGERIES: dict[str, tuple[dict[str, object], Rule]] = {
    "more credits": ({"credits": Credits(9_999)}, Rule.SESSIONS),
    "another owner": ({"owner_id": OwnerId("mallory")}, Rule.SESSIONS),
    "another amount": ({"amount_total": 1}, Rule.SESSIONS),
    "taken back for nothing": ({"reversed": Credits(1)}, Rule.REVERSALS),
}


@pytest.mark.parametrize("name", FORGERIES)
def test_a_purchase_changed_behind_our_back_is_found(harness: PaymentsHarness, name: str) -> None:
    """R4, R5: right credits, right buyer, right amount, right reversal."""
    changes, rule = FORGERIES[name]
    forge(harness, bought(harness), **changes)
    assert rule in found(harness)


def lose_entry(harness: PaymentsHarness, checkout: CheckoutId) -> None:
    guards = harness.ledger._guards
    for key in [key for key in guards if key[2] == checkout]:
        del guards[key]


def lose_purchase(harness: PaymentsHarness, checkout: CheckoutId) -> None:
    del harness.ledger._purchases[checkout]


@pytest.mark.parametrize("lose", [lose_entry, lose_purchase])
def test_a_purchase_without_its_other_half_is_found(
    harness: PaymentsHarness, lose: Callable[[PaymentsHarness, CheckoutId], None]
) -> None:
    """R4: a purchase and its entry exist together or not at all."""
    checkout = bought(harness)
    lose(harness, checkout)
    assert found(harness) == {Rule.SESSIONS}


def test_credits_granted_for_a_payment_that_never_was_are_found(harness: PaymentsHarness) -> None:
    """R4, the way back: an entry that says "bought" must have a paid checkout."""
    owner = an_owner()
    harness.ledger.post(
        grant(
            harness.ledger.account(owner),
            type=EntryType.PURCHASE,
            reference="cs_test_made_up",
            amount=Credits(500),
            at=harness.clock.now(),
            actor="mallory",
        )
    )
    assert compared(harness) == []  # too young to tell: it may be on its way
    harness.clock.advance(SETTLING + timedelta(minutes=1))
    (faults,) = compared(harness)
    assert [(fault.rule, fault.owner_id) for fault in faults] == [(Rule.SESSIONS, owner)]


def test_no_payment_is_begun_when_the_time_is_up(harness: PaymentsHarness) -> None:
    """What was not compared tonight is compared tomorrow."""
    bought(harness)
    audit = AuditPayments(
        payments=harness.payments,
        purchases=harness.ledger,
        books=InMemoryBooks(harness.ledger, InMemoryClips()),
        clock=harness.clock,
        live=False,
    )
    assert list(audit(until=harness.clock.now())) == []
