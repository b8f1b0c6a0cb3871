"""
The metrics that functions write, as alarms and dashboards read them.

`docs/observability.md` explains them; a test compares the names with those of the run-time code.
Each is written under the name of the function that writes it, the dimension `service`.
"""

from typing import Final

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch

from infra import functions

NAMESPACE: Final = "Echoes"

# The metrics used here, with the function that writes most of them.
WRITTEN_BY: Final = {
    "ClipSubmitted": functions.clips.GENERATE_SUBMIT,
    "SubmissionUnknown": functions.clips.GENERATE_SUBMIT,
    "FellBack": functions.clips.GENERATE_SUBMIT,
    "PollsPerClip": functions.clips.GENERATE_POLL,
    "DetectionDelaySeconds": functions.clips.GENERATE_POLL,
    "ProviderSeconds": functions.clips.GENERATE_POLL,
    "ProviderCost": functions.clips.GENERATE_POLL,
    "ClipCompleted": functions.clips.GENERATE_SETTLE,
    "ClipFailed": functions.clips.GENERATE_SETTLE,
    "CreditsCaptured": functions.clips.GENERATE_SETTLE,
    "CreditsReleased": functions.clips.GENERATE_SETTLE,
    "SweepErrors": functions.clips.GENERATE_SWEEP,
    "HoldsReturned": functions.clips.GENERATE_SWEEP,
    "ProjectSweepErrors": functions.projects.PROJECTS_SWEEP,
    "PriceDrift": functions.clips.GENERATE_POLL,
    "BooksChecked": functions.audit.AUDIT_BOOKS,
    "BookFaults": functions.audit.AUDIT_BOOKS,
    "BooksAnchored": functions.audit.AUDIT_BOOKS,
    "PaymentsCompared": functions.audit.AUDIT_PAYMENTS,
    "LedgerTampered": functions.audit.AUDIT_TAMPERING,
    "WebhookRefused": functions.payments.WEBHOOKS_INGEST,
    "CreditsBought": functions.payments.WEBHOOKS_RECONCILE,
    "CreditsReversed": functions.payments.WEBHOOKS_RECONCILE,
    "AccountFrozen": functions.payments.WEBHOOKS_RECONCILE,
    "PaymentQuarantined": functions.payments.WEBHOOKS_RECONCILE,
    "PaymentFailedToSettle": functions.payments.WEBHOOKS_RECONCILE,
    "PaymentSweepFound": functions.payments.WEBHOOKS_SWEEP,
    "PaymentSweepErrors": functions.payments.WEBHOOKS_SWEEP,
    "FilmCompleted": functions.films.ASSEMBLE_SETTLE,
    "FilmFailed": functions.films.ASSEMBLE_SETTLE,
    "FilmUnsound": functions.films.ASSEMBLE_JOIN,
    "JoinSeconds": functions.films.ASSEMBLE_JOIN,
    "ReferralsRewarded": functions.rewards.REWARDS_REVIEW,
    "ReferralsReversed": functions.rewards.REWARDS_REVIEW,
    "ReferralErrors": functions.rewards.REWARDS_REVIEW,
}


def service_metric(name: str, statistic: str, *, period: Duration) -> cloudwatch.Metric:
    """Return one of our metrics that has no dimension but its service, the usual one."""
    return cloudwatch.Metric(
        namespace=NAMESPACE,
        metric_name=name,
        dimensions_map={"service": WRITTEN_BY[name].name},
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
