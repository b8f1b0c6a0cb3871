"""From the moment music has arrived in its bucket to the function that opens it."""

from aws_cdk import aws_events as events
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infra.constructs.event_targets import target_of
from infra.constructs.media_buckets import INCOMING
from infra.constructs.service_function import ServiceFunction


class MusicIntake(Construct):
    """Every piece of music that arrives in *bucket* is opened by *opener*, or a dead letter."""

    def __init__(
        self, scope: Construct, construct_id: str, *, bucket: s3.IBucket, opener: ServiceFunction
    ) -> None:
        super().__init__(scope, construct_id)
        self.rule = events.Rule(
            self,
            "Arrived",
            description="An uploaded music file has arrived.",
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
