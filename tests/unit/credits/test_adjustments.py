"""What operators do to credits: alone up to a limit, above it in twos, and never twice."""

from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from dev.fakes.clock import FakeClock
from dev.fakes.credits import Fault, InMemoryLedger
from dev.fakes.rewards import InMemoryRewards
from echoes.application.credits.adjust_credits import AdjustCredits, Adjusted, ApproveAdjustment
from echoes.application.credits.set_account_status import SetAccountStatus
from echoes.domain.credits.accounts import AccountStatus
from echoes.domain.credits.adjustments import (
    ALONE_UP_TO,
    APPROVAL_WITHIN,
    AdjustmentState,
    carry_out,
)
from echoes.domain.credits.entries import EntryKind
from echoes.domain.credits.holds import place_hold
from echoes.domain.credits.postings import MAX_AMOUNT
from echoes.domain.errors import (
    AccountFrozen,
    InvalidRequest,
    NotFound,
    ReferenceMismatch,
    SecondOperatorNeeded,
    Unavailable,
)
from echoes.domain.identifiers import AdjustmentId, Credits, HoldId, OwnerId
from tests.support.factories import an_id, an_owner
from tests.support.ledger_books import all_entries, assert_books_are_right

MUCH = Credits(ALONE_UP_TO + 1)
ANN, BEN, EVE = OwnerId("ann"), OwnerId("ben"), OwnerId("eve")


@dataclass
class Operators:
    """Operators at work."""

    clock: FakeClock = field(default_factory=FakeClock)
    store: InMemoryRewards = field(default_factory=InMemoryRewards)

    def __post_init__(self) -> None:
        self.ledger = InMemoryLedger(rewards=self.store)
        parts = {"ledger": self.ledger, "requests": self.store.requests, "clock": self.clock}
        self.adjust_credits = AdjustCredits(**parts)  # type: ignore[arg-type]  # one by one
        self.approve = ApproveAdjustment(**parts)  # type: ignore[arg-type]  # the same

    def adjust(
        self,
        owner: OwnerId,
        amount: int,
        *,
        ticket: str = "SUP-1",
        actor: OwnerId = ANN,
        write_off: bool = False,
    ) -> Adjusted:
        return self.adjust_credits(
            owner,
            amount=Credits(amount),
            ticket=ticket,
            actor=actor,
            reason="The film came late",
            write_off=write_off,
        )


@pytest.fixture
def operators() -> Operators:
    return Operators()


@pytest.fixture
def owner() -> OwnerId:
    return an_owner()


def test_a_small_adjustment_is_made_at_once(operators: Operators, owner: OwnerId) -> None:
    """The entry says who, why and for which ticket."""
    done = operators.adjust(owner, ALONE_UP_TO)
    assert done.entry is not None
    assert (done.entry.kind, done.entry.amount) == (EntryKind.ADJUSTMENT, ALONE_UP_TO)
    assert (done.entry.actor, done.entry.reason) == (ANN, "The film came late")
    assert done.entry.reference == f"{owner}/SUP-1"


def test_one_ticket_corrects_one_account_once(operators: Operators, owner: OwnerId) -> None:
    """The same again, by anybody, is the first entry; other content is refused."""
    first = operators.adjust(owner, 10)
    operators.adjust(owner, 3, ticket="SUP-2")
    assert operators.adjust(owner, 10, actor=BEN).entry == first.entry
    with pytest.raises(ReferenceMismatch):
        operators.adjust(owner, 11)
    assert operators.adjust(an_owner(), 11).entry is not None
    assert operators.ledger.account(owner).available == 13


@pytest.mark.parametrize("amount", [MUCH, -MUCH])
def test_a_large_adjustment_waits_for_a_second_operator(
    operators: Operators, owner: OwnerId, amount: int
) -> None:
    """Giving or taking: nothing moves until a second operator agrees; the entry names both."""
    asked = operators.adjust(owner, amount)
    assert (asked.entry, asked.request.state) == (None, AdjustmentState.PENDING)
    assert not all_entries(operators.ledger, owner)
    done = operators.approve(asked.request.adjustment_id, actor=BEN)
    assert done.entry is not None
    assert (done.entry.amount, done.entry.actor) == (amount, "ann&ben")
    assert done.request.state is AdjustmentState.POSTED
    assert_books_are_right(operators.ledger, owner)


def test_nobody_agrees_to_their_own_request(operators: Operators, owner: OwnerId) -> None:
    """Neither by approving it, nor by asking a second time."""
    asked = operators.adjust(owner, MUCH)
    with pytest.raises(SecondOperatorNeeded):
        operators.approve(asked.request.adjustment_id, actor=ANN)
    assert operators.adjust(owner, MUCH).entry is None
    assert operators.adjust(owner, MUCH, actor=BEN).entry is None, "asking again is no approval"
    assert not all_entries(operators.ledger, owner)


def test_who_repeats_a_request_does_not_become_its_author(
    operators: Operators, owner: OwnerId
) -> None:
    """Ben repeats what Ann asked for: Ann still cannot agree, and Ben can."""
    asked = operators.adjust(owner, MUCH)
    operators.adjust(owner, MUCH, actor=BEN)
    with pytest.raises(SecondOperatorNeeded):
        operators.approve(asked.request.adjustment_id, actor=ANN)
    assert operators.approve(asked.request.adjustment_id, actor=BEN).entry is not None


def test_nothing_large_is_carried_out_without_consent(operators: Operators, owner: OwnerId) -> None:
    """The rule itself refuses, whichever use case forgets to ask."""
    asked = operators.adjust(owner, MUCH).request
    with pytest.raises(SecondOperatorNeeded):
        carry_out(asked, operators.ledger.account(owner), at=operators.clock.now())


