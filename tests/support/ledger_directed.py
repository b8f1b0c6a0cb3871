"""
Stories that end well only if one certain condition of the ledger holds.

Each is run on good ledgers, where it must pass, and on ledgers from which that condition was
taken away, where it must not: only then is it known that the tests would notice.
"""

from dataclasses import replace

import pytest

from echoes.application.ports.clips import ClipChange
from echoes.application.ports.credits import Ledger
from echoes.domain.clips.clip import request_cancellation
from echoes.domain.credits.accounts import CreditAccount, Hold, Posting
from echoes.domain.credits.entries import EntryType
from echoes.domain.credits.holds import capture, place_hold, release
from echoes.domain.credits.postings import grant
from echoes.domain.errors import Conflict, HoldAlreadySettled, ReferenceMismatch
from echoes.domain.identifiers import Credits, HoldId, OwnerId
from tests.support.factories import a_clip, an_id, an_owner
from tests.support.ledger_books import all_entries, assert_books_are_right
from tests.support.ledger_operations import AT, EXPIRES


def a_reference_counts_once(ledger: Ledger) -> None:
    """CR5, L4: the guard of a reference."""
    owner, reference = an_owner(), an_id()
    first = ledger.post(_grant(ledger.account(owner), reference))
    assert ledger.post(_grant(ledger.account(owner), reference)) == first
    assert len(all_entries(ledger, owner)) == 1
    assert ledger.account(owner).available == 10


def other_content_is_refused(ledger: Ledger) -> None:
    """L7: the comparison of what was requested."""
    owner, reference = an_owner(), an_id()
    ledger.post(_grant(ledger.account(owner), reference))
    with pytest.raises(ReferenceMismatch):
        ledger.post(_grant(ledger.account(owner), reference, amount=11))


def no_write_is_lost(ledger: Ledger) -> None:
    """L5, L8: the account must be what the posting was computed from."""
    owner = an_owner()
    old = _rich(ledger, owner)
    acknowledged = set()
    for _ in range(2):
        try:
            acknowledged.add(ledger.post(_grant(old, an_id())))
        except Conflict:
            continue
    assert len(acknowledged) == 1
    assert acknowledged <= set(assert_books_are_right(ledger, owner))


def a_new_account_is_opened_once(ledger: Ledger) -> None:
    """L5, L8: two first grants, both computed from nothing."""
    owner = an_owner()
    nothing = CreditAccount(owner_id=owner)
    ledger.post(_grant(nothing, an_id()))
    with pytest.raises(Conflict):
        ledger.post(_grant(nothing, an_id()))
    assert_books_are_right(ledger, owner)


def a_hold_id_belongs_to_one_hold(ledger: Ledger) -> None:
    """L4: the hold guards itself."""
    owner, other, hold_id = an_owner(), an_owner(), HoldId(an_id())
    ledger.post(_hold(_rich(ledger, owner), hold_id))
    with pytest.raises(ReferenceMismatch):
        ledger.post(_hold(_rich(ledger, other), hold_id))
    assert_books_are_right(ledger, owner, [hold_id])


def a_hold_ends_once(ledger: Ledger) -> None:
    """L9: a torn read, with enough held elsewhere that the numbers fit."""
    owner, hold_id, elsewhere = an_owner(), HoldId(an_id()), HoldId(an_id())
    ledger.post(_hold(_rich(ledger, owner), hold_id))
    ledger.post(_hold(ledger.account(owner), elsewhere))
    old = _stored(ledger, hold_id)
    ledger.post(capture(ledger.account(owner), old, at=AT))
    with pytest.raises(HoldAlreadySettled):
        ledger.post(release(ledger.account(owner), old, at=AT))
    assert_books_are_right(ledger, owner, [hold_id, elsewhere])


