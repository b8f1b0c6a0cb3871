"""
What rewards and operators need from the outside world.

As for ``ports``: one implementation against the real service, one in ``dev.fakes``.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Protocol

from echoes.domain.credits.adjustments import AdjustmentChange, AdjustmentRequest
from echoes.domain.credits.entries import Entry
from echoes.domain.identifiers import AdjustmentId, OwnerId
from echoes.domain.rewards import Referral, RewardChange, RewardTally


class Rewards(Protocol):
    """Stores referrals and tallies. Reads by key are strongly consistent."""

    def referral(self, referee_id: OwnerId) -> Referral | None:
        """Return who invited *referee_id*; ``None`` if nobody did."""
        ...

    def tally(self, owner_id: OwnerId) -> RewardTally:
        """Return what *owner_id* got so far; an empty tally of version 0 if nothing."""
        ...

    def save(self, change: RewardChange) -> None:
        """Store *change*, both parts or neither. Raises `Conflict` if one was written since."""
        ...

    def due(self, *, at: datetime, limit: int) -> Sequence[OwnerId]:
        """Return invited users whose ``review_at`` has passed, oldest first; may lag a little."""
        ...


class InvitationCodes(Protocol):
    """Remembers whose a code is."""

    def owner_of(self, code: str) -> OwnerId | None:
        """Return whose *code* is, strongly consistent; ``None`` if it is nobody's."""
        ...

    def keep(self, code: str, owner_id: OwnerId) -> OwnerId:
        """Give *code* to *owner_id* unless somebody has it; return whose it is for ever."""
        ...


class PurchaseHistory(Protocol):
    """Tells from the ledger what somebody bought."""

    def purchase_grants(self, owner_id: OwnerId) -> Iterator[Entry]:
        """Give what was granted for purchases, oldest first, read as far as somebody asks."""
        ...


class AdjustmentRequests(Protocol):
    """Stores adjustment requests."""

    def get(self, adjustment_id: AdjustmentId) -> AdjustmentRequest | None:
        """Return the request, strongly consistent; ``None`` if there is none."""
        ...

    def save(self, change: AdjustmentChange) -> None:
        """Store *change*. Raises `Conflict` if the request was written since it was read."""
        ...
