"""From the moment a photo or music lies in its bucket to the function that opens it."""

from typing import cast

from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infra.constructs.media_buckets import INCOMING
from infra.constructs.service_function import LONGEST_EVENT_AGE, RETRIES, ServiceFunction


class PhotoIntake(Construct):
    """Every original that arrives in *bucket* is opened by *opener*, or becomes a dead letter."""

    def __init__(
        self, scope: Construct, construct_id: str, *, bucket: s3.IBucket, opener: ServiceFunction
    ) -> None:
        super().__init__(scope, construct_id)
        self.rule = events.Rule(
            self,
            "Arrived",
            description="An uploaded photo has arrived.",
            event_pattern=events.EventPattern(
                source=["aws.s3"],
                detail_type=["Object Created"],
                detail={
                    "bucket": {"name": [bucket.bucket_name]},
                    # Previews are written to the same bucket and must not come round again.
                    "object": {"key": [{"suffix": "/original"}]},
                },
            ),
            targets=[target_of(opener)],
        )


class MusicIntake(Construct):
    """Every piece of music that arrives in *bucket* is opened by *opener*, or a dead letter."""

    def __init__(
        self, scope: Construct, construct_id: str, *, bucket: s3.IBucket, opener: ServiceFunction
    ) -> None:
        super().__init__(scope, construct_id)
        self.rule = events.Rule(
            self,
            "Arrived",
            description="Somebody's own music has arrived.",
            event_pattern=events.EventPattern(
                source=["aws.s3"],
                detail_type=["Object Created"],
                detail={
                    "bucket": {"name": [bucket.bucket_name]},
                    "object": {"key": [{"prefix": f"{INCOMING}owners/"}]},
                },
            ),
            targets=[target_of(opener)],
        )


def target_of(
    function: ServiceFunction, *, event: events.RuleTargetInput | None = None
) -> targets.LambdaFunction:
    """Return *function* as a rule's target; what cannot be delivered joins its dead letters."""
    assert function.dead_letters is not None, f"{function.spec.name} is not asynchronous"  # noqa: S101
    return targets.LambdaFunction(
        cast("lambda_.IFunction", function.alias),
        event=event,
        dead_letter_queue=function.dead_letters.queue,
        max_event_age=LONGEST_EVENT_AGE,
        retry_attempts=RETRIES,
    )
