"""The rules of the credit ledger, one event at a time."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest

from echoes.domain.audit.chain import SIGNS, verify_chain
from echoes.domain.credits.accounts import AccountStatus, CreditAccount, Hold, HoldStatus, Posting
from echoes.domain.credits.entries import (
    DESCRIPTIONS,
    GRANTED,
    EntryKind,
    EntryType,
    describe,
    hash_of,
)
from echoes.domain.credits.holds import capture, place_hold, release
from echoes.domain.credits.postings import (
    MAX_AMOUNT,
    MAX_REASON_LENGTH,
    MAX_REFERENCE_LENGTH,
    adjust,
    grant,
    reinstate,
    reverse,
)
from echoes.domain.errors import (
    AccountFrozen,
    Conflict,
    HoldAlreadySettled,
    InsufficientCredits,
    InvalidRequest,
)
from echoes.domain.identifiers import Credits, HoldId, OwnerId
from tests.support.ledger_operations import AT, EXPIRES

Settle = Callable[..., Posting]
OWNER = OwnerId("ada")
HOLD = HoldId("clip-1")


def account(available: int = 0, held: int = 0, debt: int = 0) -> CreditAccount:
    return CreditAccount(
        owner_id=OWNER,
        available=Credits(available),
        held=Credits(held),
        debt=Credits(debt),
    )


def bought(before: CreditAccount, amount: int, *, reference: str = "cs_1") -> Posting:
    return grant(
        before,
        type=EntryType.PURCHASE,
        reference=reference,
        amount=Credits(amount),
        at=AT,
        actor=OWNER,
    )


def held(before: CreditAccount, amount: int) -> tuple[CreditAccount, Hold]:
    posting = place_hold(before, hold_id=HOLD, amount=Credits(amount), expires_at=EXPIRES, at=AT)
    assert posting.hold is not None
    return posting.after, posting.hold


def state(posting: Posting) -> tuple[int, int, int]:
    return posting.after.available, posting.after.held, posting.after.debt


def test_a_grant_can_be_spent() -> None:
    """CR8: a purchase is a positive entry, and the balance says so."""
    posting = bought(account(), 10)
    assert state(posting) == (10, 0, 0)
    assert (posting.entry.amount, posting.entry.balance_after) == (10, 10)
    assert posting.after.version == 1


@pytest.mark.parametrize("type_", [EntryType.PURCHASE, EntryType.REFERRAL, EntryType.SHARE])
def test_only_payments_and_thanks_grant_credits(type_: EntryType) -> None:
    """CR8: purchase > 0, referral > 0, share > 0."""
    posting = grant(account(), type=type_, reference="r", amount=Credits(3), at=AT, actor="system")
    assert (posting.entry.type, posting.entry.kind) == (type_, EntryKind.GRANT)
    assert posting.entry.amount > 0


def test_a_clip_never_grants_credits() -> None:
    """CR8: type generation is a hold or its settlement, nothing else."""
    with pytest.raises(InvalidRequest) as refusal:
        grant(
            account(),
            type=EntryType.GENERATION,
            reference="r",
            amount=Credits(1),
            at=AT,
            actor="system",
        )
    assert refusal.value.field == "type"


def test_a_hold_takes_credits_out_of_reach_and_a_release_gives_them_back() -> None:
    """CR8: generation < 0 for a hold, > 0 for its release."""
    before, hold = held(account(10), 4)
    assert (before.available, before.held) == (6, 4)
    posting = release(before, hold, at=AT)
    assert state(posting) == (10, 0, 0)
    assert posting.entry.amount == 4
    assert posting.hold == replace(hold, status=HoldStatus.RELEASED, settled_seq=2)


def test_a_capture_spends_what_was_held() -> None:
    """The balance does not move a second time when the work succeeds."""
    posting = capture(*held(account(10), 4), at=AT)
    assert state(posting) == (6, 0, 0)
    assert (posting.entry.amount, posting.entry.posted_delta) == (0, -4)
    assert posting.hold is not None
    assert (posting.hold.status, posting.hold.captured) == (HoldStatus.CAPTURED, 4)


@pytest.mark.parametrize(("cost", "available"), [(0, 10), (1, 9), (4, 6)])
def test_a_capture_of_less_gives_the_rest_back(cost: int, available: int) -> None:
    """L9: the cost is at most what was held, and only the cost is spent."""
    posting = capture(*held(account(10), 4), at=AT, cost=Credits(cost))
    assert state(posting) == (available, 0, 0)
    assert posting.entry.amount == 4 - cost


@pytest.mark.parametrize("cost", [-1, 5])
def test_a_capture_never_costs_more_than_was_held(cost: int) -> None:
    """L9."""
    with pytest.raises(InvalidRequest):
        capture(*held(account(10), 4), at=AT, cost=Credits(cost))


@pytest.mark.parametrize("settle", [capture, release])
@pytest.mark.parametrize("again", [capture, release])
def test_a_hold_is_settled_only_once(settle: Settle, again: Settle) -> None:
    """L9: the domain refuses every second settlement; use cases look at the status first."""
    posting = settle(*held(account(10), 4), at=AT)
    with pytest.raises(HoldAlreadySettled) as refusal:
        again(posting.after, posting.hold, at=AT)
    assert refusal.value.hold_id == HOLD


@pytest.mark.parametrize("settle", [capture, release])
def test_an_account_that_is_newer_than_its_hold_is_read_again(settle: Settle) -> None:
    """DB2: a torn pair of reads is a conflict, not a broken law."""
    _, hold = held(account(10), 4)
    with pytest.raises(Conflict):
        settle(account(6, held=0), hold, at=AT)


def test_a_hold_of_somebody_else_is_a_mistake_of_ours() -> None:
    """A hold can only be settled on the account it was placed on."""
    _, hold = held(account(10), 4)
    with pytest.raises(ValueError, match="another account"):
        release(CreditAccount(owner_id=OwnerId("bob"), held=Credits(4)), hold, at=AT)


def test_nobody_spends_more_than_they_have() -> None:
    """CR4: the error says what was needed and what there was, and nothing changed."""
    with pytest.raises(InsufficientCredits) as refusal:
        held(account(3), 4)
    assert (refusal.value.required, refusal.value.available) == (4, 3)


def test_the_last_credit_can_be_spent() -> None:
    """The edge: all there is, and not one more."""
    after, _ = held(account(4), 4)
    assert after.available == 0


def test_a_frozen_account_spends_nothing_but_still_receives() -> None:
    """DB3: only spending waits for the operator."""
    frozen = replace(account(5, held=2), status=AccountStatus.FROZEN)
    with pytest.raises(AccountFrozen):
        held(frozen, 1)
    assert bought(frozen, 1).after.status is AccountStatus.FROZEN
    assert reverse(frozen, reference="re_1", amount=Credits(1), at=AT, actor="system")


def test_a_refund_takes_what_is_there_and_the_rest_becomes_debt() -> None:
    """L14: nothing goes below zero, and nothing is forgotten."""
    posting = reverse(account(3, held=4), reference="re_1", amount=Credits(10), at=AT, actor="x")
    assert state(posting) == (0, 4, 7)
    assert posting.entry.amount == -10


def test_debt_is_repaid_before_anything_can_be_spent() -> None:
    """L14: by grants, by releases and by the rest of a capture alike."""
    indebted = account(debt=7, held=4)
    assert state(bought(indebted, 5)) == (0, 4, 2)
    assert state(bought(indebted, 9)) == (2, 4, 0)
    hold = Hold(hold_id=HOLD, owner_id=OWNER, amount=Credits(4), expires_at=EXPIRES, opened_seq=1)
    assert state(release(indebted, hold, at=AT)) == (0, 0, 3)
    assert state(capture(indebted, hold, at=AT, cost=Credits(1))) == (0, 0, 4)


def test_a_reinstatement_undoes_a_reversal() -> None:
    """A won dispute leaves the account as it was."""
    before = account(3)
    taken = reverse(before, reference="dp_1", amount=Credits(10), at=AT, actor="x").after
    given = reinstate(taken, reference="dp_1", amount=Credits(10), at=AT, actor="x")
    assert state(given) == (3, 0, 0)
    assert given.entry.amount == 10


@pytest.mark.parametrize(("amount", "after"), [(5, (8, 0, 0)), (-2, (1, 0, 0)), (-5, (0, 0, 2))])
def test_an_adjustment_goes_both_ways(amount: int, after: tuple[int, int, int]) -> None:
    """A negative adjustment is clamped at zero, and the remainder is debt."""
    posting = adjust(
        account(3), reference="T-1", amount=Credits(amount), at=AT, actor="admin", reason="oops"
    )
    assert state(posting) == after
    assert (posting.entry.type, posting.entry.kind) == (EntryType.PURCHASE, EntryKind.ADJUSTMENT)
    assert (posting.entry.amount, posting.entry.actor) == (amount, "admin")


@pytest.mark.parametrize("reason", ["", "  ", "x" * (MAX_REASON_LENGTH + 1)])
def test_an_adjustment_needs_a_reason_of_bounded_length(reason: str) -> None:
    """No credits are changed without a reason."""
    with pytest.raises(InvalidRequest) as refusal:
        adjust(account(), reference="T", amount=Credits(1), at=AT, actor="admin", reason=reason)
    assert refusal.value.field == "reason"


@pytest.mark.parametrize("amount", [0, -1, MAX_AMOUNT + 1])
def test_amounts_have_bounds(amount: int) -> None:
    """CR1: never 0, and never more than one posting may move."""
    with pytest.raises(InvalidRequest):
        bought(account(), amount)
    with pytest.raises(InvalidRequest):
        held(account(MAX_AMOUNT), amount)


def test_an_adjustment_of_nothing_is_refused() -> None:
    """CR1: amount is not 0."""
    with pytest.raises(InvalidRequest):
        adjust(account(), reference="T", amount=Credits(0), at=AT, actor="admin", reason="why")


@pytest.mark.parametrize("amount", [True, 1.0, "1", None])
def test_credits_are_whole_numbers(amount: object) -> None:
    """CR1: amount is an int; a bool or a float is not one."""
    with pytest.raises(TypeError):
        bought(account(), amount)  # type: ignore[arg-type]  # the point
    with pytest.raises(TypeError):
        CreditAccount(owner_id=OWNER, available=amount)  # type: ignore[arg-type]  # the point


@pytest.mark.parametrize("reference", ["", "x" * (MAX_REFERENCE_LENGTH + 1)])
def test_references_have_bounds(reference: str) -> None:
    """A reference is a key of the table: it must fit, and it must be one."""
    with pytest.raises(InvalidRequest) as refusal:
        bought(account(), 1, reference=reference)
    assert refusal.value.field == "reference"


@pytest.mark.parametrize("numbers", [(-1, 0, 0), (0, -1, 0), (0, 0, -1), (1, 0, 1)])
def test_no_account_can_break_the_first_law(numbers: tuple[int, int, int]) -> None:
    """L1: nothing negative, and never credits and debt at once."""
    with pytest.raises(AssertionError, match="L1"):
        account(*numbers)


def test_times_must_have_a_zone() -> None:
    """A time without a zone would hash differently on another machine."""
    with pytest.raises(TypeError, match="timezone"):
        grant(
            account(),
            type=EntryType.PURCHASE,
            reference="r",
            amount=Credits(1),
            at=datetime(2026, 1, 1),  # noqa: DTZ001  # the point
            actor="x",
        )


def test_the_hash_does_not_depend_on_how_a_moment_is_written() -> None:
    """L3: the same moment in another zone gives the same hash."""
    entry = bought(account(), 1).entry
    elsewhere = replace(entry, at=AT.astimezone(timezone(timedelta(hours=2))))
    assert hash_of(elsewhere) == entry.hash


def test_the_same_request_has_the_same_fingerprint_whenever_it_is_asked() -> None:
    """L7: a repetition meets another state and another time, and is still the same request."""
    first = bought(account(), 10)
    again = grant(
        first.after,
        type=EntryType.PURCHASE,
        reference="cs_1",
        amount=Credits(10),
        at=AT + timedelta(days=1),
        actor="system",
    )
    other = bought(first.after, 11)
    assert first.fingerprint == again.fingerprint != other.fingerprint


def test_every_kind_has_words_for_its_owner() -> None:
    """CR7: a human description for every line, without the operator's reason in it."""
    assert set(DESCRIPTIONS) == set(EntryKind) - {EntryKind.GRANT}
    assert set(GRANTED) == set(EntryType)
    assert set(SIGNS) == set(EntryKind)
    posting = adjust(
        account(), reference="T", amount=Credits(1), at=AT, actor="admin", reason="secret"
    )
    assert describe(posting.entry) == "Corrected by our team"
    assert describe(bought(account(), 1).entry) == "Credits bought"


