"""Use case: make a referral's reward agree with the purchase it is given for."""

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
"""Purchases of one person that may have cost nothing (promotion codes) before one that did."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FindFirstPurchase:
    """Tells the first purchase for which somebody paid money."""

    history: PurchaseHistory
    purchases: Purchases

    def __call__(self, owner_id: OwnerId) -> FirstPurchase | None:
        """Return it as it is now; ``None`` if nothing was ever paid for."""
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

        Who reviews at the same moment as another may hear of what the other did.
        May be called at any time, by anybody who heard news of the referee's purchases. Credits,
        referral and tally change in one commit, so no cap is passed however many do so at once.
        Raises `Conflict` or `Unavailable`: the next round reviews it again.
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
                # The reference is the friend: one friend is paid for once, whoever claims what.
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
