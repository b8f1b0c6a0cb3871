"""
All metrics in one place.

`docs/observability.md` explains each. Dimensions are few and small: provider and error code. Ids,
people and addresses are never one.
"""

from __future__ import annotations

import os
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from aws_lambda_powertools.metrics import MetricUnit, single_metric

from echoes.observability import logger

if TYPE_CHECKING:
    from echoes.domain.clips.drift import Drift

NAMESPACE: Final = "Echoes"


class Metric(StrEnum):
    """The names of metrics."""

    CLIP_SUBMITTED = "ClipSubmitted"
    SUBMISSION_UNKNOWN = "SubmissionUnknown"
    PROVIDER_BUSY = "ProviderBusy"
    FELL_BACK = "FellBack"
    POLLS_PER_CLIP = "PollsPerClip"
    DETECTION_DELAY_SECONDS = "DetectionDelaySeconds"
    PROVIDER_SECONDS = "ProviderSeconds"
    PROVIDER_COST = "ProviderCost"
    CLIP_COMPLETED = "ClipCompleted"
    CLIP_FAILED = "ClipFailed"
    CREDITS_CAPTURED = "CreditsCaptured"
    CREDITS_RELEASED = "CreditsReleased"
    SWEEP_STARTED = "SweepStarted"
    SWEEP_SETTLED = "SweepSettled"
    SWEEP_ERRORS = "SweepErrors"
    HOLDS_RETURNED = "HoldsReturned"
    PROJECT_SWEEP_ERRORS = "ProjectSweepErrors"
    PHOTO_DECIDED = "PhotoDecided"
    MUSIC_DECIDED = "MusicDecided"
    WEBHOOK_REFUSED = "WebhookRefused"
    CREDITS_BOUGHT = "CreditsBought"
    CREDITS_REVERSED = "CreditsReversed"
    CREDITS_REINSTATED = "CreditsReinstated"
    ACCOUNT_FROZEN = "AccountFrozen"
    PAYMENT_QUARANTINED = "PaymentQuarantined"
    PAYMENT_FAILED_TO_SETTLE = "PaymentFailedToSettle"
    PAYMENT_SWEEP_FOUND = "PaymentSweepFound"
    PAYMENT_SWEEP_ERRORS = "PaymentSweepErrors"
    PRICE_DRIFT = "PriceDrift"
    BOOKS_CHECKED = "BooksChecked"
    BOOK_FAULTS = "BookFaults"
    BOOKS_ANCHORED = "BooksAnchored"
    PAYMENTS_COMPARED = "PaymentsCompared"
    LEDGER_TAMPERED = "LedgerTampered"
    REFERRALS_REWARDED = "ReferralsRewarded"
    REFERRALS_REVERSED = "ReferralsReversed"
    REFERRAL_ERRORS = "ReferralErrors"
    FILM_COMPLETED = "FilmCompleted"
    FILM_FAILED = "FilmFailed"
    FILM_UNSOUND = "FilmUnsound"
    JOIN_SECONDS = "JoinSeconds"


def record_metric(
    name: Metric,
    value: float = 1,
    *,
    unit: MetricUnit = MetricUnit.Count,
    **dimensions: str,
) -> None:
    """Write one metric to the log, where CloudWatch finds it."""
    namespace = os.environ.get("POWERTOOLS_METRICS_NAMESPACE", NAMESPACE)
    with single_metric(name=name, unit=unit, value=value, namespace=namespace) as metric:
        for dimension, word in dimensions.items():
            metric.add_dimension(name=dimension, value=word)


def log_drift(drift: Drift | None) -> None:
    """Log and count a price drift, if there is one."""
    if drift is None:
        return
    logger.error(
        "price drift found",
        extra={"between": drift.between, "expected": drift.expected, "found": drift.found},
    )
    record_metric(Metric.PRICE_DRIFT)
