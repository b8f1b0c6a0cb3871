"""What looks after attempts that lost their execution."""

from aws_cdk import Duration
from aws_cdk import aws_events as events
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from infra.constructs.photo_intake import target_of
from infra.constructs.service_function import ServiceFunction


class Aftercare(Construct):
    """
    Two ways in which no hold stays open for ever.

    *stopped* hears at once of executions that failed, timed out or were aborted; *sweep* looks
    every minute for whatever even that missed.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        state_machine: sfn.IStateMachine,
        stopped: ServiceFunction,
        sweep: ServiceFunction,
    ) -> None:
        super().__init__(scope, construct_id)
        self.stopped = events.Rule(
            self,
            "Stopped",
            description="An execution ended without reaching its end.",
            event_pattern=events.EventPattern(
                source=["aws.states"],
                detail_type=["Step Functions Execution Status Change"],
                detail={
                    "status": ["FAILED", "TIMED_OUT", "ABORTED"],
                    "stateMachineArn": [state_machine.state_machine_arn],
                },
            ),
            targets=[target_of(stopped)],
        )
        self.sweep = events.Rule(
            self,
            "Sweep",
            description="Time to look after attempts and holds.",
            schedule=events.Schedule.rate(Duration.minutes(1)),
            targets=[target_of(sweep)],
        )
