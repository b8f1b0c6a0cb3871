"""What every `Ledger` promises: the one in memory and the one in DynamoDB."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from pynamodb.connection import Connection

from dev.fakes.clips import InMemoryClips
from dev.fakes.credits import InMemoryLedger
from echoes.adapters.dynamodb.clips.clips import DynamoClips
from echoes.adapters.dynamodb.credits.ledger import DynamoLedger
from echoes.application.ports.clips import ClipChange, Clips
from echoes.application.ports.credits import MAX_PAGE, Ledger
from echoes.domain.clips.clip import fail
from echoes.domain.credits.accounts import AccountStatus, CreditAccount, Hold, HoldStatus, Posting
from echoes.domain.credits.entries import Entry, EntryKind, EntryType
from echoes.domain.credits.holds import capture, place_hold, release
from echoes.domain.credits.postings import adjust, grant, reverse
from echoes.domain.error_catalogue import ErrorCode
from echoes.domain.errors import (
    AccountFrozen,
    Conflict,
    HoldAlreadySettled,
    NotFound,
    ReferenceMismatch,
)
from echoes.domain.identifiers import Credits, HoldId, OwnerId
from tests.support.factories import NOON, a_clip, an_id, an_owner
from tests.support.ledger_books import all_entries, assert_books_are_right
from tests.support.ledger_operations import Outcome, Scene, interleavings, settling
from tests.support.storage import CREDIT_ENTRIES, CREDIT_STATE, RECORDS


@dataclass(frozen=True)
class Bank:
    """A ledger under test, the clips beside it, and an operator's hand."""

    ledger: Ledger
    clips: Clips
    freeze: Callable[[OwnerId], None]


@pytest.fixture(params=["memory", "dynamodb"])
def bank(request: pytest.FixtureRequest) -> Bank:
    if request.param == "memory":
        library = InMemoryClips()
        memory = InMemoryLedger(clips=library)
        return Bank(ledger=memory, clips=library, freeze=memory.freeze)
    connection: Connection = request.getfixturevalue("connection")
    client: Any = request.getfixturevalue("dynamodb")
    return Bank(
        ledger=DynamoLedger(
            entries_table=CREDIT_ENTRIES,
            state_table=CREDIT_STATE,
            records_table=RECORDS,
            connection=connection,
        ),
        clips=DynamoClips(RECORDS, connection),
        freeze=lambda owner: client.update_item(
            TableName=CREDIT_STATE,
            Key={"pk": {"S": f"U#{owner}"}, "sk": {"S": "HEAD"}},
            UpdateExpression="SET #status = :frozen",
            ExpressionAttributeNames={"#status": "status"},
            ExpressionAttributeValues={":frozen": {"S": AccountStatus.FROZEN.value}},
        ),
    )


@pytest.fixture
def ledger(bank: Bank) -> Ledger:
    return bank.ledger


@pytest.fixture
def owner() -> OwnerId:
    return an_owner()


@pytest.fixture
def hold_id() -> HoldId:
    return HoldId(an_id())


def a_grant(account: CreditAccount, *, amount: int = 10, reference: str | None = None) -> Posting:
    return grant(
        account,
        type=EntryType.PURCHASE,
        reference=reference or an_id(),
        amount=Credits(amount),
        at=NOON,
        actor=account.owner_id,
    )


def rich(ledger: Ledger, owner: OwnerId, amount: int = 10) -> CreditAccount:
    ledger.post(a_grant(ledger.account(owner), amount=amount))
    return ledger.account(owner)


def a_hold(
    account: CreditAccount, hold_id: HoldId, *, amount: int = 4, minutes: int = 60
) -> Posting:
    return place_hold(
        account,
        hold_id=hold_id,
        amount=Credits(amount),
        expires_at=NOON + timedelta(minutes=minutes),
        at=NOON,
    )


def held(ledger: Ledger, owner: OwnerId, hold_id: HoldId) -> tuple[CreditAccount, Hold]:
    ledger.post(a_hold(rich(ledger, owner), hold_id))
    return ledger.account(owner), stored_hold(ledger, hold_id)


