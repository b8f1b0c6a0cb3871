"""Executions that exist in memory only; a test carries them on by calling the tasks itself."""

from threading import Lock

from echoes.application.ports.clips import ExecutionState
from echoes.domain.clips.clip import AttemptRef
from echoes.domain.errors import Unavailable
from echoes.domain.identifiers import AttemptId


class InMemoryGenerationWorkflow:
    """
    The port `GenerationWorkflow`.

    ``started`` holds each attempt once, in the order they began. While ``unavailable`` is set
    every call fails, having done nothing.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._states: dict[AttemptId, ExecutionState] = {}
        self.started: list[AttemptRef] = []
        self.unavailable = False

    def start(self, attempt: AttemptRef) -> None:
        """Begin; a no-op if it was begun before."""
        with self._lock:
            self._require_available()
            if attempt.attempt_id not in self._states:
                self._states[attempt.attempt_id] = ExecutionState.RUNNING
                self.started.append(attempt)

    def state(self, attempt: AttemptRef) -> ExecutionState:
        """Return what became of it."""
        with self._lock:
            self._require_available()
            return self._states.get(attempt.attempt_id, ExecutionState.MISSING)

    def stop(self, attempt: AttemptRef) -> None:
        """End the execution, if it runs."""
        with self._lock:
            self._require_available()
            if attempt.attempt_id in self._states:
                self._states[attempt.attempt_id] = ExecutionState.ENDED

    def end(self, attempt: AttemptRef) -> None:
        """Let the execution come to its own end, well or badly."""
        with self._lock:
            self._states[attempt.attempt_id] = ExecutionState.ENDED

    def _require_available(self) -> None:
        if self.unavailable:
            raise Unavailable("the workflow could not answer")
