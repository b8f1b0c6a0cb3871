"""The ports of the audit."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from echoes.domain.audit.anchors import Anchor, AnchoredHead, Signature
    from echoes.domain.audit.books import BookFault, Cause, Guard, Place
    from echoes.domain.clips.clip import Clip
    from echoes.domain.credits.accounts import Hold
    from echoes.domain.credits.entries import Entry
    from echoes.domain.identifiers import HoldId, OwnerId


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredHold:
    """A hold, and whether the index of open holds has it."""

    hold: Hold
    listed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class StatePage:
    """Some items of the ledger's state, in no particular order."""

    owners: Sequence[OwnerId]
    """The owners whose accounts are among the items."""

    guards: Sequence[Guard]
    holds: Sequence[StoredHold]
    unreadable: Sequence[str]
    """The keys of items that are not in our format."""

    after: str | None
    """Where the next page begins; ``None``: this was the last one."""


class UnreadableBooks(Exception):
    """A stored item is not in our format."""


class Books(Protocol):
    """Reads the ledger's items exactly as stored; each read is strongly consistent."""

    def page(self, *, after: str | None, limit: int) -> StatePage:
        """Return up to *limit* items of the state from *after* on (``None``: the beginning)."""
        ...

    def entries_at(self, places: Collection[Place]) -> Mapping[Place, Entry]:
        """Return the entries at *places*; one that is not there is left out."""
        ...

    def guards(self, causes: Collection[Cause]) -> Mapping[Cause, Guard]:
        """Return the guards of *causes*; one that is not there is left out."""
        ...

    def holds(self, hold_ids: Collection[HoldId]) -> Mapping[HoldId, Hold]:
        """Return the holds; one that is not there is left out."""
        ...

    def clips(self, owner_id: OwnerId) -> Sequence[Clip]:
        """Return all stored clips of *owner_id*, including deleted ones."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class AnchorPart:
    """The result of one page of an audit, and where the next one begins."""

    number: int
    heads: tuple[AnchoredHead, ...]
    faults: tuple[BookFault, ...]
    after: str | None


class AnchorVault(Protocol):
    """Stores anchors so that they cannot be changed or removed; a day is ``2026-01-31``."""

    def parts(self, day: str) -> Sequence[AnchorPart]:
        """Return the parts of *day*'s audit so far, in order."""
        ...

    def add(self, day: str, part: AnchorPart) -> None:
        """Store *part*. Raises `Conflict` if there is one with that number."""
        ...

    def seal(self, anchor: Anchor) -> None:
        """Store *anchor* as that of its day. Raises `Conflict` if the day has one."""
        ...

    def sealed(self, day: str) -> bool:
        """Return whether *day* has its anchor."""
        ...

    def latest_before(self, day: str) -> Anchor | None:
        """Return the newest anchor before *day*; ``None`` if there is none."""
        ...


class AnchorSigner(Protocol):
    """Signs anchors with a key that signs nothing else and never leaves KMS."""

    def sign(self, statement: bytes) -> Signature:
        """Return the signature over *statement*. Raises `Unavailable`."""
        ...
