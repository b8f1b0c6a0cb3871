"""The alarms of `infra/alarms.py`, and the topic they notify."""

from collections.abc import Mapping
from typing import Final

from aws_cdk import Arn, ArnComponents, ArnFormat, Duration, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from constructs import Construct

from infra.alarms import alarms
from infra.alarms.spec import AlarmSpec, Share, Silence, Source
from infra.environments import Environment

_COMPARISON: Final = cloudwatch.ComparisonOperator
_DIMENSION: Final = {
    Source.ECHOES: "service",
    Source.LAMBDA: "FunctionName",
    Source.QUEUES: "QueueName",
    Source.WORKFLOWS: "StateMachineArn",
    Source.API: "ApiName",
    Source.TABLES: "TableName",
    Source.LOGS: None,
}
_MISSING: Final = {
    Silence.FINE: cloudwatch.TreatMissingData.NOT_BREACHING,
    Silence.ALARMING: cloudwatch.TreatMissingData.BREACHING,
}


class Alarms(Construct):
    """All alarms, and one topic: subscribe to it, or deploy with `alarm_email`."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        environment: Environment,
        tables: Mapping[str, dynamodb.ITable],
    ) -> None:
        super().__init__(scope, construct_id)
        self._environment = environment
        self._tables = tables
        self.topic = self._topic()
        self.alarms = [
            self._alarm(spec) for spec in alarms(list(tables)) if self._can_be_computed(spec)
        ]

    def _topic(self) -> sns.Topic:
        topic = sns.Topic(
            self, "Topic", topic_name=self._environment.name_of("alarms"), enforce_ssl=True
        )
        topic.grant_publish(iam.ServicePrincipal("cloudwatch.amazonaws.com"))
        if self._environment.alarm_email:
            topic.add_subscription(subscriptions.EmailSubscription(self._environment.alarm_email))
        return topic

    def _can_be_computed(self, spec: AlarmSpec) -> bool:
        plain = spec.share is None or spec.share.plain_threshold is not None
        return plain or self._environment.platform.metric_math

    def _alarm(self, spec: AlarmSpec) -> cloudwatch.Alarm:
        metric: cloudwatch.IMetric = self._metric(spec, spec.metric)
        threshold = spec.threshold
        if spec.share and self._environment.platform.metric_math:
            metric = self._percentage(spec, spec.share)
        elif spec.share and spec.share.plain_threshold is not None:
            threshold = spec.share.plain_threshold
        alarm = cloudwatch.Alarm(
            self,
            spec.name,
            alarm_name=self._environment.name_of(spec.name),
            alarm_description=spec.meaning,
            metric=metric,
            threshold=threshold,
            datapoints_to_alarm=spec.periods,
            evaluation_periods=spec.of_periods or spec.periods,
            comparison_operator=(
                _COMPARISON.LESS_THAN_THRESHOLD
                if spec.below
                else _COMPARISON.GREATER_THAN_THRESHOLD
            ),
            treat_missing_data=_MISSING[spec.silence],
        )
        alarm.add_alarm_action(actions.SnsAction(self.topic))
        alarm.add_ok_action(actions.SnsAction(self.topic))
        return alarm

    def _metric(self, spec: AlarmSpec, name: str) -> cloudwatch.Metric:
        return cloudwatch.Metric(
            namespace=spec.source.value,
            metric_name=name,
            dimensions_map=self._dimensions(spec),
            statistic=spec.statistic,
            period=Duration.minutes(spec.minutes),
        )

    def _percentage(self, spec: AlarmSpec, share: Share) -> cloudwatch.MathExpression:
        names = [f"m{number}" for number in range(len(share.of))]
        whole = " + ".join(names)
        return cloudwatch.MathExpression(
            expression=f"IF({whole} > {share.fewest}, 100 * part / ({whole}), 0)",
            using_metrics={
                "part": self._metric(spec, spec.metric),
                **{
                    name: self._metric(spec, metric)
                    for name, metric in zip(names, share.of, strict=True)
                },
            },
            label=f"{spec.metric}, percent",
            period=Duration.minutes(spec.minutes),
        )

    def _dimensions(self, spec: AlarmSpec) -> dict[str, str]:
        name = self._environment.name_of(spec.subject)
        match spec.source:
            case Source.ECHOES:
                value = spec.subject
            case Source.TABLES:
                value = self._tables[spec.subject].table_name
            case Source.WORKFLOWS:
                value = self._state_machine_arn(name)
            case _:
                value = name
        dimension = _DIMENSION[spec.source]
        return {dimension: value} if dimension else {}

    def _state_machine_arn(self, name: str) -> str:
        return Arn.format(
            ArnComponents(
                service="states",
                resource="stateMachine",
                resource_name=name,
                arn_format=ArnFormat.COLON_RESOURCE_NAME,
            ),
            Stack.of(self),
        )
