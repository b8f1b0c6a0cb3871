"""What the ledger's items are made of, without a table."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from echoes.adapters.dynamodb.credits.items import (
    OPEN_PARTITIONS,
    EntryItem,
    HoldItem,
    entry_from_item,
    entry_key,
    entry_to_item,
    guard_key,
    hold_from_item,
    hold_to_item,
    open_partition,
    open_partition_key,
)
from echoes.domain.credits.accounts import CreditAccount, Hold
from echoes.domain.credits.entries import Entry, EntryType
from echoes.domain.credits.postings import (
    MAX_AMOUNT,
    MAX_REASON_LENGTH,
    MAX_REFERENCE_LENGTH,
    adjust,
    grant,
)
from echoes.domain.identifiers import Credits, HoldId, OwnerId
from tests.support.factories import NOON, ids, instants, words

ONE_KILOBYTE = 1024


def an_entry(reason: str | None = None) -> Entry:
    posting = grant(
        CreditAccount(owner_id=OwnerId("ada")),
        type=EntryType.PURCHASE,
        reference="cs_1",
        amount=Credits(5),
        at=NOON,
        actor="ada",
        reason=reason,
    )
    return posting.entry


@given(amount=st.integers(1, MAX_AMOUNT), at=instants, reason=words.filter(str.strip))
def test_an_entry_comes_back_as_it_was_stored(amount: int, at: object, reason: str) -> None:
    """L3, L16: to the letter, or its hash would not fit any more."""
    posting = adjust(
        CreditAccount(owner_id=OwnerId("ada")),
        reference="T-1",
        amount=Credits(-amount),
        at=at,  # type: ignore[arg-type]  # a datetime, by strategy
        actor="admin",
        reason=reason,
    )
    raw = entry_to_item(posting.entry, EntryItem).serialize()
    assert entry_from_item(EntryItem.from_raw_data(raw)) == posting.entry


@given(hold_id=ids)
def test_an_open_hold_comes_back_and_is_in_one_part_of_the_index(hold_id: str) -> None:
    """The sweep asks every part there is, so it finds every hold."""
    hold = Hold(
        hold_id=HoldId(hold_id),
        owner_id=OwnerId("ada"),
        amount=Credits(2),
        expires_at=NOON + timedelta(hours=1),
        opened_seq=7,
    )
    raw = hold_to_item(hold, HoldItem).serialize()
    assert hold_from_item(HoldItem.from_raw_data(raw)) == hold
    assert open_partition(hold.hold_id) in map(open_partition_key, range(OPEN_PARTITIONS))


@pytest.mark.parametrize("amount", [True, 1.5, "5"])
def test_the_table_takes_no_amount_that_is_not_whole(amount: object) -> None:
    """CR1: rejected by the item too, should it ever get past the domain."""
    item = entry_to_item(an_entry(), EntryItem)
    item.posted_delta = amount  # type: ignore[assignment]  # the point
    with pytest.raises(TypeError):
        item.serialize()


@pytest.mark.parametrize("field", ["type", "kind"])
def test_the_table_takes_no_word_that_is_not_ours(field: str) -> None:
    """CR1, DEC-D2: type is one of the four, kind one of the seven; anything else is rejected."""
    item = entry_to_item(an_entry(), EntryItem)
    setattr(item, field, "gift")
    with pytest.raises(ValueError, match="gift"):
        item.serialize()


def test_entries_sort_by_number_as_text() -> None:
    """CR7: newest first is a reverse query."""
    numbers = [1, 9, 10, 99, 100, 12_345, 9_999_999_999]
    keys = [entry_key(number) for number in numbers]
    assert keys == sorted(keys)


def test_a_reference_with_separators_cannot_pretend_to_be_another() -> None:
    """L4: type and kind come from closed sets, so no reference reaches into them."""
    entry = an_entry()
    assert guard_key(entry) == "REF#purchase#grant#cs_1"


def test_an_entry_is_billed_as_one_unit_and_the_longest_possible_as_two() -> None:
    """Writes are billed by the kilobyte: a usual entry fits into one."""
    assert size_of(an_entry()) < ONE_KILOBYTE
    longest = adjust(
        CreditAccount(owner_id=OwnerId("f" * 36)),
        reference="r" * MAX_REFERENCE_LENGTH,
        amount=Credits(MAX_AMOUNT),
        at=NOON,
        actor="a" * 36,
        reason="x" * MAX_REASON_LENGTH,
    )
    assert size_of(longest.entry) < 2 * ONE_KILOBYTE


def size_of(entry: Entry) -> int:
    raw = entry_to_item(entry, EntryItem).serialize()
    return sum(len(name) + len(next(iter(value.values()))) for name, value in raw.items())