def story() -> list[Posting]:
    """Return a life with everything in it."""
    one = bought(account(), 5)
    two = place_hold(one.after, hold_id=HOLD, amount=Credits(3), expires_at=EXPIRES, at=AT)
    three = reverse(two.after, reference="re_1", amount=Credits(4), at=AT, actor="system")
    assert two.hold is not None
    four = release(three.after, two.hold, at=AT)
    five = adjust(
        four.after, reference="T-1", amount=Credits(2), at=AT, actor="admin", reason="sorry"
    )
    return [one, two, three, four, five]


def test_a_sound_chain_is_found_sound() -> None:
    """L2, L3."""
    postings = story()
    entries = [posting.entry for posting in postings]
    assert verify_chain(entries, head=postings[-1].after) is None
    assert verify_chain([]) is None
    assert verify_chain([], head=account()) is None


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("posted_delta", 6),
        ("held_delta", 1),
        ("available_after", 6),
        ("held_after", 1),
        ("debt_after", 1),
        ("reference", "cs_2"),
        ("type", EntryType.SHARE),
        ("kind", EntryKind.REINSTATEMENT),
        ("actor", "mallory"),
        ("reason", "because"),
        ("at", AT + timedelta(microseconds=1)),
        ("owner_id", "mallory"),
        ("previous_hash", "0"),
        ("hash", "0"),
    ],
)
def test_an_edited_entry_is_found(field: str, value: object) -> None:
    """L16: for every changed field, the audit names the entry."""
    entries = [posting.entry for posting in story()]
    entries[2] = replace(entries[2], **{field: value})  # type: ignore[arg-type]  # by name
    fault = verify_chain(entries)
    assert fault is not None
    assert fault.seq == 3


