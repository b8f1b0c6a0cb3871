"""
Entries: the lines of the credit ledger. Written once, never changed, never removed.

The entries of one owner form a chain: each carries the hash of the one before it, so
`echoes.domain.audit.chain` finds an edit, a deletion, an insertion or a change of order anywhere.
"""

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from hashlib import sha256
from types import MappingProxyType
from typing import Final

from echoes.domain.identifiers import REST, Credits, OwnerId

NO_CREDITS: Final = Credits(0)
CHAIN_START: Final = ""
"""The previous hash of an owner's first entry."""

HASH_VERSION: Final = 1
"""Part of every hash, so that no later layout of the payload is mistaken for this one."""


class EntryType(StrEnum):
    """What the credits were gained or spent for."""

    PURCHASE = "purchase"
    REFERRAL = "referral"
    GENERATION = "generation"
    SHARE = "share"


class EntryKind(StrEnum):
    """The detail behind the type, in the terms of card payments."""

    GRANT = "grant"
    HOLD = "hold"
    CAPTURE = "capture"
    RELEASE = "release"
    REVERSAL = "reversal"
    REINSTATEMENT = "reinstatement"
    ADJUSTMENT = "adjustment"


GRANTED: Final = MappingProxyType(
    {
        EntryType.PURCHASE: "Credits bought",
        EntryType.REFERRAL: "Thank you for inviting a friend",
        EntryType.SHARE: "Thank you for sharing",
        EntryType.GENERATION: "Credits for a clip",
    }
)
DESCRIPTIONS: Final = MappingProxyType(
    {
        EntryKind.HOLD: "Reserved for a clip",
        EntryKind.CAPTURE: "Clip completed",
        EntryKind.RELEASE: "Returned: the clip was not made",
        EntryKind.REVERSAL: "Taken back after a refund",
        EntryKind.REINSTATEMENT: "Returned: the refund was reversed",
        EntryKind.ADJUSTMENT: "Corrected by our team",
    }
)
"""Every kind except a grant has a description here; a test checks it."""

OF_A_REST: Final = MappingProxyType(
    {
        EntryKind.HOLD: "Reserved for the other clips of your order",
        EntryKind.RELEASE: "Moved to the other clips of your order",
    }
)
"""Descriptions for the hold of a batch's rest, which belongs to no single clip."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """
    One line of an owner's ledger.

    ``posted_delta`` is what the owner gained or lost for good, ``held_delta`` what was set aside
    or set free. The three ``…_after`` are the account as this entry left it.
    """

    owner_id: OwnerId
    seq: int
    """1, 2, 3 … without a gap, for each owner."""

    type: EntryType
    kind: EntryKind
    reference: str
    """What caused it: a hold, a payment, a ticket. With type and kind it is used only once."""

    posted_delta: Credits
    held_delta: Credits
    available_after: Credits
    held_after: Credits
    debt_after: Credits
    at: datetime
    actor: str
    """Who did it: the owner, an admin's subject, or ``system``."""

    reason: str | None
    """Why, in an admin's words. For operators, not for the owner."""

    previous_hash: str
    hash: str = ""
    """Empty only until `seal` has been called."""

    @property
    def amount(self) -> Credits:
        """
        The change in what can be spent, net of debt: hold -n, release +n, a full capture 0.

        The sum of all amounts of an owner is ``available - debt``: the balance (CR3).
        """
        return Credits(self.posted_delta - self.held_delta)

    @property
    def balance_after(self) -> Credits:
        """What could be spent after this entry."""
        return self.available_after

    @property
    def entry_id(self) -> str:
        """A name for the API, unique for the owner."""
        return f"{self.seq:010d}"


def seal(entry: Entry) -> Entry:
    """Return *entry* with the hash that binds it to the entry before."""
    return replace(entry, hash=hash_of(entry))


def hash_of(entry: Entry) -> str:
    """Return the hash that an untouched *entry* carries."""
    facts = (
        HASH_VERSION,
        entry.owner_id,
        entry.seq,
        entry.type,
        entry.kind,
        entry.reference,
        entry.posted_delta,
        entry.held_delta,
        entry.available_after,
        entry.held_after,
        entry.debt_after,
        write_time(entry.at),
        entry.actor,
        entry.reason,
    )
    return _digest(entry.previous_hash, facts)


def fingerprint(entry: Entry) -> str:
    """
    Return what identifies two entries as the same request.

    The account's state before and after is not part of it; nor are time, actor and reason.
    """
    facts = (
        HASH_VERSION,
        entry.owner_id,
        entry.type,
        entry.kind,
        entry.reference,
        entry.posted_delta,
        entry.held_delta,
    )
    return _digest(CHAIN_START, facts)


def write_time(at: datetime) -> str:
    """Return *at* as ISO-8601 UTC of fixed length: text order is time order."""
    if at.utcoffset() is None:
        raise TypeError("ledger times must be timezone-aware")
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def describe(entry: Entry) -> str:
    """Return what *entry* means, in words for its owner (CR7)."""
    if entry.kind is EntryKind.GRANT:
        return GRANTED[entry.type]
    if entry.type is EntryType.GENERATION and entry.reference.endswith(REST):
        return OF_A_REST[entry.kind]
    return DESCRIPTIONS[entry.kind]


def _digest(previous_hash: str, facts: tuple[object, ...]) -> str:
    canonical = json.dumps(facts, ensure_ascii=True, separators=(",", ":"))
    return sha256(f"{previous_hash}{canonical}".encode()).hexdigest()
