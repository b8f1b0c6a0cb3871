"""Alarms: one for each way in which something fails."""

from collections.abc import Sequence
from typing import Final

from aws_cdk import Arn, ArnComponents, ArnFormat, Duration, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from constructs import Construct

from infra import functions
from infra.environments import Environment
from infra.functions import FUNCTIONS
from infra.functions.spec import FunctionSpec
from infra.metrics import lambda_metric, service_metric

MINUTE: Final = Duration.minutes(1)
QUARTER: Final = Duration.minutes(15)
DAY: Final = Duration.days(1)
# A rate under this is what retries are for.
ERRORS_PERCENT: Final = 5
# Slower than this share of its timeout, a function is about to be cut off.
TIMEOUT_SHARE: Final = 0.8
# Of clips that ended within a quarter of an hour, when at least a few did.
FAILED_PERCENT: Final = 20

_NOT_BREACHING: Final = cloudwatch.TreatMissingData.NOT_BREACHING
_BREACHING: Final = cloudwatch.TreatMissingData.BREACHING


class Alarms(Construct):
    """
    All alarms, and the topic they tell: subscribe to it, or deploy with `alarm_email`.

    Silence means "nothing happens" for most; for the sweeps it means that they do not run.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        environment: Environment,
        tables: Sequence[tuple[str, dynamodb.ITable]],
    ) -> None:
        super().__init__(scope, construct_id)
        self._environment = environment
        self._metric_math = environment.platform.metric_math
        self.topic = self._topic()
        self.alarms: list[cloudwatch.Alarm] = []
        for spec in FUNCTIONS:
            self._watch_function(spec)
            if spec.asynchronous:
                self._watch_dead_letters(spec)
        self._watch_workflows()
        self._watch_api()
        for name, table in tables:
            self._watch_table(name, table)
        self._watch_money_and_sweep()
        self._watch_payments()
        self._watch_prices()
        self._watch_books()

    def _topic(self) -> sns.Topic:
        topic = sns.Topic(
            self, "Topic", topic_name=self._environment.name_of("alarms"), enforce_ssl=True
        )
        topic.grant_publish(iam.ServicePrincipal("cloudwatch.amazonaws.com"))
        if self._environment.alarm_email:
            topic.add_subscription(subscriptions.EmailSubscription(self._environment.alarm_email))
        return topic

    def _alarm(
        self,
        construct_id: str,
        metric: cloudwatch.IMetric,
        means: str,
        *,
        threshold: float,
        periods: int = 1,
        of: int | None = None,
        comparison: cloudwatch.ComparisonOperator = (
            cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD
        ),
        missing: cloudwatch.TreatMissingData = _NOT_BREACHING,
    ) -> None:
        alarm = cloudwatch.Alarm(
            self,
            construct_id,
            alarm_name=self._environment.name_of(construct_id),
            alarm_description=means,
            metric=metric,
            threshold=threshold,
            datapoints_to_alarm=periods,
            evaluation_periods=of or periods,
            comparison_operator=comparison,
            treat_missing_data=missing,
        )
        alarm.add_alarm_action(actions.SnsAction(self.topic))
        alarm.add_ok_action(actions.SnsAction(self.topic))
        self.alarms.append(alarm)

    def _watch_function(self, spec: FunctionSpec) -> None:
        name = self._environment.name_of(spec.name)
        errors = lambda_metric("Errors", name, "Sum", period=MINUTE)
        calls = lambda_metric("Invocations", name, "Sum", period=MINUTE)
        rate = cloudwatch.MathExpression(
            expression="IF(calls > 0, 100 * errors / calls, 0)",
            using_metrics={"errors": errors, "calls": calls},
            label="errors, percent",
            period=MINUTE,
        )
        self._alarm(
            f"{spec.name}-errors",
            rate if self._metric_math else errors,
            f"{spec.name} fails. It {spec.does[0].lower()}{spec.does[1:]}",
            threshold=ERRORS_PERCENT if self._metric_math else 0,
            periods=2,
            of=3,
        )
        self._alarm(
            f"{spec.name}-throttles",
            lambda_metric("Throttles", name, "Sum", period=MINUTE),
            f"More calls of {spec.name} than its reserved concurrency of {spec.concurrency}.",
            threshold=0,
            periods=2,
            of=3,
        )
        self._alarm(
            f"{spec.name}-slow",
            lambda_metric("Duration", name, "p99", period=MINUTE),
            f"{spec.name} comes close to its timeout of {spec.timeout_seconds} s.",
            threshold=TIMEOUT_SHARE * spec.timeout_seconds * 1000,
            periods=2,
            of=3,
        )

    def _watch_dead_letters(self, spec: FunctionSpec) -> None:
        self._alarm(
            f"{spec.name}-dead-letters",
            cloudwatch.Metric(
                namespace="AWS/SQS",
                metric_name="ApproximateNumberOfMessagesVisible",
                dimensions_map={
                    "QueueName": self._environment.name_of(f"{spec.name}-dead-letters")
                },
                statistic="Maximum",
                period=MINUTE,
            ),
            f"An event for {spec.name} could not be handled. Read it, mend the cause, redrive it.",
            threshold=0,
        )

    def _watch_workflows(self) -> None:
        # What cannot be made is settled by its execution, which then succeeds.
        for workflow, thing in (("generation", "attempt"), ("assembly", "film")):
            for metric, means in (
                ("ExecutionsFailed", f"Executions could not settle their {thing}; the rule does."),
                ("ExecutionsTimedOut", "Executions ran out of time; the rule settles them."),
                ("ExecutionsAborted", "Executions were stopped; the rule settles them."),
                ("ExecutionThrottled", "Step Functions slows executions down: ask for more."),
            ):
                self._alarm(
                    f"{workflow}-{metric.lower()}",
                    self._of_workflow(workflow, metric),
                    means,
                    threshold=0,
                    periods=2,
                    of=3,
                )
        self._alarm(
            "film-unsound",
            service_metric("FilmUnsound", "Sum", period=QUARTER),
            "A film was not what was planned, so nobody got it. The log says what was wrong.",
            threshold=0,
        )

    def _of_workflow(self, workflow: str, metric: str) -> cloudwatch.Metric:
        machine = Arn.format(
            ArnComponents(
                service="states",
                resource="stateMachine",
                resource_name=self._environment.name_of(workflow),
                arn_format=ArnFormat.COLON_RESOURCE_NAME,
            ),
            Stack.of(self),
        )
        return cloudwatch.Metric(
            namespace="AWS/States",
            metric_name=metric,
            dimensions_map={"StateMachineArn": machine},
            statistic="Sum",
            period=MINUTE,
        )

    def _watch_api(self) -> None:
        dimensions = {"ApiName": self._environment.name_of("api")}

        def api(metric: str, statistic: str) -> cloudwatch.Metric:
            return cloudwatch.Metric(
                namespace="AWS/ApiGateway",
                metric_name=metric,
                dimensions_map=dimensions,
                statistic=statistic,
                period=MINUTE,
            )

        self._alarm(
            "api-failures",
            # The average of a metric that is 0 or 1 is its rate.
            api("5XXError", "Average"),
            "More than one answer in a hundred is a 5xx.",
            threshold=0.01,
            periods=2,
            of=3,
        )
        self._alarm(
            "api-slow",
            api("Latency", "p99"),
            "One answer in a hundred takes more than three seconds.",
            threshold=3_000,
            periods=3,
            of=5,
        )

    def _watch_table(self, name: str, table: dynamodb.ITable) -> None:
        for metric, means in (
            ("ThrottledRequests", "is throttled: a hot key, or a quota"),
            ("SystemErrors", "fails on AWS's side"),
        ):
            self._alarm(
                f"{name}-{metric.lower()}",
                cloudwatch.Metric(
                    namespace="AWS/DynamoDB",
                    metric_name=metric,
                    dimensions_map={"TableName": table.table_name},
                    statistic="Sum",
                    period=MINUTE,
                ),
                f"The table of {name} {means}.",
                threshold=0,
                periods=2,
                of=3,
            )

    def _watch_prices(self) -> None:
        for spec, means in (
            (functions.clips.GENERATE_API, "An order held other credits than its quote said."),
            (
                functions.clips.GENERATE_SETTLE,
                "A clip was paid with other credits than were held for it.",
            ),
            (
                functions.clips.GENERATE_POLL,
                "A provider charges what we do not expect: see its price list.",
            ),
        ):
            self._alarm(
                f"price-drift-{spec.name}",
                service_metric("PriceDrift", "Sum", period=QUARTER, by=spec),
                means,
                threshold=0,
            )

    def _watch_payments(self) -> None:
        for name, metric, threshold, means in (
            ("payment-quarantined", "PaymentQuarantined", 0,
             "Somebody paid for what does not fit their order. Look at it, then grant or refund."),
            ("account-frozen", "AccountFrozen", 0,
             "A fraud warning or a dispute froze an account. Look at it, then thaw or leave it."),
            ("payment-sweep-found", "PaymentSweepFound", 5,
             "The sweep finds payments that webhooks should have told of. Do they arrive?"),
            ("payment-sweep-errors", "PaymentSweepErrors", 0,
             "The sweep could not settle a payment, and will try again in an hour."),
            ("webhooks-refused", "WebhookRefused", 20,
             "Many messages at Stripe's door are refused: a forger, or a wrong secret or version."),
        ):  # fmt: skip
            self._alarm(
                name, service_metric(metric, "Sum", period=QUARTER), means, threshold=threshold
            )
        self._alarm(
            "payments-dead-letters",
            cloudwatch.Metric(
                namespace="AWS/SQS",
                metric_name="ApproximateNumberOfMessagesVisible",
                dimensions_map={
                    "QueueName": self._environment.name_of("payments-dead-letters.fifo")
                },
                statistic="Maximum",
                period=MINUTE,
            ),
            "A payment could not be settled. Read it, mend the cause, redrive it.",
            threshold=0,
        )

    def _watch_books(self) -> None:
        self._alarm(
            "book-faults",
            service_metric("BookFaults", "Sum", period=QUARTER),
            "The books do not agree. The log says where; the anchors' bucket has every finding.",
            threshold=0,
        )
        self._alarm(
            "payment-faults",
            service_metric("BookFaults", "Sum", period=QUARTER, by=functions.audit.AUDIT_PAYMENTS),
            "Stripe and the ledger do not agree about a payment. The log says which.",
            threshold=0,
        )
        self._alarm(
            "payments-not-compared",
            service_metric("PaymentsCompared", "SampleCount", period=DAY),
            "Last night nobody compared the ledger with Stripe.",
            threshold=1,
            comparison=cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
            missing=_BREACHING,
        )
        self._alarm(
            "books-not-anchored",
            service_metric("BooksAnchored", "SampleCount", period=DAY),
            "Last night's audit did not come to its end: no anchor of the books was signed.",
            threshold=1,
            comparison=cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
            missing=_BREACHING,
        )
        self._alarm(
            "ledger-tampered",
            service_metric("LedgerTampered", "Sum", period=MINUTE),
            "An entry of the ledger was changed or removed. Freeze, and look at who could.",
            threshold=0,
        )

    def _watch_money_and_sweep(self) -> None:
        self._alarm(
            "submission-unknown",
            service_metric("SubmissionUnknown", "Sum", period=QUARTER),
            "Nobody knows whether a provider took some work. Compare its tasks with our attempts.",
            threshold=0,
        )
        self._alarm(
            "holds-returned",
            service_metric("HoldsReturned", "Sum", period=QUARTER),
            "Credits were held for orders that nobody carried; the sweep gave them back.",
            threshold=0,
        )
        self._alarm(
            "sweep-errors",
            service_metric("SweepErrors", "Sum", period=QUARTER),
            "The sweep could not settle something, and will try again.",
            threshold=0,
        )
        self._alarm(
            "project-sweep-errors",
            service_metric("ProjectSweepErrors", "Sum", period=QUARTER),
            "A batch could not be finished, or a deleted project not erased; it is tried again.",
            threshold=0,
        )
        self._alarm(
            "film-sweep-errors",
            service_metric(
                "SweepErrors", "Sum", period=QUARTER, by=functions.projects.PROJECTS_SWEEP
            ),
            "A film that nobody carries could not be started or ended; it is tried again.",
            threshold=0,
        )
        for name, spec in (
            ("sweep-absent", functions.clips.GENERATE_SWEEP),
            ("project-sweep-absent", functions.projects.PROJECTS_SWEEP),
        ):
            self._alarm(
                name,
                lambda_metric(
                    "Invocations",
                    self._environment.name_of(spec.name),
                    "Sum",
                    period=Duration.minutes(5),
                ),
                f"{spec.name} does not run.",
                threshold=1,
                periods=2,
                comparison=cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
                missing=_BREACHING,
            )
        if not self._metric_math:
            return
        released = service_metric("CreditsReleased", "Sum", period=QUARTER)
        captured = service_metric("CreditsCaptured", "Sum", period=QUARTER)
        self._alarm(
            "credits-given-back",
            cloudwatch.MathExpression(
                expression="IF(given + kept > 20, 100 * given / (given + kept), 0)",
                using_metrics={"given": released, "kept": captured},
                label="given back, percent",
                period=QUARTER,
            ),
            "Of the credits settled, too many were given back.",
            threshold=FAILED_PERCENT,
        )
        self._alarm(
            "metrics-unreadable",
            cloudwatch.Metric(
                namespace="AWS/Logs",
                metric_name="EMFParsingErrors",
                statistic="Sum",
                period=QUARTER,
            ),
            "Functions write metrics that CloudWatch cannot read.",
            threshold=0,
        )
