"""The schedule of the review of referrals."""

from aws_cdk import Duration
from aws_cdk import aws_events as events
from constructs import Construct

from infra.constructs.event_targets import target_of
from infra.constructs.service_function import ServiceFunction


class RewardReview(Construct):
    """Calls the review every hour. A missed run costs nothing: the next one does its work."""

    def __init__(self, scope: Construct, construct_id: str, *, review: ServiceFunction) -> None:
        super().__init__(scope, construct_id)
        self.rule = events.Rule(
            self,
            "Hour",
            description="Time to look which invitations have become rewards.",
            schedule=events.Schedule.rate(Duration.hours(1)),
            targets=[target_of(review)],
        )
