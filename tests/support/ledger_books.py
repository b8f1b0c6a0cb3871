"""What must be true of the books of any ledger, and how to read all of them."""

from collections.abc import Iterable

from echoes.application.ports.credits import Ledger
from echoes.domain.audit.chain import verify_chain
from echoes.domain.credits.accounts import CreditAccount, Hold, HoldStatus
from echoes.domain.credits.entries import Entry, EntryKind
from echoes.domain.identifiers import HoldId, OwnerId

PAGE = 7
"""Small and odd, so that every audit also walks over page borders (L18)."""


def all_entries(ledger: Ledger, owner_id: OwnerId) -> list[Entry]:
    """Return every entry of *owner_id*, oldest first, read page by page."""
    found: list[Entry] = []
    before: int | None = None
    while True:
        page = ledger.entries(owner_id, before=before, limit=PAGE)
        found += page.entries
        before = page.next_before
        if before is None:
            return found[::-1]


def assert_books_are_right(
    ledger: Ledger, owner_id: OwnerId, hold_ids: Iterable[HoldId] = ()
) -> list[Entry]:
    """
    Check the laws L1 to L4, L8, L9 and L14 for *owner_id*; return the entries, oldest first.

    *hold_ids* are all holds that may exist, of any owner.
    """
    account = ledger.account(owner_id)
    entries = all_entries(ledger, owner_id)
    assert verify_chain(entries, head=account) is None
    assert sum(entry.amount for entry in entries) == account.available - account.debt
    assert sum(entry.held_delta for entry in entries) == account.held
    causes = [(entry.type, entry.kind, entry.reference) for entry in entries]
    assert len(causes) == len(set(causes)), f"something was done twice: {causes}"
    settled = [entry.reference for entry in entries if _settles(entry)]
    assert len(settled) == len(set(settled)), f"captured and released: {settled}"
    known = (ledger.hold(hold_id) for hold_id in hold_ids)
    holds = [hold for hold in known if hold is not None and hold.owner_id == owner_id]
    if hold_ids:
        _assert_holds_are_right(account, entries, holds)
    return entries


def _settles(entry: Entry) -> bool:
    return entry.kind in {EntryKind.CAPTURE, EntryKind.RELEASE}


def _assert_holds_are_right(
    account: CreditAccount, entries: list[Entry], holds: list[Hold]
) -> None:
    opened = [hold for hold in holds if hold.status is HoldStatus.OPEN]
    assert sum(hold.amount for hold in opened) == account.held
    assert len(holds) == sum(entry.kind is EntryKind.HOLD for entry in entries)
    for hold in holds:
        first = entries[hold.opened_seq - 1]
        assert (first.kind, first.reference) == (EntryKind.HOLD, hold.hold_id)
        assert first.held_delta == hold.amount
        if hold.settled_seq is None:
            assert hold.status is HoldStatus.OPEN
            continue
        last = entries[hold.settled_seq - 1]
        captured = hold.status is HoldStatus.CAPTURED
        assert last.kind is (EntryKind.CAPTURE if captured else EntryKind.RELEASE)
        assert (last.reference, last.posted_delta) == (hold.hold_id, -hold.captured)
        assert 0 <= hold.captured <= hold.amount
