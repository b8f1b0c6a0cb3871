"""The audit of one owner's entries: no change goes undetected."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from echoes.domain.credits.accounts import CreditAccount
from echoes.domain.credits.entries import CHAIN_START, Entry, EntryKind, EntryType, hash_of
from echoes.domain.identifiers import OwnerId

NEGATIVE: Final = frozenset({-1})
POSITIVE: Final = frozenset({1})
SIGNS: Final[Mapping[EntryKind, frozenset[int]]] = MappingProxyType(
    {
        EntryKind.GRANT: POSITIVE,
        EntryKind.HOLD: NEGATIVE,
        EntryKind.CAPTURE: frozenset({0, 1}),
        EntryKind.RELEASE: POSITIVE,
        EntryKind.REVERSAL: NEGATIVE,
        EntryKind.REINSTATEMENT: POSITIVE,
        EntryKind.ADJUSTMENT: NEGATIVE | POSITIVE,
    }
)
"""The sign of each kind's amount (CR8). A full capture changes nothing: its hold did."""

OF_GENERATIONS: Final = frozenset({EntryKind.HOLD, EntryKind.CAPTURE, EntryKind.RELEASE})
"""The kinds that belong to type ``generation``, and to no other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainFault:
    """The first entry that is wrong, and why."""

    owner_id: OwnerId
    seq: int
    what: str


def verify_chain(
    entries: Iterable[Entry], *, head: CreditAccount | None = None
) -> ChainFault | None:
    """
    Return the first fault in all entries of one owner, oldest first; ``None`` if there is none.

    With *head* (the account as stored) a tail that was cut off is found too. Someone who can
    write may still forge a whole new tail and head: only an anchor kept elsewhere shows that.
    """
    account: CreditAccount | None = None
    for entry in entries:
        before = account or CreditAccount(owner_id=entry.owner_id)
        what = _fault(before, entry)
        if what is not None:
            return ChainFault(owner_id=before.owner_id, seq=before.seq + 1, what=what)
        account = CreditAccount(
            owner_id=entry.owner_id,
            seq=entry.seq,
            available=entry.available_after,
            held=entry.held_after,
            debt=entry.debt_after,
            chain_hash=entry.hash,
        )
    return None if head is None else _head_fault(account, head)


def _fault(before: CreditAccount, entry: Entry) -> str | None:
    """Return why *entry* cannot follow *before*, or ``None``."""
    net = before.available - before.debt + entry.amount
    checks = (
        (entry.owner_id == before.owner_id, "belongs to another owner"),
        (entry.seq == before.seq + 1, f"has number {entry.seq}"),
        (entry.previous_hash == (before.chain_hash or CHAIN_START), "does not follow the last"),
        (entry.hash == hash_of(entry), "was changed after it was written"),
        (sign(entry.amount) in SIGNS[entry.kind], f"{entry.kind} of {entry.amount}"),
        (
            (entry.type is EntryType.GENERATION) == (entry.kind in OF_GENERATIONS),
            f"{entry.kind} of type {entry.type}",
        ),
        (entry.held_after == before.held + entry.held_delta >= 0, "held does not add up"),
        (entry.available_after == max(net, 0), "available does not add up"),
        (entry.debt_after == max(-net, 0), "debt does not add up"),
    )
    return next((what for holds, what in checks if not holds), None)


def _head_fault(last: CreditAccount | None, head: CreditAccount) -> ChainFault | None:
    found = last or CreditAccount(owner_id=head.owner_id)
    facts = (head.owner_id, head.seq, head.available, head.held, head.debt, head.chain_hash)
    if facts == (
        found.owner_id,
        found.seq,
        found.available,
        found.held,
        found.debt,
        found.chain_hash,
    ):
        return None
    seq = min(found.seq, head.seq) + 1
    return ChainFault(owner_id=head.owner_id, seq=seq, what="the account says otherwise")


def sign(amount: int) -> int:
    """Return -1, 0 or 1."""
    return (amount > 0) - (amount < 0)
