"""
The items of the two ledger tables. Only `ledger` beside this file writes them.

* entries: ``U#<owner>`` / ``TX#<seq>``, put once and never touched again;
* state: ``U#<owner>`` / ``HEAD``, ``REF#<type>#<kind>#<reference>`` / ``REF``,
  ``HOLD#<hold>`` / ``HOLD``.
"""

import zlib
from datetime import datetime
from typing import Final

from pynamodb.attributes import UnicodeAttribute
from pynamodb.models import Model

from echoes.adapters.dynamodb.attributes import EnumAttribute, InstantAttribute, IntAttribute
from echoes.adapters.dynamodb.state_items import StateItem, owner_key
from echoes.domain.credits.accounts import AccountStatus, CreditAccount, Hold, HoldStatus
from echoes.domain.credits.entries import Entry, EntryKind, EntryType
from echoes.domain.identifiers import Credits, HoldId, OwnerId

GUARD: Final = "REF"
HOLD: Final = "HOLD"

SEQ_DIGITS: Final = 10
"""Ten digits keep text order equal to number order for more entries than can be made."""

OPEN_PARTITIONS: Final = 8
"""Spreads the index of open holds, so that no single partition takes every write."""


class EntryItem(Model):
    """One line of an owner's ledger."""

    pk: UnicodeAttribute = UnicodeAttribute(hash_key=True)
    sk: UnicodeAttribute = UnicodeAttribute(range_key=True)
    owner_id: UnicodeAttribute = UnicodeAttribute()
    seq: IntAttribute = IntAttribute()
    type: EnumAttribute[EntryType] = EnumAttribute(EntryType)
    kind: EnumAttribute[EntryKind] = EnumAttribute(EntryKind)
    reference: UnicodeAttribute = UnicodeAttribute()
    posted_delta: IntAttribute = IntAttribute()
    held_delta: IntAttribute = IntAttribute()
    available_after: IntAttribute = IntAttribute()
    held_after: IntAttribute = IntAttribute()
    debt_after: IntAttribute = IntAttribute()
    at: InstantAttribute = InstantAttribute()
    actor: UnicodeAttribute = UnicodeAttribute()
    reason: UnicodeAttribute = UnicodeAttribute(null=True)
    previous_hash: UnicodeAttribute = UnicodeAttribute()
    entry_hash: UnicodeAttribute = UnicodeAttribute()


class HeadItem(StateItem):
    """An account as its last entry left it."""

    seq: IntAttribute = IntAttribute()
    available: IntAttribute = IntAttribute()
    held: IntAttribute = IntAttribute()
    debt: IntAttribute = IntAttribute()
    chain_hash: UnicodeAttribute = UnicodeAttribute()
    status: EnumAttribute[AccountStatus] = EnumAttribute(AccountStatus)


class GuardItem(StateItem):
    """A guard: the reference is used, over all owners, by this entry."""

    owner_id: UnicodeAttribute = UnicodeAttribute()
    seq: IntAttribute = IntAttribute()


class HoldItem(StateItem):
    """A `Hold`; in the index while it is open."""

    hold_id: UnicodeAttribute = UnicodeAttribute()
    owner_id: UnicodeAttribute = UnicodeAttribute()
    amount: IntAttribute = IntAttribute()
    expires_at: InstantAttribute = InstantAttribute()
    status: EnumAttribute[HoldStatus] = EnumAttribute(HoldStatus)
    opened_seq: IntAttribute = IntAttribute()
    settled_seq: IntAttribute = IntAttribute(null=True)
    captured: IntAttribute = IntAttribute()


def entry_key(seq: int) -> str:
    """Return where the entry with number *seq* is in its owner's partition."""
    return f"TX#{seq:0{SEQ_DIGITS}d}"


def guard_key(entry: Entry) -> str:
    """Return the partition of the guard of what caused *entry*."""
    return f"{GUARD}#{entry.type}#{entry.kind}#{entry.reference}"


def hold_key(hold_id: HoldId) -> str:
    """Return the partition of a hold."""
    return f"{HOLD}#{hold_id}"


def open_partition(hold_id: HoldId) -> str:
    """Return in which part of the index an open hold is."""
    return open_partition_key(zlib.crc32(hold_id.encode()) % OPEN_PARTITIONS)


def open_partition_key(number: int) -> str:
    """Return the key of one part of the index of open holds."""
    return f"OPEN#{number}"


def entry_to_item(entry: Entry, model: type[EntryItem]) -> EntryItem:
    """Return *entry* as it is stored."""
    return model(
        owner_key(entry.owner_id),
        entry_key(entry.seq),
        owner_id=entry.owner_id,
        seq=entry.seq,
        type=entry.type,
        kind=entry.kind,
        reference=entry.reference,
        posted_delta=entry.posted_delta,
        held_delta=entry.held_delta,
        available_after=entry.available_after,
        held_after=entry.held_after,
        debt_after=entry.debt_after,
        at=entry.at,
        actor=entry.actor,
        reason=entry.reason,
        previous_hash=entry.previous_hash,
        entry_hash=entry.hash,
    )


def entry_from_item(item: EntryItem) -> Entry:
    """Return the entry that was stored, unchecked: `verify_chain` is for that."""
    return Entry(
        owner_id=OwnerId(item.owner_id),
        seq=item.seq,
        type=item.type,
        kind=item.kind,
        reference=item.reference,
        posted_delta=Credits(item.posted_delta),
        held_delta=Credits(item.held_delta),
        available_after=Credits(item.available_after),
        held_after=Credits(item.held_after),
        debt_after=Credits(item.debt_after),
        at=item.at,
        actor=item.actor,
        reason=item.reason,
        previous_hash=item.previous_hash,
        hash=item.entry_hash,
    )


def hold_to_item(hold: Hold, model: type[HoldItem]) -> HoldItem:
    """Return an open *hold* as it is stored, in the index of open holds."""
    return model(
        hold_key(hold.hold_id),
        HOLD,
        hold_id=hold.hold_id,
        owner_id=hold.owner_id,
        amount=hold.amount,
        expires_at=hold.expires_at,
        status=hold.status,
        opened_seq=hold.opened_seq,
        settled_seq=hold.settled_seq,
        captured=hold.captured,
        open_pk=open_partition(hold.hold_id),
        open_sk=hold.expires_at,
    )


def hold_from_item(item: HoldItem) -> Hold:
    """Return the hold that was stored."""
    return Hold(
        hold_id=HoldId(item.hold_id),
        owner_id=OwnerId(item.owner_id),
        amount=Credits(item.amount),
        expires_at=item.expires_at,
        status=item.status,
        opened_seq=item.opened_seq,
        settled_seq=item.settled_seq,
        captured=Credits(item.captured),
    )


def account_from_item(owner_id: OwnerId, item: HeadItem) -> CreditAccount:
    """Return the account that was stored."""
    return CreditAccount(
        owner_id=owner_id,
        seq=item.seq,
        available=Credits(item.available),
        held=Credits(item.held),
        debt=Credits(item.debt),
        chain_hash=item.chain_hash,
        status=item.status,
    )


def time_order(hold: Hold) -> datetime:
    """Return what open holds are sorted by."""
    return hold.expires_at