def stored_hold(ledger: Ledger, hold_id: HoldId) -> Hold:
    hold = ledger.hold(hold_id)
    assert hold is not None
    return hold


def test_who_never_had_credits_has_an_empty_account(ledger: Ledger, owner: OwnerId) -> None:
    """CR3: a balance of 0, not an error."""
    assert ledger.account(owner) == CreditAccount(owner_id=owner)
    assert ledger.hold(HoldId("none")) is None
    assert ledger.entries(owner, before=None, limit=5).entries == ()


def test_what_was_posted_is_there_to_the_letter(
    ledger: Ledger, owner: OwnerId, hold_id: HoldId
) -> None:
    """L5, L17: account, hold and entries read back equal what was computed."""
    first = a_grant(ledger.account(owner))
    assert ledger.post(first) == first.entry
    assert ledger.account(owner) == first.after
    second = a_hold(first.after, hold_id)
    assert ledger.post(second) == second.entry
    assert ledger.account(owner) == second.after
    assert ledger.hold(hold_id) == second.hold
    third = capture(second.after, stored_hold(ledger, hold_id), at=NOON, cost=Credits(3))
    ledger.post(third)
    assert ledger.account(owner) == third.after
    assert ledger.hold(hold_id) == third.hold
    assert all_entries(ledger, owner) == [first.entry, second.entry, third.entry]
    assert_books_are_right(ledger, owner, [hold_id])


def test_the_same_reference_twice_is_one_entry(ledger: Ledger, owner: OwnerId) -> None:
    """CR5, L4, L7: a repetition gets the first result, however the account looks by then."""
    first = ledger.post(a_grant(ledger.account(owner), reference=f"cs_{owner}"))
    rich(ledger, owner)
    before = ledger.account(owner)
    again = a_grant(before, reference=f"cs_{owner}")
    assert ledger.post(again) == first
    assert ledger.account(owner) == before
    assert len(all_entries(ledger, owner)) == 2


def test_a_repetition_computed_from_the_same_state_is_a_repetition_too(
    ledger: Ledger, owner: OwnerId
) -> None:
    """L7: a response was lost, and the same posting is repeated."""
    posting = a_grant(ledger.account(owner))
    assert ledger.post(posting) == ledger.post(posting)
    assert len(all_entries(ledger, owner)) == 1


@pytest.mark.parametrize("amount", [9, 11])
def test_the_same_reference_for_another_amount_is_refused(
    ledger: Ledger, owner: OwnerId, amount: int
) -> None:
    """L7: same reference, other content: an error and no change."""
    ledger.post(a_grant(ledger.account(owner), reference=f"cs_{owner}"))
    before = ledger.account(owner)
    with pytest.raises(ReferenceMismatch):
        ledger.post(a_grant(before, reference=f"cs_{owner}", amount=amount))
    assert ledger.account(owner) == before


def test_one_payment_credits_one_owner(ledger: Ledger, owner: OwnerId) -> None:
    """L4: a reference is used once over all owners."""
    ledger.post(a_grant(ledger.account(owner), reference=f"cs_{owner}"))
    thief = an_owner()
    with pytest.raises(ReferenceMismatch):
        ledger.post(a_grant(ledger.account(thief), reference=f"cs_{owner}"))
    assert ledger.account(thief).available == 0


def test_a_purchase_and_its_refund_may_share_a_reference(ledger: Ledger, owner: OwnerId) -> None:
    """CR5: one row for each reference and kind."""
    ledger.post(a_grant(ledger.account(owner), reference=f"cs_{owner}"))
    account = ledger.account(owner)
    refund = reverse(account, reference=f"cs_{owner}", amount=Credits(12), at=NOON, actor="system")
    ledger.post(refund)
    assert (ledger.account(owner).available, ledger.account(owner).debt) == (0, 2)
    assert_books_are_right(ledger, owner)


