"""Wiring of the hourly review of referrals."""

from collections.abc import Callable
from functools import partial

from echoes.application.rewards.review_referral import ReviewReferral
from echoes.application.rewards.review_referrals import ReviewReferrals
from echoes.bootstrap.referrals import RewardTools
from echoes.bootstrap.runtime import SystemClock
from echoes.tasks.rewards import review


def build() -> Callable[[], dict[str, int]]:
    """Return the handler of one sweep."""
    tools, clock = RewardTools.from_environ(), SystemClock()
    review_referrals = ReviewReferrals(
        rewards=tools.rewards,
        review_referral=ReviewReferral(
            rewards=tools.rewards,
            first_purchase=tools.first_purchase,
            ledger=tools.ledger,
            clock=clock,
        ),
        clock=clock,
    )
    return partial(review, review_referrals=review_referrals)
