"""The hourly review of rewards."""

from echoes.application.rewards.review_referrals import ReviewReferrals
from echoes.domain.rewards import RewardTurn
from echoes.observability import logger
from echoes.tasks.metrics import Metric, record_metric


def review(*, review_referrals: ReviewReferrals) -> dict[str, int]:
    """Run `ReviewReferrals` once; return its numbers."""
    report = review_referrals()
    numbers = {
        "seen": report.seen,
        "rewarded": report.turns[RewardTurn.GRANT] + report.turns[RewardTurn.REINSTATE],
        "reversed": report.turns[RewardTurn.REVERSE],
        "errors": len(report.errors),
    }
    if any(numbers.values()):
        logger.info(
            "referrals reviewed", extra={**numbers, "error_names": sorted(set(report.errors))}
        )
    for name, value in (
        (Metric.REFERRALS_REWARDED, numbers["rewarded"]),
        (Metric.REFERRALS_REVERSED, numbers["reversed"]),
        (Metric.REFERRAL_ERRORS, numbers["errors"]),
    ):
        if value:
            record_metric(name, value)
    return numbers
