"""The executions of one state machine, each with a name of its own."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from botocore.exceptions import ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as ConnectionFailed

from echoes.application.ports.clips import ExecutionState
from echoes.domain.errors import Unavailable

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient

RUNNING: Final = frozenset({"RUNNING", "PENDING_REDRIVE"})
SERVER_FAULT: Final = 500
OVERLOADED: Final = frozenset(
    {"ThrottlingException", "ExecutionLimitExceeded", "TooManyRequestsException"}
)


class Executions:
    """
    Starts, finds and stops executions by name. Every method raises `Unavailable`.

    *correlation_id* connects the logs of an execution with those of its caller; without one, the
    execution's name does.
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

    def _start(self, name: str, order: Mapping[str, str]) -> None:
        content = json.dumps({**order, "correlation_id": self._correlation_id() or name})
        with translated(ignored="ExecutionAlreadyExists"):
            self._client.start_execution(stateMachineArn=self._machine, name=name, input=content)

    def _state(self, name: str) -> ExecutionState:
        with translated(ignored="ExecutionDoesNotExist"):
            found = self._client.describe_execution(executionArn=execution_arn(self._machine, name))
            running = found["status"] in RUNNING
            return ExecutionState.RUNNING if running else ExecutionState.ENDED
        return ExecutionState.MISSING

    def _stop(self, name: str) -> None:
        with translated(ignored="ExecutionDoesNotExist"):
            self._client.stop_execution(
                executionArn=execution_arn(self._machine, name),
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
