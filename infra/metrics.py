"""
The metrics that functions write, as alarms and dashboards read them.

`docs/observability.md` explains them; a test compares the names with those of the run-time code.
Each is written under the name of the function that writes it, the dimension `service`.
"""

from typing import Final

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch

from infra.functions import (
    ASSEMBLE_JOIN,
    ASSEMBLE_SETTLE,
    AUDIT_BOOKS,
    AUDIT_PAYMENTS,
    AUDIT_TAMPERING,
    GENERATE_POLL,
    GENERATE_SETTLE,
    GENERATE_SUBMIT,
    GENERATE_SWEEP,
    PROJECTS_SWEEP,
    REWARDS_REVIEW,
    WEBHOOKS_INGEST,
    WEBHOOKS_SWEEP,
    WEBHOOKS_WORKER,
    FunctionSpec,
)

NAMESPACE: Final = "Echoes"

# The metrics used here, with the function that writes most of them.
WRITTEN_BY: Final = {
    "ClipSubmitted": GENERATE_SUBMIT,
    "SubmissionUnknown": GENERATE_SUBMIT,
    "FellBack": GENERATE_SUBMIT,
    "PollsPerClip": GENERATE_POLL,
    "DetectionDelaySeconds": GENERATE_POLL,
    "ProviderSeconds": GENERATE_POLL,
    "ProviderCost": GENERATE_POLL,
    "ClipCompleted": GENERATE_SETTLE,
    "ClipFailed": GENERATE_SETTLE,
    "CreditsCaptured": GENERATE_SETTLE,
    "CreditsReleased": GENERATE_SETTLE,
    "SweepErrors": GENERATE_SWEEP,
    "HoldsReturned": GENERATE_SWEEP,
    "ProjectSweepErrors": PROJECTS_SWEEP,
    "PriceDrift": GENERATE_POLL,
    "BooksChecked": AUDIT_BOOKS,
    "BookFaults": AUDIT_BOOKS,
    "BooksAnchored": AUDIT_BOOKS,
    "PaymentsCompared": AUDIT_PAYMENTS,
    "LedgerTampered": AUDIT_TAMPERING,
    "WebhookRefused": WEBHOOKS_INGEST,
    "CreditsBought": WEBHOOKS_WORKER,
    "CreditsReversed": WEBHOOKS_WORKER,
    "AccountFrozen": WEBHOOKS_WORKER,
    "PaymentQuarantined": WEBHOOKS_WORKER,
    "PaymentFailedToSettle": WEBHOOKS_WORKER,
    "PaymentSweepFound": WEBHOOKS_SWEEP,
    "PaymentSweepErrors": WEBHOOKS_SWEEP,
    "FilmCompleted": ASSEMBLE_SETTLE,
    "FilmFailed": ASSEMBLE_SETTLE,
    "FilmUnsound": ASSEMBLE_JOIN,
    "AssemblySeconds": ASSEMBLE_JOIN,
    "ReferralsRewarded": REWARDS_REVIEW,
    "ReferralsReversed": REWARDS_REVIEW,
    "ReferralErrors": REWARDS_REVIEW,
}


def service_metric(
    name: str, statistic: str, *, period: Duration, by: FunctionSpec | None = None
) -> cloudwatch.Metric:
    """Return one of our metrics that has no dimension but its service: the usual one, or *by*."""
    return cloudwatch.Metric(
        namespace=NAMESPACE,
        metric_name=name,
        dimensions_map={"service": (by or WRITTEN_BY[name]).name},
        statistic=statistic,
        period=period,
    )


def search_metric(
    name: str, dimension: str, statistic: str, *, period: Duration
) -> cloudwatch.MathExpression:
    """Return one of our metrics by each value of *dimension*; for dashboards, not for alarms."""
    return cloudwatch.MathExpression(
        expression=(
            f"SEARCH('{{{NAMESPACE},service,{dimension}}} MetricName=\"{name}\"', '{statistic}')"
        ),
        label=name,
        period=period,
        using_metrics={},
    )


def lambda_metric(
    name: str, function_name: str, statistic: str, *, period: Duration
) -> cloudwatch.Metric:
    """Return a metric of Lambda about one function."""
    return cloudwatch.Metric(
        namespace="AWS/Lambda",
        metric_name=name,
        dimensions_map={"FunctionName": function_name},
        statistic=statistic,
        period=period,
    )