def test_a_posting_on_an_old_account_is_a_conflict(ledger: Ledger, owner: OwnerId) -> None:
    """L8: a write needs the newest state."""
    old = rich(ledger, owner)
    newer = rich(ledger, owner)
    for stale in (a_grant(old), a_grant(CreditAccount(owner_id=owner))):
        with pytest.raises(Conflict):
            ledger.post(stale)
    assert ledger.account(owner) == newer
    assert_books_are_right(ledger, owner)


def test_a_hold_again_is_the_first_hold(ledger: Ledger, owner: OwnerId, hold_id: HoldId) -> None:
    """L7: also when it would expire later, and when it was settled meanwhile."""
    account, hold = held(ledger, owner, hold_id)
    again = a_hold(account, hold_id, minutes=90)
    first = ledger.post(again)
    assert (first.kind, first.seq) == (EntryKind.HOLD, 2)
    ledger.post(release(account, hold, at=NOON))
    assert ledger.post(a_hold(ledger.account(owner), hold_id)) == first
    assert stored_hold(ledger, hold_id).status is HoldStatus.RELEASED
    assert ledger.account(owner).available == 10


def test_a_hold_with_the_same_id_and_other_content_is_refused(
    ledger: Ledger, owner: OwnerId, hold_id: HoldId
) -> None:
    """L7: another amount or another owner is another request."""
    account, _ = held(ledger, owner, hold_id)
    with pytest.raises(ReferenceMismatch):
        ledger.post(a_hold(account, hold_id, amount=5))
    other = rich(ledger, an_owner())
    with pytest.raises(ReferenceMismatch):
        ledger.post(a_hold(other, hold_id))


@pytest.mark.parametrize("settle", [capture, release])
def test_a_settlement_again_is_the_first_settlement(
    ledger: Ledger, owner: OwnerId, hold_id: HoldId, settle: Callable[..., Posting]
) -> None:
    """L7, L9: same outcome asked twice, one entry; also from a hold read long ago."""
    account, hold = held(ledger, owner, hold_id)
    posting = settle(account, hold, at=NOON)
    first = ledger.post(posting)
    assert ledger.post(posting) == first
    torn = replace(ledger.account(owner), held=account.held)
    assert ledger.post(settle(torn, hold, at=NOON)) == first
    assert_books_are_right(ledger, owner, [hold_id])


@pytest.mark.parametrize(("first", "second"), [(capture, release), (release, capture)])
def test_a_hold_is_never_settled_both_ways(
    ledger: Ledger,
    owner: OwnerId,
    hold_id: HoldId,
    first: Callable[..., Posting],
    second: Callable[..., Posting],
) -> None:
    """L9: the loser gets an error, and changes nothing."""
    account, hold = held(ledger, owner, hold_id)
    ledger.post(first(account, hold, at=NOON))
    before = ledger.account(owner)
    with pytest.raises(HoldAlreadySettled):
        ledger.post(second(account, hold, at=NOON))
    assert ledger.account(owner) == before
    assert_books_are_right(ledger, owner, [hold_id])


@pytest.mark.parametrize(("first", "second"), [(capture, release), (release, capture)])
def test_a_torn_read_cannot_settle_a_hold_twice(
    ledger: Ledger,
    owner: OwnerId,
    hold_id: HoldId,
    first: Callable[..., Posting],
    second: Callable[..., Posting],
) -> None:
    """
    L9: an account read after the settlement, with a hold read before it, and enough held elsewhere.

    The numbers fit, the account is the newest: only the condition on the hold itself detects it.
    """
    account, old_hold = held(ledger, owner, hold_id)
    ledger.post(a_hold(account, HoldId(f"{hold_id}-other"), amount=5))
    ledger.post(first(ledger.account(owner), old_hold, at=NOON))
    fresh = ledger.account(owner)
    assert fresh.held >= old_hold.amount
    with pytest.raises(HoldAlreadySettled):
        ledger.post(second(fresh, old_hold, at=NOON))
    assert ledger.account(owner) == fresh
    assert_books_are_right(ledger, owner, [hold_id, HoldId(f"{hold_id}-other")])


