"""What operators do to credits: alone up to a limit, above it in twos, and never twice."""

from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from dev.fakes.clock import FakeClock
from dev.fakes.ledger import Fault, InMemoryLedger
from dev.fakes.rewards import InMemoryDesk
from echoes.application.credits.adjust_credits import AdjustCredits, Adjusted, ApproveAdjustment
from echoes.application.credits.set_account_status import SetAccountStatus
from echoes.domain.credits.accounts import AccountStatus
from echoes.domain.credits.adjustments import (
    ALONE_UP_TO,
    APPROVAL_WITHIN,
    AdjustmentState,
    carry_out,
)
from echoes.domain.credits.postings import MAX_AMOUNT, EntryKind, place_hold
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
class Desk:
    """Operators at work."""

    clock: FakeClock = field(default_factory=FakeClock)
    store: InMemoryDesk = field(default_factory=InMemoryDesk)

    def __post_init__(self) -> None:
        self.ledger = InMemoryLedger(desk=self.store)
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
def desk() -> Desk:
    return Desk()


@pytest.fixture
def owner() -> OwnerId:
    return an_owner()


def test_a_small_adjustment_is_made_at_once(desk: Desk, owner: OwnerId) -> None:
    """The entry says who, why and for which ticket."""
    done = desk.adjust(owner, ALONE_UP_TO)
    assert done.entry is not None
    assert (done.entry.kind, done.entry.amount) == (EntryKind.ADJUSTMENT, ALONE_UP_TO)
    assert (done.entry.actor, done.entry.reason) == (ANN, "The film came late")
    assert done.entry.reference == f"{owner}/SUP-1"


def test_one_ticket_corrects_one_account_once(desk: Desk, owner: OwnerId) -> None:
    """The same again, by anybody, is the first entry; other content is refused."""
    first = desk.adjust(owner, 10)
    desk.adjust(owner, 3, ticket="SUP-2")
    assert desk.adjust(owner, 10, actor=BEN).entry == first.entry
    with pytest.raises(ReferenceMismatch):
        desk.adjust(owner, 11)
    assert desk.adjust(an_owner(), 11).entry is not None
    assert desk.ledger.account(owner).available == 13


@pytest.mark.parametrize("amount", [MUCH, -MUCH])
def test_a_large_adjustment_waits_for_a_second_operator(
    desk: Desk, owner: OwnerId, amount: int
) -> None:
    """Giving or taking: nothing moves until somebody else agrees; the entry names both."""
    asked = desk.adjust(owner, amount)
    assert (asked.entry, asked.request.state) == (None, AdjustmentState.PENDING)
    assert not all_entries(desk.ledger, owner)
    done = desk.approve(asked.request.adjustment_id, actor=BEN)
    assert done.entry is not None
    assert (done.entry.amount, done.entry.actor) == (amount, "ann&ben")
    assert done.request.state is AdjustmentState.POSTED
    assert_books_are_right(desk.ledger, owner)


def test_nobody_agrees_to_their_own_wish(desk: Desk, owner: OwnerId) -> None:
    """Neither by approving it, nor by asking a second time."""
    asked = desk.adjust(owner, MUCH)
    with pytest.raises(SecondOperatorNeeded):
        desk.approve(asked.request.adjustment_id, actor=ANN)
    assert desk.adjust(owner, MUCH).entry is None
    assert desk.adjust(owner, MUCH, actor=BEN).entry is None, "asking again is no approval"
    assert not all_entries(desk.ledger, owner)


def test_who_repeats_a_wish_does_not_become_its_author(desk: Desk, owner: OwnerId) -> None:
    """Ben repeats what Ann asked for: Ann still cannot agree, and Ben can."""
    asked = desk.adjust(owner, MUCH)
    desk.adjust(owner, MUCH, actor=BEN)
    with pytest.raises(SecondOperatorNeeded):
        desk.approve(asked.request.adjustment_id, actor=ANN)
    assert desk.approve(asked.request.adjustment_id, actor=BEN).entry is not None


def test_nothing_large_is_carried_out_without_consent(desk: Desk, owner: OwnerId) -> None:
    """The rule itself refuses, whichever use case forgets to ask."""
    asked = desk.adjust(owner, MUCH).request
    with pytest.raises(SecondOperatorNeeded):
        carry_out(asked, desk.ledger.account(owner), at=desk.clock.now())


def test_an_approval_counts_once(desk: Desk, owner: OwnerId) -> None:
    """Two approvers, or one who repeats it: one entry."""
    asked = desk.adjust(owner, MUCH)
    first = desk.approve(asked.request.adjustment_id, actor=BEN)
    assert desk.approve(asked.request.adjustment_id, actor=EVE) == first
    assert desk.adjust(owner, MUCH) == first
    assert len(all_entries(desk.ledger, owner)) == 1