def test_an_entry_forged_with_its_hash_is_found_by_the_next() -> None:
    """L16: a forger who recomputes one hash has to recompute all that follow."""
    entries = [posting.entry for posting in story()]
    forged = replace(entries[1], actor="mallory")
    entries[1] = replace(forged, hash=hash_of(forged))
    fault = verify_chain(entries)
    assert fault is not None
    assert (fault.seq, fault.what) == (3, "does not follow the last")


def test_removed_swapped_inserted_and_truncated_entries_are_found() -> None:
    """L16: every kind of tampering is found, at the place where it happened."""
    postings = story()
    entries = [posting.entry for posting in postings]
    head = postings[-1].after
    removed = [*entries[:2], *entries[3:]]
    swapped = [entries[0], entries[2], entries[1], *entries[3:]]
    doubled = [*entries[:2], entries[1], *entries[2:]]
    for tampered, seq in ((removed, 3), (swapped, 2), (doubled, 3), (entries[:-1], 5)):
        fault = verify_chain(tampered, head=head)
        assert fault is not None
        assert fault.seq == seq


def test_an_impossible_entry_is_found_even_with_right_hashes() -> None:
    """CR8: a forger who recomputes everything still cannot break the rule of signs."""
    entry = bought(account(), 5).entry
    for forged in (
        replace(entry, posted_delta=Credits(-5), available_after=Credits(0), debt_after=Credits(5)),
        replace(entry, type=EntryType.GENERATION),
        replace(entry, kind=EntryKind.HOLD),
    ):
        assert verify_chain([replace(forged, hash=hash_of(forged))]) is not None


@pytest.mark.parametrize(
    ("field", "value", "what"),
    [
        ("seq", 6, "has number 6"),
        ("owner_id", "mallory", "belongs to another owner"),
        ("held_after", 1, "held does not add up"),
        ("available_after", 99, "available does not add up"),
        ("debt_after", 1, "debt does not add up"),
    ],
)
def test_numbers_that_do_not_add_up_are_found_even_with_right_hashes(
    field: str, value: object, what: str
) -> None:
    """L2, L3, L16: the last entry, forged with its hash, must still follow from the one before."""
    entries = [posting.entry for posting in story()]
    forged = replace(entries[-1], **{field: value})  # type: ignore[arg-type]  # by name
    entries[-1] = replace(forged, hash=hash_of(forged))
    fault = verify_chain(entries)
    assert fault is not None
    assert (fault.owner_id, fault.seq, fault.what) == (OWNER, 5, what)
