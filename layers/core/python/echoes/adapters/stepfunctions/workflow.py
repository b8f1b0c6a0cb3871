"""Attempts in Step Functions: one execution each, named after the attempt."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, cast

from botocore.config import Config
from botocore.exceptions import ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as ConnectionFailed
from botocore.session import Session

from echoes.application.ports.clips import ExecutionState
from echoes.domain.clips.attempts import AttemptRef
from echoes.domain.errors import Unavailable

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient

CONNECT_TIMEOUT_SECONDS: Final = 1
READ_TIMEOUT_SECONDS: Final = 5
ATTEMPTS: Final = 3
"""Eighteen seconds at worst: below API Gateway's 29."""

RUNNING: Final = frozenset({"RUNNING", "PENDING_REDRIVE"})
SERVER_FAULT: Final = 500
OVERLOADED: Final = frozenset(
    {"ThrottlingException", "ExecutionLimitExceeded", "TooManyRequestsException"}
)


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


class StepFunctionsWorkflow:
    """
    The port `GenerationWorkflow`.

    *correlation_id* connects the logs of an execution with those of its caller; without one, the
    attempt's id does.
    """

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

    def start(self, attempt: AttemptRef) -> None:
        """
        Start the execution; a no-op if it was started before, even if it has ended.

        Raises `Unavailable`.
        """
        order = {
            "owner_id": attempt.owner_id,
            "clip_id": attempt.clip_id,
            "attempt_id": attempt.attempt_id,
            "correlation_id": self._correlation_id() or attempt.attempt_id,
        }
        with translated(ignored="ExecutionAlreadyExists"):
            self._client.start_execution(
                stateMachineArn=self._machine, name=attempt.attempt_id, input=json.dumps(order)
            )

    def state(self, attempt: AttemptRef) -> ExecutionState:
        """Return its state; one started a moment ago may still be missing."""
        with translated(ignored="ExecutionDoesNotExist"):
            execution = execution_arn(self._machine, attempt.attempt_id)
            found = self._client.describe_execution(executionArn=execution)
            running = found["status"] in RUNNING
            return ExecutionState.RUNNING if running else ExecutionState.ENDED
        return ExecutionState.MISSING

    def stop(self, attempt: AttemptRef) -> None:
        """Stop the execution; a no-op if there is none or it has ended. Raises `Unavailable`."""
        with translated(ignored="ExecutionDoesNotExist"):
            self._client.stop_execution(
                executionArn=execution_arn(self._machine, attempt.attempt_id),
                error="Stopped",
                cause="No longer needed",
            )


def execution_arn(state_machine_arn: str, execution: str) -> str:
    """Return the ARN of the state machine's execution of that name."""
    account, _, name = state_machine_arn.partition(":stateMachine:")
    return f"{account}:execution:{name.partition(':')[0]}:{execution}"


@contextmanager
def translated(*, ignored: str) -> Iterator[None]:
    """Raise Step Functions' errors translated; *ignored* is an error code to ignore."""
    try:
        yield
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code == ignored:
            return
        status = error.response["ResponseMetadata"]["HTTPStatusCode"]
        if code in OVERLOADED or status >= SERVER_FAULT:
            raise Unavailable("Step Functions could not answer") from error
        raise
    except (ConnectionFailed, HTTPClientError) as error:
        raise Unavailable("Step Functions could not be reached") from error