def test_an_approval_that_comes_too_late_counts_for_nothing(desk: Desk, owner: OwnerId) -> None:
    """After a week it has to be asked for anew, with another ticket."""
    asked = desk.adjust(owner, MUCH)
    desk.clock.advance(APPROVAL_WITHIN + timedelta(seconds=1))
    with pytest.raises(InvalidRequest):
        desk.approve(asked.request.adjustment_id, actor=BEN)
    assert not all_entries(desk.ledger, owner)


def test_what_nobody_asked_for_cannot_be_approved(desk: Desk) -> None:
    """404."""
    with pytest.raises(NotFound):
        desk.approve(AdjustmentId(an_id()), actor=BEN)


@pytest.mark.parametrize("amount", [0, MAX_AMOUNT + 1, -MAX_AMOUNT - 1])
def test_an_amount_nobody_may_move_is_refused_when_asked_for(
    desk: Desk, owner: OwnerId, amount: int
) -> None:
    """Not only when somebody approves it."""
    with pytest.raises(InvalidRequest):
        desk.adjust(owner, amount)


@pytest.mark.parametrize("fault", [Fault.LOST_REPLY, Fault.THROTTLED, Fault.CONFLICT])
def test_an_approval_survives_faults(desk: Desk, owner: OwnerId, fault: Fault) -> None:
    """L6: entry and request change together, so a repetition finds either both or neither."""
    asked = desk.adjust(owner, MUCH)
    desk.ledger.inject(fault)
    try:
        desk.approve(asked.request.adjustment_id, actor=BEN)
    except Unavailable:
        desk.approve(asked.request.adjustment_id, actor=BEN)
    assert desk.ledger.account(owner).available == MUCH
    assert len(all_entries(desk.ledger, owner)) == 1


def in_debt(desk: Desk, owner: OwnerId, debt: int) -> None:
    desk.adjust(owner, -debt, ticket="DEBT")
    assert desk.ledger.account(owner).debt == debt


def test_a_write_off_lowers_a_debt_and_gives_nothing(desk: Desk, owner: OwnerId) -> None:
    """L14: an entry with a reason; nothing can be spent that could not be before."""
    in_debt(desk, owner, 8)
    done = desk.adjust(owner, 8, write_off=True)
    assert done.entry is not None
    account = desk.ledger.account(owner)
    assert (account.available, account.debt) == (0, 0)


@pytest.mark.parametrize("amount", [9, 0, -1])
def test_a_write_off_is_no_gift(desk: Desk, owner: OwnerId, amount: int) -> None:
    """More than is owed is refused, and so is what would add to a debt."""
    in_debt(desk, owner, 8)
    with pytest.raises(InvalidRequest) as refused:
        desk.adjust(owner, amount, write_off=True)
    assert refused.value.field == "amount"
    assert desk.ledger.account(owner).debt == 8


def test_a_write_off_repeated_is_the_first(desk: Desk, owner: OwnerId) -> None:
    """Although nothing is owed any more. As a plain adjustment the ticket is refused."""
    in_debt(desk, owner, 8)
    first = desk.adjust(owner, 8, write_off=True)
    assert desk.adjust(owner, 8, write_off=True) == first
    with pytest.raises(ReferenceMismatch):
        desk.adjust(owner, 8)


def test_a_large_write_off_needs_two_and_is_checked_again(desk: Desk, owner: OwnerId) -> None:
    """Whatever was owed when it was asked for: what counts is what is owed when it is done."""
    adjusted = desk.adjust(owner, -MUCH, ticket="DEBT")
    desk.approve(adjusted.request.adjustment_id, actor=BEN)
    asked = desk.adjust(owner, MUCH, write_off=True)
    assert asked.entry is None
    desk.adjust(owner, 1, ticket="SUP-9")
    with pytest.raises(InvalidRequest):
        desk.approve(asked.request.adjustment_id, actor=BEN)


def test_a_frozen_account_spends_nothing_until_it_is_thawed(desk: Desk, owner: OwnerId) -> None:
    """Credits stay as they are; freezing and thawing may be repeated."""
    set_status = SetAccountStatus(freezer=desk.ledger, ledger=desk.ledger, clock=desk.clock)
    with pytest.raises(NotFound):
        set_status(owner, AccountStatus.FROZEN)
    desk.adjust(owner, 5)
    for _ in range(2):
        assert set_status(owner, AccountStatus.FROZEN).status is AccountStatus.FROZEN
    with pytest.raises(AccountFrozen):
        hold_one(desk, owner)
    for _ in range(2):
        assert set_status(owner, AccountStatus.ACTIVE).available == 5
    hold_one(desk, owner)
    assert desk.ledger.account(owner).held == 1


def hold_one(desk: Desk, owner: OwnerId) -> None:
    at = desk.clock.now()
    account = desk.ledger.account(owner)
    posting = place_hold(
        account,
        hold_id=HoldId(an_id()),
        amount=Credits(1),
        expires_at=at + timedelta(hours=1),
        at=at,
    )
    desk.ledger.post(posting)
