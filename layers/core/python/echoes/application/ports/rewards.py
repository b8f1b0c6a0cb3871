"""The ports of rewards and of adjustments."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from echoes.domain.credits.adjustments import AdjustmentChange, AdjustmentRequest
    from echoes.domain.credits.entries import Entry
    from echoes.domain.identifiers import AdjustmentId, OwnerId
    from echoes.domain.rewards import Referral, RewardChange, RewardTally


class Rewards(Protocol):
    """Stores referrals and tallies. Reads by key are strongly consistent."""

    def referral(self, referee_id: OwnerId) -> Referral | None:
        """Return the referral of *referee_id*; ``None`` if there is none."""
        ...

    def tally(self, owner_id: OwnerId) -> RewardTally:
        """Return the tally of *owner_id*; an empty one of version 0 if nothing was counted."""
        ...

    def save(self, change: RewardChange) -> None:
        """Store *change*, both parts or neither. Raises `Conflict` if one was written since."""
        ...

    def due(self, *, at: datetime, limit: int) -> Sequence[OwnerId]:
        """Return invited users whose ``review_at`` has passed, oldest first; may lag a little."""
        ...


class InvitationCodes(Protocol):
    """Remembers the owner of each code."""

    def owner_of(self, code: str) -> OwnerId | None:
        """Return the owner of *code*, strongly consistent; ``None`` if it has none."""
        ...

    def keep(self, code: str, owner_id: OwnerId) -> OwnerId:
        """Give *code* to *owner_id* unless it is taken; return its owner, which never changes."""
        ...


class PurchaseHistory(Protocol):
    """Reads from the ledger what a user bought."""

    def purchase_grants(self, owner_id: OwnerId) -> Iterator[Entry]:
        """Yield the entries granted for purchases, oldest first; pages are read on demand."""
        ...


class AdjustmentRequests(Protocol):
    """Stores adjustment requests."""

    def get(self, adjustment_id: AdjustmentId) -> AdjustmentRequest | None:
        """Return the request, strongly consistent; ``None`` if there is none."""
        ...

    def save(self, change: AdjustmentChange) -> None:
        """Store *change*. Raises `Conflict` if the request was written since it was read."""
        ...
