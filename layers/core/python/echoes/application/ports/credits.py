"""The ports of the credit ledger."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final, Protocol

from echoes.application.ports.clips import ClipChange
from echoes.domain.credits.adjustments import AdjustmentChange
from echoes.domain.projects.batches import BatchChange
from echoes.domain.rewards import RewardChange

if TYPE_CHECKING:
    from echoes.domain.credits.accounts import AccountStatus, CreditAccount, Hold, Posting
    from echoes.domain.credits.entries import Entry
    from echoes.domain.identifiers import HoldId, OwnerId
    from echoes.domain.purchases.payments import Purchase


@dataclass(frozen=True, slots=True, kw_only=True)
class PurchaseChange:
    """
    A purchase to store, whole.

    Stored only if the stored ``rev`` is ``purchase.rev - 1`` (0: not stored yet).
    """

    purchase: Purchase


Alongside = BatchChange | ClipChange | PurchaseChange | RewardChange | AdjustmentChange
"""What can be stored in one commit with a posting."""

MAX_PAGE: Final = 100
"""Entries of one page, as the API allows: about 40 kB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryPage:
    """Some entries, newest first; ``next_before`` continues, ``None`` ends the list."""

    entries: Sequence[Entry]
    next_before: int | None


class Ledger(Protocol):
    """Stores credit accounts, holds and entries. Reads are strongly consistent."""

    def account(self, owner_id: OwnerId) -> CreditAccount:
        """Return the account of *owner_id*; an empty one if they have never had credits."""
        ...

    def hold(self, hold_id: HoldId) -> Hold | None:
        """Return the hold, or ``None`` if it was never placed."""
        ...

    def post(self, posting: Posting, *, alongside: Alongside | None = None) -> Entry:
        """
        Store *posting* together with the change of a clip or a purchase: both or neither.

        A posting whose (type, reference) or hold was stored before with the same content returns
        the first entry and changes nothing, so callers may repeat freely.

        Raises:
            Conflict: The account, or what is stored with it, was written since *posting* was
                computed.
            ReferenceMismatch: The reference was used before with other content.
            HoldAlreadySettled: The hold was settled the other way.
            Unavailable: DynamoDB did not respond; the effect is unknown until the call is repeated.
        """
        ...

    def entries(self, owner_id: OwnerId, *, before: int | None, limit: int) -> EntryPage:
        """
        Return up to *limit* entries with ``seq < before`` (``None``: from the newest).

        Raises `ValueError` for a limit that is not 1 to `MAX_PAGE`.
        """
        ...

    def open_holds(self, *, expired_at: datetime, limit: int) -> Sequence[Hold]:
        """Return open holds that expired before *expired_at*, oldest first; may lag a little."""
        ...


class Freezer(Protocol):
    """Freezes and thaws accounts. Credits are not touched."""

    def set_status(
        self, owner_id: OwnerId, status: AccountStatus, *, alongside: PurchaseChange | None = None
    ) -> None:
        """
        Store *status* with the change of a purchase: both or neither. May be repeated.

        Raises:
            NotFound: The account never had credits, so there is nothing it could spend.
            Conflict: The purchase was written since it was read.
        """
        ...
