"""What settles attempts that lost their execution."""

from aws_cdk import Duration
from aws_cdk import aws_events as events
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from infra.constructs.event_targets import target_of
from infra.constructs.service_function import ServiceFunction


class GenerationRecovery(Construct):
    """
    Two ways to make sure that no hold stays open for ever.

    *stopped* is called at once when an execution failed, timed out or was aborted; *sweep* runs
    every minute and finds what even that missed.
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
            description="Time to sweep attempts and holds.",
            schedule=events.Schedule.rate(Duration.minutes(1)),
            targets=[target_of(sweep)],
        )