def test_capturing_again_for_another_cost_is_refused(
    ledger: Ledger, owner: OwnerId, hold_id: HoldId
) -> None:
    """L7: the cost is part of the request."""
    account, hold = held(ledger, owner, hold_id)
    ledger.post(capture(account, hold, at=NOON, cost=Credits(1)))
    with pytest.raises(ReferenceMismatch):
        ledger.post(capture(account, hold, at=NOON, cost=Credits(2)))


def test_an_account_frozen_meanwhile_places_no_hold(
    bank: Bank, owner: OwnerId, hold_id: HoldId
) -> None:
    """DB3: the freeze counts even for who read the account just before it."""
    account = rich(bank.ledger, owner)
    bank.freeze(owner)
    with pytest.raises(Conflict):
        bank.ledger.post(a_hold(account, hold_id))
    frozen = bank.ledger.account(owner)
    assert frozen.status is AccountStatus.FROZEN
    with pytest.raises(AccountFrozen):
        a_hold(frozen, hold_id)
    bank.ledger.post(a_grant(account))
    assert bank.ledger.account(owner).status is AccountStatus.FROZEN
    assert bank.ledger.account(owner).available == 20


def test_debt_survives_being_stored(ledger: Ledger, owner: OwnerId) -> None:
    """L14: what could not be taken is remembered, and repaid first."""
    account = rich(ledger, owner, amount=3)
    ledger.post(
        adjust(account, reference=an_id(), amount=Credits(-5), at=NOON, actor="a", reason="x")
    )
    assert (ledger.account(owner).available, ledger.account(owner).debt) == (0, 2)
    rich(ledger, owner, amount=3)
    assert (ledger.account(owner).available, ledger.account(owner).debt) == (1, 0)
    entries = assert_books_are_right(ledger, owner)
    assert entries[1].reason == "x"


def test_pages_of_entries_join_without_a_gap(ledger: Ledger, owner: OwnerId) -> None:
    """CR7, L18: newest first; new entries do not move the pages behind the first."""
    for _ in range(5):
        rich(ledger, owner, amount=1)
    first = ledger.entries(owner, before=None, limit=2)
    rich(ledger, owner, amount=1)
    second = ledger.entries(owner, before=first.next_before, limit=2)
    third = ledger.entries(owner, before=second.next_before, limit=2)
    seen: list[Entry] = [*first.entries, *second.entries, *third.entries]
    assert [entry.seq for entry in seen] == [5, 4, 3, 2, 1]
    assert third.next_before is None
    assert ledger.entries(owner, before=1, limit=2).entries == ()
    whole = ledger.entries(owner, before=None, limit=6)
    assert (len(whole.entries), whole.next_before) == (6, None)


@pytest.mark.parametrize("limit", [0, MAX_PAGE + 1])
def test_a_page_has_a_bound(ledger: Ledger, owner: OwnerId, limit: int) -> None:
    """No call reads a whole history."""
    with pytest.raises(ValueError, match="page"):
        ledger.entries(owner, before=None, limit=limit)


def test_expired_open_holds_are_found_oldest_first(ledger: Ledger, owner: OwnerId) -> None:
    """L9: exactly the open ones whose time has passed; a settled one is gone from the list."""
    rich(ledger, owner)
    ids = [HoldId(f"{an_id()}-{minutes}") for minutes in (3, 1, 2, 9)]
    for hold_id in ids:
        minutes = int(hold_id.rpartition("-")[2])
        ledger.post(a_hold(ledger.account(owner), hold_id, amount=1, minutes=minutes))
    ledger.post(capture(ledger.account(owner), stored_hold(ledger, ids[2]), at=NOON))

    def expired(minutes: int) -> list[HoldId]:
        found = ledger.open_holds(expired_at=NOON + timedelta(minutes=minutes), limit=100)
        return [hold.hold_id for hold in found if hold.hold_id in ids]

    assert expired(5) == [ids[1], ids[0]]
    assert expired(1) == []
    assert len(ledger.open_holds(expired_at=NOON + timedelta(minutes=5), limit=1)) == 1


