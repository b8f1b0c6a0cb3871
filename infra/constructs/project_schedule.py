"""What looks after films and batches that were cut short, and projects that were deleted."""

from aws_cdk import Duration
from aws_cdk import aws_events as events
from constructs import Construct

from infra.constructs.photo_intake import target_of
from infra.constructs.service_function import ServiceFunction


class ProjectCare(Construct):
    """The minute of the sweep: a batch that is paid for should not wait longer for its clips."""

    def __init__(self, scope: Construct, construct_id: str, *, sweep: ServiceFunction) -> None:
        super().__init__(scope, construct_id)
        self.rule = events.Rule(
            self,
            "Minute",
            description="Time to look after films, batches and deleted projects.",
            schedule=events.Schedule.rate(Duration.minutes(1)),
            targets=[target_of(sweep)],
        )
