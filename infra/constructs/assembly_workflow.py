"""The state machine that carries a film from its plan to its file."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from aws_cdk import aws_events as events
from constructs import Construct

from infra import functions
from infra.constructs.event_targets import target_of
from infra.constructs.service_function import ServiceFunction
from infra.constructs.state_machine import grant_describe_and_stop, state_machine
from infra.environments import Environment
from infra.functions.spec import FunctionSpec

DEFINITION: Final = Path(__file__).parents[1] / "workflows" / "assembly.asl.json"
# The placeholders of the definition: `Plan` is `${PlanFunctionArn}`.
TASKS: Final = {
    "Plan": functions.films.ASSEMBLE_PLAN,
    "Render": functions.films.ASSEMBLE_RENDER,
    "Join": functions.films.ASSEMBLE_JOIN,
    "Settle": functions.films.ASSEMBLE_SETTLE,
}


class AssemblyWorkflow(Construct):
    """
    Plan → render what is missing → join → settle; see ``workflows/assembly.asl.json``.

    The machine calls the alias of each of `TASKS`, and may call nothing else. An execution that
    failed, timed out or was aborted is settled at once by a rule.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        environment: Environment,
        built: Mapping[FunctionSpec, ServiceFunction],
    ) -> None:
        super().__init__(scope, construct_id)
        self._name = environment.name_of("assembly")
        self.state_machine = state_machine(
            self,
            name=self._name,
            definition=DEFINITION,
            comment="Carries one film.",
            tasks={name: built[spec] for name, spec in TASKS.items()},
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
            targets=[target_of(built[functions.films.ASSEMBLE_STOPPED])],
        )

    def grant_start_execution(self, function: ServiceFunction) -> None:
        """Let *function* start executions."""
        function.add_environment(ASSEMBLY_STATE_MACHINE_ARN=self.state_machine.state_machine_arn)
        function.allow(["states:StartExecution"], [self.state_machine.state_machine_arn])

    def grant_describe_and_stop(self, function: ServiceFunction) -> None:
        """Let *function* ask how executions are and stop them."""
        function.add_environment(ASSEMBLY_STATE_MACHINE_ARN=self.state_machine.state_machine_arn)
        grant_describe_and_stop(function, name=self._name)