def test_a_clip_and_its_hold_are_stored_together(
    bank: Bank, owner: OwnerId, hold_id: HoldId
) -> None:
    """L10: both are there."""
    clip = a_clip(owner_id=owner)
    posting = a_hold(rich(bank.ledger, owner), hold_id)
    bank.ledger.post(posting, alongside=ClipChange(clip=clip))
    assert bank.clips.get(owner, clip.clip_id) == clip
    assert bank.ledger.hold(hold_id) == posting.hold


def test_a_clip_that_cannot_be_stored_leaves_no_hold(
    bank: Bank, owner: OwnerId, hold_id: HoldId
) -> None:
    """L10: neither is there."""
    clip = a_clip(owner_id=owner)
    bank.clips.save(ClipChange(clip=clip))
    account = rich(bank.ledger, owner)
    with pytest.raises(Conflict):
        bank.ledger.post(a_hold(account, hold_id), alongside=ClipChange(clip=clip))
    assert bank.ledger.hold(hold_id) is None
    assert bank.ledger.account(owner) == account


def test_a_hold_that_cannot_be_placed_leaves_no_clip(
    bank: Bank, owner: OwnerId, hold_id: HoldId
) -> None:
    """L10: neither is there."""
    clip = a_clip(owner_id=owner)
    stale = rich(bank.ledger, owner)
    rich(bank.ledger, owner)
    with pytest.raises(Conflict):
        bank.ledger.post(a_hold(stale, hold_id), alongside=ClipChange(clip=clip))
    with pytest.raises(NotFound):
        bank.clips.get(owner, clip.clip_id)


def test_a_settlement_and_the_end_of_its_clip_are_repeated_together(
    bank: Bank, owner: OwnerId, hold_id: HoldId
) -> None:
    """AJ7, L10: the answer was lost, both were stored, the repetition changes neither."""
    clip = a_clip(owner_id=owner)
    bank.ledger.post(a_hold(rich(bank.ledger, owner), hold_id), alongside=ClipChange(clip=clip))
    ended = ClipChange(clip=fail(clip, ErrorCode.GENERATION_FAILED, at=NOON))
    posting = release(bank.ledger.account(owner), stored_hold(bank.ledger, hold_id), at=NOON)
    first = bank.ledger.post(posting, alongside=ended)
    assert bank.ledger.post(posting, alongside=ended) == first
    assert bank.clips.get(owner, clip.clip_id) == ended.clip
    assert bank.ledger.account(owner).available == 10


def test_a_reply_that_was_not_the_first_reason_is_still_understood(
    bank: Bank, owner: OwnerId, hold_id: HoldId
) -> None:
    """DB1: PynamoDB reorders the reasons; a replay with everything else failing is a replay."""
    clip = a_clip(owner_id=owner)
    posting = a_hold(rich(bank.ledger, owner), hold_id)
    first = bank.ledger.post(posting, alongside=ClipChange(clip=clip))
    rich(bank.ledger, owner)
    assert bank.ledger.post(posting, alongside=ClipChange(clip=clip)) == first


def test_no_order_of_calls_captures_and_releases_one_hold(bank: Bank) -> None:
    """L8, L9: every interleaving of a capture and a release of one hold, exhaustively."""

    def scene() -> Scene:
        owner, hold_id = an_owner(), HoldId(an_id())
        held(bank.ledger, owner, hold_id)
        operations = (
            settling(owner, hold_id, HoldStatus.CAPTURED),
            settling(owner, hold_id, HoldStatus.RELEASED),
        )
        return Scene(ledger=bank.ledger, owner=owner, hold_ids=(hold_id,), operations=operations)

    orders = 0
    for order, played, results in interleavings(scene):
        orders += 1
        outcomes = sorted(result.outcome for result in results)
        assert outcomes == [Outcome.DONE, Outcome.REFUSED], order
        assert_books_are_right(played.ledger, played.owner, played.hold_ids)
    assert orders >= 20
