"""Use case: make a referral's reward agree with the purchase behind it."""

from dataclasses import dataclass
from itertools import islice
from typing import Final, assert_never

from echoes.application.ports.clock import Clock
from echoes.application.ports.credits import Ledger
from echoes.application.ports.purchases import Purchases
from echoes.application.ports.rewards import PurchaseHistory, Rewards
from echoes.application.retries import retry_on_conflict
from echoes.domain.credits.accounts import Posting
from echoes.domain.credits.entries import EntryType
from echoes.domain.credits.postings import SYSTEM, grant, reinstate, reverse
from echoes.domain.identifiers import CheckoutId, OwnerId
from echoes.domain.rewards import (
    RULES,
    FirstPurchase,
    Referral,
    RewardRules,
    RewardTurn,
    review,
)

LOOKED_AT: Final = 20
"""How many free purchases (promotion codes) are skipped to find a user's first paid one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FindFirstPurchase:
    """Finds a user's first paid purchase."""

    history: PurchaseHistory
    purchases: Purchases

    def __call__(self, owner_id: OwnerId) -> FirstPurchase | None:
        """Return it as it is now; ``None`` if the user never paid."""
        for entry in islice(self.history.purchase_grants(owner_id), LOOKED_AT):
            found = self.purchases.get(CheckoutId(entry.reference))
            if found is not None and found.amount_total > 0:
                return FirstPurchase(
                    checkout_id=found.checkout_id, at=entry.at, whole=found.reversed == 0
                )
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewReferral:
    """Post the difference between what was rewarded and what is earned; idempotent."""

    rewards: Rewards
    first_purchase: FindFirstPurchase
    ledger: Ledger
    clock: Clock
    rules: RewardRules = RULES

    def __call__(self, referee_id: OwnerId) -> RewardTurn | None:
        """
        Review who invited *referee_id*; return what happened to the credits, if anything did.

        Of two concurrent reviews, both may return what one did. May be called at any time, for
        example after a change of the referee's purchases. Credits, referral and tally change in one
        commit, so concurrent reviews cannot exceed a cap. Raises `Conflict` or `Unavailable`: the
        next round reviews it again.
        """
        return retry_on_conflict(lambda: self._once(referee_id), clock=self.clock)

    def _once(self, referee_id: OwnerId) -> RewardTurn | None:
        referral = self.rewards.referral(referee_id)
        if referral is None:
            return None
        tally = self.rewards.tally(referral.referrer_id)
        purchase = self.first_purchase(referee_id)
        at = self.clock.now()
        verdict = review(referral, tally, purchase, at=at, rules=self.rules)
        if verdict.turn is not None and verdict.change.referral is not None:
            posting = self._posting(verdict.turn, verdict.change.referral)
            self.ledger.post(posting, alongside=verdict.change)
        elif verdict.change.referral is not None:
            self.rewards.save(verdict.change)
        return verdict.turn

    def _posting(self, turn: RewardTurn, referral: Referral) -> Posting:
        account = self.ledger.account(referral.referrer_id)
        at, amount = self.clock.now(), referral.credits
        match turn:
            case RewardTurn.GRANT:
                # The reference is the invited user, so each is rewarded once, for one inviter.
                return grant(
                    account,
                    type=EntryType.REFERRAL,
                    reference=referral.referee_id,
                    amount=amount,
                    at=at,
                    actor=SYSTEM,
                )
            case RewardTurn.REVERSE | RewardTurn.REINSTATE:
                post = reverse if turn is RewardTurn.REVERSE else reinstate
                return post(
                    account,
                    type=EntryType.REFERRAL,
                    reference=f"{referral.referee_id}#{referral.turns}",
                    amount=amount,
                    at=at,
                    actor=SYSTEM,
                )
            case _:
                assert_never(turn)
