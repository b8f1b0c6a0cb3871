"""The state machine that carries a film from its plan to its file."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from aws_cdk import aws_events as events
from constructs import Construct

from infra.constructs.photo_intake import target_of
from infra.constructs.service_function import ServiceFunction
from infra.constructs.state_machine import grant_describe_and_stop, state_machine
from infra.environments import Environment

DEFINITION: Final = Path(__file__).parents[1] / "workflows" / "assembly.asl.json"


class AssemblyWorkflow(Construct):
    """
    Plan → render what is missing → join → settle; see ``workflows/assembly.asl.json``.

    *stopped* hears at once of executions that failed, timed out or were aborted.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        environment: Environment,
        tasks: Mapping[str, ServiceFunction],
        stopped: ServiceFunction,
    ) -> None:
        super().__init__(scope, construct_id)
        self._name = environment.name_of("assembly")
        self.state_machine = state_machine(
            self,
            name=self._name,
            definition=DEFINITION,
            comment="Carries one film.",
            tasks=tasks,
        )
        self.stopped = events.Rule(
            self,
            "Stopped",
            description="The assembly of a film ended without reaching its end.",
            event_pattern=events.EventPattern(
                source=["aws.states"],
                detail_type=["Step Functions Execution Status Change"],
                detail={
                    "status": ["FAILED", "TIMED_OUT", "ABORTED"],
                    "stateMachineArn": [self.state_machine.state_machine_arn],
                },
            ),
            targets=[target_of(stopped)],
        )

    def grant_start_execution(self, function: ServiceFunction) -> None:
        """Let *function* start executions."""
        function.add_environment(ASSEMBLY_STATE_MACHINE_ARN=self.state_machine.state_machine_arn)
        function.allow(["states:StartExecution"], [self.state_machine.state_machine_arn])

    def grant_describe_and_stop(self, function: ServiceFunction) -> None:
        """Let *function* ask how executions are and stop them."""
        function.add_environment(ASSEMBLY_STATE_MACHINE_ARN=self.state_machine.state_machine_arn)
        grant_describe_and_stop(function, name=self._name)
