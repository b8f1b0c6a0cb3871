"""The state machine that carries an attempt from submission to settlement."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from constructs import Construct

from infra import functions
from infra.constructs.service_function import ServiceFunction
from infra.constructs.state_machine import grant_describe_and_stop, state_machine
from infra.environments import Environment
from infra.functions.spec import FunctionSpec

DEFINITION: Final = Path(__file__).parents[1] / "workflows" / "generation.asl.json"
# The placeholders of the definition: `Submit` is `${SubmitFunctionArn}`.
TASKS: Final = {
    "Submit": functions.clips.GENERATE_SUBMIT,
    "Poll": functions.clips.GENERATE_POLL,
    "Finish": functions.clips.GENERATE_FINISH,
    "Settle": functions.clips.GENERATE_SETTLE,
}


class GenerationWorkflow(Construct):
    """
    Submit → poll → finish → settle; the states are in ``workflows/generation.asl.json``.

    The machine calls the alias of each of `TASKS`, and may call nothing else.
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
        self._name = environment.name_of("generation")
        self.state_machine = state_machine(
            self,
            name=self._name,
            definition=DEFINITION,
            comment="Carries one attempt at a clip.",
            tasks={name: built[spec] for name, spec in TASKS.items()},
            substitutions={"ReconcileAfterSeconds": str(environment.reconcile_after_seconds)},
        )

    def grant_start_execution(self, function: ServiceFunction) -> None:
        """Let *function* start executions."""
        function.add_environment(GENERATION_STATE_MACHINE_ARN=self.state_machine.state_machine_arn)
        function.allow(["states:StartExecution"], [self.state_machine.state_machine_arn])

    def grant_describe_and_stop(self, function: ServiceFunction) -> None:
        """Let *function* ask how executions are and stop them."""
        function.add_environment(GENERATION_STATE_MACHINE_ARN=self.state_machine.state_machine_arn)
        grant_describe_and_stop(function, name=self._name)
