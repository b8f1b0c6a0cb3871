"""Films in Step Functions: one execution each, named after the film."""

from echoes.adapters.stepfunctions.executions import Executions
from echoes.application.ports.clips import ExecutionState
from echoes.domain.films.film import FilmRef


class StepFunctionsAssembly(Executions):
    """The port `AssemblyWorkflow`."""

    def start(self, film: FilmRef) -> None:
        """
        Start the execution; a no-op if it was started before, even if it has ended.

        Raises `Unavailable`.
        """
        self._start(film.film_id, {"owner_id": film.owner_id, "film_id": film.film_id})

    def state(self, film: FilmRef) -> ExecutionState:
        """Return its state; one started a moment ago may still be missing."""
        return self._state(film.film_id)

    def stop(self, film: FilmRef) -> None:
        """Stop the execution; a no-op if there is none or it has ended. Raises `Unavailable`."""
        self._stop(film.film_id)
