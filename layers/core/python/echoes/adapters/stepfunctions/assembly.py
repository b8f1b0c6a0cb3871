"""Films in Step Functions: one execution each, named after the film."""

import json
from collections.abc import Callable
from typing import TYPE_CHECKING

from echoes.adapters.stepfunctions.workflow import RUNNING, execution_arn, translated
from echoes.application.ports.clips import ExecutionState
from echoes.domain.films.film import FilmRef

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient


class StepFunctionsAssembly:
    """The port `AssemblyWorkflow`; without a *correlation_id* the film's own id is one."""

    def __init__(
        self,
        client: "SFNClient",
        state_machine_arn: str,
        *,
        correlation_id: Callable[[], str | None] = lambda: None,
    ) -> None:
        self._client = client
        self._machine = state_machine_arn
        self._correlation_id = correlation_id

    def start(self, film: FilmRef) -> None:
        """
        Start the execution; a no-op if it was started before, even if it has ended.

        Raises `Unavailable`.
        """
        order = {
            "owner_id": film.owner_id,
            "film_id": film.film_id,
            "correlation_id": self._correlation_id() or film.film_id,
        }
        with translated(ignored="ExecutionAlreadyExists"):
            self._client.start_execution(
                stateMachineArn=self._machine, name=film.film_id, input=json.dumps(order)
            )

    def state(self, film: FilmRef) -> ExecutionState:
        """Return its state; one started a moment ago may still be missing."""
        execution = execution_arn(self._machine, film.film_id)
        with translated(ignored="ExecutionDoesNotExist"):
            found = self._client.describe_execution(executionArn=execution)
            running = found["status"] in RUNNING
            return ExecutionState.RUNNING if running else ExecutionState.ENDED
        return ExecutionState.MISSING

    def stop(self, film: FilmRef) -> None:
        """Stop the execution; a no-op if there is none or it has ended. Raises `Unavailable`."""
        execution = execution_arn(self._machine, film.film_id)
        with translated(ignored="ExecutionDoesNotExist"):
            self._client.stop_execution(
                executionArn=execution, error="Stopped", cause="No longer needed"
            )