def a_settlement_is_told_from_its_opposite(ledger: Ledger) -> None:
    """L9: released is not captured, even if nothing was spent in the end."""
    owner, hold_id = an_owner(), HoldId(an_id())
    ledger.post(_hold(_rich(ledger, owner), hold_id))
    before, hold = ledger.account(owner), _stored(ledger, hold_id)
    ledger.post(capture(before, hold, at=AT, cost=Credits(0)))
    with pytest.raises(HoldAlreadySettled):
        ledger.post(release(before, hold, at=AT))


def a_replay_is_known_whatever_else_fails(ledger: Ledger) -> None:
    """L7, DB1: the guard and the head fail together; the guard is what counts."""
    owner, hold_id = an_owner(), HoldId(an_id())
    clip = a_clip(owner_id=owner)
    begun, ended = ClipChange(clip=clip), ClipChange(clip=request_cancellation(clip, at=AT))
    posting = _hold(_rich(ledger, owner), hold_id)
    first = ledger.post(posting, alongside=begun)
    ledger.post(_grant(ledger.account(owner), an_id()))
    assert ledger.post(posting, alongside=begun) == first
    settled = capture(ledger.account(owner), _stored(ledger, hold_id), at=AT)
    first = ledger.post(settled, alongside=ended)
    ledger.post(_grant(ledger.account(owner), an_id()))
    assert ledger.post(settled, alongside=ended) == first


def a_conflict_is_no_replay(ledger: Ledger) -> None:
    """Rule 3: only the guard means "done before"; everything else means "read again"."""
    owner = an_owner()
    old = _rich(ledger, owner)
    _rich(ledger, owner)
    with pytest.raises(Conflict):
        ledger.post(_hold(old, HoldId(an_id())))


def a_clip_comes_with_its_hold(ledger: Ledger) -> None:
    """L10: a clip that was written meanwhile stops the hold."""
    owner, hold_id = an_owner(), HoldId(an_id())
    clip = a_clip(owner_id=owner)
    change = ClipChange(clip=clip)
    ledger.post(_hold(_rich(ledger, owner), HoldId(an_id())), alongside=change)
    with pytest.raises(Conflict):
        ledger.post(_hold(ledger.account(owner), hold_id), alongside=change)
    assert ledger.hold(hold_id) is None


def a_cost_is_not_more_than_there_is(ledger: Ledger) -> None:
    """L1: a posting computed from an account that never was cannot be stored."""
    owner = an_owner()
    real = _rich(ledger, owner)
    richer = replace(real, seq=real.seq + 1, available=Credits(1000))
    with pytest.raises(Conflict):
        ledger.post(_hold(richer, HoldId(an_id()), amount=1000))
    assert ledger.account(owner) == real


def _grant(account: CreditAccount, reference: str, *, amount: int = 10) -> Posting:
    return grant(
        account,
        type=EntryType.PURCHASE,
        reference=reference,
        amount=Credits(amount),
        at=AT,
        actor="system",
    )


def _hold(account: CreditAccount, hold_id: HoldId, *, amount: int = 4) -> Posting:
    return place_hold(account, hold_id=hold_id, amount=Credits(amount), expires_at=EXPIRES, at=AT)


def _rich(ledger: Ledger, owner: OwnerId) -> CreditAccount:
    ledger.post(_grant(ledger.account(owner), an_id()))
    return ledger.account(owner)


def _stored(ledger: Ledger, hold_id: HoldId) -> Hold:
    hold = ledger.hold(hold_id)
    assert hold is not None
    return hold


STORIES = (
    a_reference_counts_once,
    other_content_is_refused,
    no_write_is_lost,
    a_new_account_is_opened_once,
    a_hold_id_belongs_to_one_hold,
    a_hold_ends_once,
    a_settlement_is_told_from_its_opposite,
    a_replay_is_known_whatever_else_fails,
    a_conflict_is_no_replay,
    a_clip_comes_with_its_hold,
    a_cost_is_not_more_than_there_is,
)
