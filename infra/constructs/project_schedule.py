"""The schedule on which films and batches are swept, and deleted projects erased."""

from aws_cdk import Duration
from aws_cdk import aws_events as events
from constructs import Construct

from infra.constructs.event_targets import target_of
from infra.constructs.service_function import ServiceFunction


class ProjectSchedule(Construct):
    """Every minute: a batch that is paid for should not wait longer for its clips."""

    def __init__(self, scope: Construct, construct_id: str, *, sweep: ServiceFunction) -> None:
        super().__init__(scope, construct_id)
        self.rule = events.Rule(
            self,
            "Minute",
            description="Time to sweep films, batches and deleted projects.",
            schedule=events.Schedule.rate(Duration.minutes(1)),
            targets=[target_of(sweep)],
        )
