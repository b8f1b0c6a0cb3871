"""
Offline verification: anyone who has an export of one owner's ledger can check it.

An export is text, one JSON document a line, oldest entry first, with every field the hash covers.
Checking needs the standard library only, and no running service.
"""

import json
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from echoes.domain.audit.anchors import Anchor, root_of
from echoes.domain.audit.chain import verify_chain
from echoes.domain.audit.signatures import ALGORITHM, PublicKey
from echoes.domain.credits.entries import Entry, EntryKind, EntryType, write_time
from echoes.domain.identifiers import Credits, OwnerId

FIELDS: Final = (
    "owner_id",
    "seq",
    "type",
    "kind",
    "reference",
    "posted_delta",
    "held_delta",
    "available_after",
    "held_after",
    "debt_after",
    "at",
    "actor",
    "reason",
    "previous_hash",
    "hash",
)


class UnreadableLine(ValueError):
    """A line that is no entry. ``number`` counts from 1."""

    def __init__(self, number: int) -> None:
        super().__init__(f"line {number} is no entry")
        self.number = number


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Whether an export is intact; if not, which entry is the first wrong one."""

    entries: int
    owner_id: OwnerId | None = None
    bad_seq: int | None = None
    what: str | None = None

    @property
    def intact(self) -> bool:
        """Whether nothing was found."""
        return self.what is None


def write_entry(entry: Entry) -> str:
    """Return *entry* as a line of an export."""
    values = {name: getattr(entry, name) for name in FIELDS} | {"at": write_time(entry.at)}
    return json.dumps(values, separators=(",", ":"))


def read_entries(lines: Iterable[str]) -> Iterator[Entry]:
    """Return the entries of an export, unchecked. Raises `UnreadableLine`."""
    for number, line in enumerate(lines, start=1):
        if line.strip():
            yield _read_entry(number, line)


def verify_export(lines: Iterable[str], *, anchor: Anchor | None = None) -> Verdict:
    """
    Return whether the export in *lines* is whole and unchanged.

    The chain shows an edit, a deletion, an insertion or another order. Only *anchor* shows a tail
    that was cut off or rewritten with all its hashes; check it with `anchor_fault` first.
    """
    entries: list[Entry] = []
    try:
        entries.extend(read_entries(lines))
    except UnreadableLine as error:
        return Verdict(entries=len(entries), bad_seq=len(entries) + 1, what=str(error))
    owner = entries[0].owner_id if entries else None
    fault = verify_chain(entries)
    found = (fault.seq, fault.what) if fault else _parted(entries, anchor)
    seq, what = found or (None, None)
    return Verdict(entries=len(entries), owner_id=owner, bad_seq=seq, what=what)


def _parted(entries: list[Entry], anchor: Anchor | None) -> tuple[int, str] | None:
    """Return where *entries* disagree with what *anchor* says of their owner."""
    if anchor is None:
        return None
    if not entries:
        return 1, "is missing: an export without entries names nobody the anchor could know"
    heads = {head.owner_id: head for head in anchor.heads}
    head = heads.get(entries[0].owner_id)
    return head.fault_in(entries) if head else None


def anchor_fault(anchor: Anchor, key: PublicKey | None) -> str | None:
    """Return why *anchor* cannot be trusted: its list, its count, or its signature by *key*."""
    try:
        root = root_of(anchor.heads)
    except ValueError as error:
        return str(error)
    if (root, len(anchor.heads)) != (anchor.statement.root, anchor.statement.heads):
        return "its list is not the one that was signed"
    return None if key is None else _signature_fault(anchor, key)


def _signature_fault(anchor: Anchor, key: PublicKey) -> str | None:
    if anchor.signature.algorithm != ALGORITHM:
        return f"its signature is not {ALGORITHM}"
    try:
        signature = b64decode(anchor.signature.value, validate=True)
    except Base64Error:
        return "its signature cannot be read"
    if not key.verifies(anchor.statement.signed_bytes(), signature):
        return "its signature was not made with this key"
    return None


def _read_entry(number: int, line: str) -> Entry:
    try:
        found = json.loads(line)
        if set(found) != set(FIELDS):
            raise UnreadableLine(number)
        numbers = ("seq", "posted_delta", "held_delta", "available_after", "held_after")
        if any(type(found[name]) is not int for name in (*numbers, "debt_after")):
            raise UnreadableLine(number)
        return Entry(
            owner_id=OwnerId(str(found["owner_id"])),
            seq=found["seq"],
            type=EntryType(found["type"]),
            kind=EntryKind(found["kind"]),
            reference=str(found["reference"]),
            posted_delta=Credits(found["posted_delta"]),
            held_delta=Credits(found["held_delta"]),
            available_after=Credits(found["available_after"]),
            held_after=Credits(found["held_after"]),
            debt_after=Credits(found["debt_after"]),
            at=_read_time(str(found["at"])),
            actor=str(found["actor"]),
            reason=None if found["reason"] is None else str(found["reason"]),
            previous_hash=str(found["previous_hash"]),
            hash=str(found["hash"]),
        )
    except (TypeError, ValueError, KeyError) as error:
        raise UnreadableLine(number) from error


def _read_time(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    write_time(at)
    return at