def test_an_approval_counts_once(operators: Operators, owner: OwnerId) -> None:
    """Two approvers, or one who repeats it: one entry."""
    asked = operators.adjust(owner, MUCH)
    first = operators.approve(asked.request.adjustment_id, actor=BEN)
    assert operators.approve(asked.request.adjustment_id, actor=EVE) == first
    assert operators.adjust(owner, MUCH) == first
    assert len(all_entries(operators.ledger, owner)) == 1


def test_an_approval_that_comes_too_late_counts_for_nothing(
    operators: Operators, owner: OwnerId
) -> None:
    """After a week it has to be requested again, with another ticket."""
    asked = operators.adjust(owner, MUCH)
    operators.clock.advance(APPROVAL_WITHIN + timedelta(seconds=1))
    with pytest.raises(InvalidRequest):
        operators.approve(asked.request.adjustment_id, actor=BEN)
    assert not all_entries(operators.ledger, owner)


def test_what_nobody_asked_for_cannot_be_approved(operators: Operators) -> None:
    """404."""
    with pytest.raises(NotFound):
        operators.approve(AdjustmentId(an_id()), actor=BEN)


@pytest.mark.parametrize("amount", [0, MAX_AMOUNT + 1, -MAX_AMOUNT - 1])
def test_an_amount_nobody_may_move_is_refused_when_asked_for(
    operators: Operators, owner: OwnerId, amount: int
) -> None:
    """Not only when it is approved."""
    with pytest.raises(InvalidRequest):
        operators.adjust(owner, amount)


@pytest.mark.parametrize("fault", [Fault.LOST_REPLY, Fault.THROTTLED, Fault.CONFLICT])
def test_an_approval_survives_faults(operators: Operators, owner: OwnerId, fault: Fault) -> None:
    """L6: entry and request change together, so a repetition finds either both or neither."""
    asked = operators.adjust(owner, MUCH)
    operators.ledger.inject(fault)
    try:
        operators.approve(asked.request.adjustment_id, actor=BEN)
    except Unavailable:
        operators.approve(asked.request.adjustment_id, actor=BEN)
    assert operators.ledger.account(owner).available == MUCH
    assert len(all_entries(operators.ledger, owner)) == 1


def in_debt(operators: Operators, owner: OwnerId, debt: int) -> None:
    operators.adjust(owner, -debt, ticket="DEBT")
    assert operators.ledger.account(owner).debt == debt


def test_a_write_off_lowers_a_debt_and_gives_nothing(operators: Operators, owner: OwnerId) -> None:
    """L14: an entry with a reason; nothing can be spent that could not be before."""
    in_debt(operators, owner, 8)
    done = operators.adjust(owner, 8, write_off=True)
    assert done.entry is not None
    account = operators.ledger.account(owner)
    assert (account.available, account.debt) == (0, 0)


@pytest.mark.parametrize("amount", [9, 0, -1])
def test_a_write_off_is_no_gift(operators: Operators, owner: OwnerId, amount: int) -> None:
    """More than is owed is refused, and so is what would add to a debt."""
    in_debt(operators, owner, 8)
    with pytest.raises(InvalidRequest) as refused:
        operators.adjust(owner, amount, write_off=True)
    assert refused.value.field == "amount"
    assert operators.ledger.account(owner).debt == 8


def test_a_write_off_repeated_is_the_first(operators: Operators, owner: OwnerId) -> None:
    """Although nothing is owed any more. As a plain adjustment the ticket is refused."""
    in_debt(operators, owner, 8)
    first = operators.adjust(owner, 8, write_off=True)
    assert operators.adjust(owner, 8, write_off=True) == first
    with pytest.raises(ReferenceMismatch):
        operators.adjust(owner, 8)


def test_a_large_write_off_needs_two_and_is_checked_again(
    operators: Operators, owner: OwnerId
) -> None:
    """The debt at the time of approval counts, not the debt at the request."""
    adjusted = operators.adjust(owner, -MUCH, ticket="DEBT")
    operators.approve(adjusted.request.adjustment_id, actor=BEN)
    asked = operators.adjust(owner, MUCH, write_off=True)
    assert asked.entry is None
    operators.adjust(owner, 1, ticket="SUP-9")
    with pytest.raises(InvalidRequest):
        operators.approve(asked.request.adjustment_id, actor=BEN)


def test_a_frozen_account_spends_nothing_until_it_is_thawed(
    operators: Operators, owner: OwnerId
) -> None:
    """Credits stay as they are; freezing and thawing may be repeated."""
    set_status = SetAccountStatus(
        freezer=operators.ledger, ledger=operators.ledger, clock=operators.clock
    )
    with pytest.raises(NotFound):
        set_status(owner, AccountStatus.FROZEN)
    operators.adjust(owner, 5)
    for _ in range(2):
        assert set_status(owner, AccountStatus.FROZEN).status is AccountStatus.FROZEN
    with pytest.raises(AccountFrozen):
        hold_one(operators, owner)
    for _ in range(2):
        assert set_status(owner, AccountStatus.ACTIVE).available == 5
    hold_one(operators, owner)
    assert operators.ledger.account(owner).held == 1


def hold_one(operators: Operators, owner: OwnerId) -> None:
    at = operators.clock.now()
    account = operators.ledger.account(owner)
    posting = place_hold(
        account,
        hold_id=HoldId(an_id()),
        amount=Credits(1),
        expires_at=at + timedelta(hours=1),
        at=at,
    )
    operators.ledger.post(posting)
