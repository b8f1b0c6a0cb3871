"""Use case: once an hour, review which referrals are due a reward or its reversal."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Final

from echoes.application.ports.clock import Clock
from echoes.application.ports.rewards import Rewards
from echoes.application.rewards.review_referral import ReviewReferral
from echoes.domain.errors import EchoesError
from echoes.domain.rewards import RewardTurn

BATCH: Final = 200
"""Referrals of one run; the next one continues with the oldest."""


@dataclass(slots=True, kw_only=True)
class ReferralReport:
    """The results of one sweep: numbers for operators."""

    seen: int = 0
    turns: Counter[RewardTurn] = field(default_factory=Counter)
    errors: list[str] = field(default_factory=list)
    """The names of errors; the next run tries again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewReferrals:
    """Review every referral that is due."""

    rewards: Rewards
    review_referral: ReviewReferral
    clock: Clock

    def __call__(self) -> ReferralReport:
        """Run one sweep. One referral's error does not stop the others."""
        report = ReferralReport()
        for referee_id in self.rewards.due(at=self.clock.now(), limit=BATCH):
            report.seen += 1
            try:
                turn = self.review_referral(referee_id)
            except EchoesError as error:
                report.errors.append(type(error).__name__)
            else:
                report.turns.update([turn] if turn else [])
        return report
