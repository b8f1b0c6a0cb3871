"""Rewards, invitation codes and operators' requests, in memory."""

from datetime import datetime
from threading import RLock

from echoes.domain.credits.adjustments import AdjustmentChange, AdjustmentRequest
from echoes.domain.errors import Conflict
from echoes.domain.identifiers import AdjustmentId, OwnerId
from echoes.domain.rewards import Referral, RewardChange, RewardTally


class InMemoryRewards:
    """
    The ports `Rewards` and `InvitationCodes`; ``requests`` is the port `AdjustmentRequests`.

    A ledger that stores a change together with a posting holds ``lock``, calls `check`, and then
    `apply`, which cannot fail.
    """

    def __init__(self) -> None:
        self.lock = RLock()
        self._referrals: dict[OwnerId, Referral] = {}
        self._tallies: dict[OwnerId, RewardTally] = {}
        self._codes: dict[str, OwnerId] = {}
        self._requests: dict[AdjustmentId, AdjustmentRequest] = {}
        self.requests = InMemoryAdjustmentRequests(self)

    def referral(self, referee_id: OwnerId) -> Referral | None:
        """Return the referral of *referee_id*, if there is one."""
        with self.lock:
            return self._referrals.get(referee_id)

    def tally(self, owner_id: OwnerId) -> RewardTally:
        """Return what *owner_id* got so far."""
        with self.lock:
            return self._tallies.get(owner_id, RewardTally(owner_id=owner_id))

    def save(self, change: RewardChange) -> None:
        """Store *change*, both parts or neither. Raises `Conflict`."""
        with self.lock:
            self.check(change)
            self.apply(change)

    def due(self, *, at: datetime, limit: int) -> list[OwnerId]:
        """Return invited users whose time to be looked at has come, oldest first."""
        with self.lock:
            due = [
                (found.review_at, found.referee_id)
                for found in self._referrals.values()
                if found.review_at is not None and found.review_at <= at
            ]
        return [referee_id for _, referee_id in sorted(due)[:limit]]

    def owner_of(self, code: str) -> OwnerId | None:
        """Return the owner of *code*, if it has one."""
        with self.lock:
            return self._codes.get(code)

    def keep(self, code: str, owner_id: OwnerId) -> OwnerId:
        """Give *code* to *owner_id* unless it has an owner; return its owner."""
        with self.lock:
            return self._codes.setdefault(code, owner_id)

    def check(self, change: RewardChange | AdjustmentChange) -> None:
        """Raise `Conflict` if anything of *change* was written since it was read."""
        with self.lock:
            if isinstance(change, AdjustmentChange):
                known = self._requests.get(change.request.adjustment_id)
                _follows(change.request.version, known.version if known else 0)
                return
            if change.referral is not None:
                found = self._referrals.get(change.referral.referee_id)
                _follows(change.referral.version, found.version if found else 0)
            if change.tally is not None:
                _follows(change.tally.version, self.tally(change.tally.owner_id).version)

    def apply(self, change: RewardChange | AdjustmentChange) -> None:
        """Store *change* without asking."""
        with self.lock:
            if isinstance(change, AdjustmentChange):
                self._requests[change.request.adjustment_id] = change.request
                return
            if change.referral is not None:
                self._referrals[change.referral.referee_id] = change.referral
            if change.tally is not None:
                self._tallies[change.tally.owner_id] = change.tally

    def request(self, adjustment_id: AdjustmentId) -> AdjustmentRequest | None:
        """Return the request, if there is one."""
        with self.lock:
            return self._requests.get(adjustment_id)


class InMemoryAdjustmentRequests:
    """The port `AdjustmentRequests`, in memory."""

    def __init__(self, rewards: InMemoryRewards) -> None:
        self._rewards = rewards

    def get(self, adjustment_id: AdjustmentId) -> AdjustmentRequest | None:
        """Return the request, if there is one."""
        return self._rewards.request(adjustment_id)

    def save(self, change: AdjustmentChange) -> None:
        """Store *change*. Raises `Conflict`."""
        with self._rewards.lock:
            self._rewards.check(change)
            self._rewards.apply(change)


def _follows(version: int, stored: int) -> None:
    if version != stored + 1:
        raise Conflict("another request changed this first")
