"""What operators look at: the day's clips and credits, the functions, the API."""

from collections.abc import Sequence
from typing import Final

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from infra.environments import Environment
from infra.functions import FUNCTIONS
from infra.metrics import lambda_metric, search_metric, service_metric

FIVE_MINUTES: Final = Duration.minutes(5)
_WIDE: Final = 24
_HALF: Final = 12


class Dashboards(Construct):
    """Two dashboards, alarms in the first row; eight hours at a glance."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        environment: Environment,
        alarms: Sequence[cloudwatch.IAlarm],
    ) -> None:
        super().__init__(scope, construct_id)
        self._environment = environment
        status = cloudwatch.AlarmStatusWidget(
            title="Alarms", alarms=list(alarms), width=_WIDE, height=5
        )
        self._dashboard("overview", [[status], *self._overview()])
        self._dashboard("functions", self._functions())

    def _dashboard(self, name: str, rows: list[list[cloudwatch.IWidget]]) -> None:
        cloudwatch.Dashboard(
            self,
            name.title(),
            dashboard_name=self._environment.name_of(name),
            default_interval=Duration.hours(8),
            period_override=cloudwatch.PeriodOverride.INHERIT,
            widgets=rows,
        )

    def _overview(self) -> list[list[cloudwatch.IWidget]]:
        numbers = cloudwatch.SingleValueWidget(
            title="Now",
            metrics=[
                service_metric(name, "Sum", period=FIVE_MINUTES)
                for name in ("ClipSubmitted", "CreditsCaptured", "CreditsReleased", "ProviderCost")
            ],
            set_period_to_time_range=True,
            width=_WIDE,
            height=3,
        )
        return [
            [numbers],
            [
                _graph(
                    "Clips",
                    search_metric("ClipCompleted", "provider", "Sum", period=FIVE_MINUTES),
                    search_metric("ClipFailed", "error_code", "Sum", period=FIVE_MINUTES),
                ),
                _graph(
                    "Waiting, in seconds",
                    service_metric("DetectionDelaySeconds", "p50", period=FIVE_MINUTES),
                    service_metric("DetectionDelaySeconds", "p95", period=FIVE_MINUTES),
                    service_metric("ProviderSeconds", "p50", period=FIVE_MINUTES),
                ),
            ],
            [
                _graph(
                    "Polls a clip", service_metric("PollsPerClip", "Average", period=FIVE_MINUTES)
                ),
                _graph(
                    "What the sweep found",
                    service_metric("HoldsReturned", "Sum", period=FIVE_MINUTES),
                    service_metric("SweepErrors", "Sum", period=FIVE_MINUTES),
                    service_metric("SubmissionUnknown", "Sum", period=FIVE_MINUTES),
                    service_metric("FellBack", "Sum", period=FIVE_MINUTES),
                ),
            ],
        ]

    def _functions(self) -> list[list[cloudwatch.IWidget]]:
        def all_functions(metric: str, statistic: str) -> list[cloudwatch.IMetric]:
            return [
                lambda_metric(
                    metric, self._environment.name_of(spec.name), statistic, period=FIVE_MINUTES
                ).with_(label=spec.name)
                for spec in FUNCTIONS
            ]

        def api(metric: str, statistic: str) -> cloudwatch.Metric:
            return cloudwatch.Metric(
                namespace="AWS/ApiGateway",
                metric_name=metric,
                dimensions_map={"ApiName": self._environment.name_of("api")},
                statistic=statistic,
                period=FIVE_MINUTES,
            )

        return [
            [
                _graph(
                    "Requests",
                    api("Count", "Sum"),
                    api("4XXError", "Sum"),
                    api("5XXError", "Sum"),
                ),
                _graph("Latency, in ms", api("Latency", "p50"), api("Latency", "p99")),
            ],
            [
                _graph("Calls", *all_functions("Invocations", "Sum")),
                _graph("Errors", *all_functions("Errors", "Sum")),
            ],
            [
                _graph("Duration p99, in ms", *all_functions("Duration", "p99")),
                _graph("Running at once", *all_functions("ConcurrentExecutions", "Maximum")),
            ],
        ]


def _graph(title: str, *metrics: cloudwatch.IMetric) -> cloudwatch.GraphWidget:
    return cloudwatch.GraphWidget(title=title, left=list(metrics), width=_HALF, height=6)
