"""Use cases: show a user's invitation code, and claim another user's."""

from dataclasses import dataclass
from typing import Final

from echoes.application.ports.clock import Clock
from echoes.application.ports.rewards import InvitationCodes, Rewards
from echoes.application.retries import retry_on_conflict
from echoes.application.rewards.review_referral import FindFirstPurchase
from echoes.domain.errors import InvalidRequest, Unavailable
from echoes.domain.identifiers import OwnerId
from echoes.domain.rewards import RewardTally, claim, code_of, read_code

MAX_NUMBERS: Final = 8
"""One collision is very rare; eight in a row mean that something else is wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """A user's code and its results."""

    code: str
    tally: RewardTally
    claimed: bool
    """Whether they have claimed a code themselves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowReferrals:
    """Return a user's code; the first request stores it."""

    rewards: Rewards
    codes: InvitationCodes

    def __call__(self, owner_id: OwnerId) -> Invitation:
        """Return code and numbers; the code never changes. Raises `Unavailable`."""
        for number in range(MAX_NUMBERS):
            code = code_of(owner_id, number=number)
            if self.codes.keep(code, owner_id) == owner_id:
                return Invitation(
                    code=code,
                    tally=self.rewards.tally(owner_id),
                    claimed=self.rewards.referral(owner_id) is not None,
                )
        raise Unavailable("no unused code was found")


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimReferral:
    """Record who invited a user, before their first purchase."""

    rewards: Rewards
    codes: InvitationCodes
    first_purchase: FindFirstPurchase
    clock: Clock

    def __call__(self, owner_id: OwnerId, code: str) -> None:
        """
        Record that the owner of *code* invited *owner_id*. Idempotent.

        The review notices a purchase that is being paid for at the same moment; it rewards only
        purchases made after the claim.

        Raises:
            InvalidRequest: No user has that code.
            ReferralRefused: It is their own code, or they have claimed a code or bought before.
        """
        referrer_id = self.codes.owner_of(read_code(code))
        if referrer_id is None:
            raise InvalidRequest("we don't know this invitation code", field="code")

        def claim_once() -> None:
            change = claim(
                owner_id,
                self.rewards.tally(referrer_id),
                known=self.rewards.referral(owner_id),
                purchase=self.first_purchase(owner_id),
                at=self.clock.now(),
            )
            if change is not None:
                self.rewards.save(change)

        retry_on_conflict(claim_once, clock=self.clock)
