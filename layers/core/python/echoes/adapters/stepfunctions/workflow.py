"""Attempts in Step Functions: one execution each, named after the attempt."""

from typing import TYPE_CHECKING, Final, cast

from botocore.config import Config
from botocore.session import Session

from echoes.adapters.stepfunctions.executions import Executions
from echoes.application.ports.clips import ExecutionState
from echoes.domain.clips.attempts import AttemptRef

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient

CONNECT_TIMEOUT_SECONDS: Final = 1
READ_TIMEOUT_SECONDS: Final = 5
ATTEMPTS: Final = 3
"""Eighteen seconds at worst: below API Gateway's 29."""


def stepfunctions_client(region: str, session: Session | None = None) -> "SFNClient":
    """Return a client for Step Functions in *region*, made from the process's *session*."""
    client = (session or Session()).create_client(
        "stepfunctions",
        region_name=region,
        config=Config(
            connect_timeout=CONNECT_TIMEOUT_SECONDS,
            read_timeout=READ_TIMEOUT_SECONDS,
            retries={"total_max_attempts": ATTEMPTS, "mode": "standard"},
        ),
    )
    return cast("SFNClient", client)


class StepFunctionsWorkflow(Executions):
    """The port `GenerationWorkflow`."""

    def start(self, attempt: AttemptRef) -> None:
        """
        Start the execution; a no-op if it was started before, even if it has ended.

        Raises `Unavailable`.
        """
        order = {
            "owner_id": attempt.owner_id,
            "clip_id": attempt.clip_id,
            "attempt_id": attempt.attempt_id,
        }
        self._start(attempt.attempt_id, order)

    def state(self, attempt: AttemptRef) -> ExecutionState:
        """Return its state; one started a moment ago may still be missing."""
        return self._state(attempt.attempt_id)

    def stop(self, attempt: AttemptRef) -> None:
        """Stop the execution; a no-op if there is none or it has ended. Raises `Unavailable`."""
        self._stop(attempt.attempt_id)
