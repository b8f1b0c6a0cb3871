"""The input and the output of the state machine's tasks."""

from typing import Final, Literal, TypedDict

from pydantic import BaseModel, ConfigDict, TypeAdapter

from echoes.application.generation.outcomes import Arrived, Failed, Waiting
from echoes.application.generation.submit_clip import ProviderOffer
from echoes.domain.clips.attempts import AttemptRef
from echoes.domain.clips.polling import Watch
from echoes.domain.error_catalogue import ErrorCode
from echoes.domain.identifiers import AttemptId, ClipId, OwnerId

SHORTEST_WAIT: Final = 1
"""Step Functions waits whole seconds."""

WATCH: Final = TypeAdapter(Watch)


class AttemptPayload(BaseModel):
    """The input of an execution; every task gets it as ``attempt``."""

    model_config = ConfigDict(frozen=True)

    owner_id: str
    clip_id: str
    attempt_id: str
    correlation_id: str | None = None

    @property
    def ref(self) -> AttemptRef:
        """The attempt as the domain names it."""
        return AttemptRef(
            owner_id=OwnerId(self.owner_id),
            clip_id=ClipId(self.clip_id),
            attempt_id=AttemptId(self.attempt_id),
        )


class FinishPayload(BaseModel):
    """The input of every task."""

    model_config = ConfigDict(frozen=True)

    attempt: AttemptPayload


class SubmitPayload(FinishPayload):
    """The input of `submit`, with the reason for submitting."""

    offer: ProviderOffer = ProviderOffer.FIRST


class PollPayload(FinishPayload):
    """The input of `poll`, with the results of earlier polls."""

    watch: Watch


class SettlePayload(FinishPayload):
    """How the attempt ended. A release without a code is a bug, but still a release."""

    outcome: Literal["complete", "release"]
    error_code: ErrorCode | None = None

    @property
    def failure(self) -> ErrorCode | None:
        """Why the attempt failed; ``None`` if it did not."""
        if self.outcome == "complete":
            return None
        return self.error_code or ErrorCode.GENERATION_FAILED


class StepResult(TypedDict):
    """The output of a task. All keys are always present: a missing one stops the execution."""

    state: Literal["waiting", "arrived", "finished", "failed", "settled"]
    wait_seconds: int
    polls: int
    watch: dict[str, object] | None
    error_code: str | None


def step_result(outcome: Waiting | Arrived | Failed, *, scale: float) -> StepResult:
    """Return *outcome* for the state machine; *scale* shortens the waits of the local cloud."""
    match outcome:
        case Waiting(watch=watch, seconds=seconds):
            return StepResult(
                state="waiting",
                wait_seconds=max(SHORTEST_WAIT, round(seconds * scale)),
                polls=watch.polls,
                watch=WATCH.dump_python(watch, mode="json"),
                error_code=None,
            )
        case Arrived():
            return plain_result("arrived", polls=outcome.polls)
        case Failed():
            return plain_result("failed", polls=outcome.polls, error_code=outcome.error_code)


def plain_result(
    state: Literal["arrived", "finished", "failed", "settled"],
    *,
    polls: int = 0,
    error_code: ErrorCode | None = None,
) -> StepResult:
    """Return a result without a wait."""
    return StepResult(
        state=state,
        wait_seconds=0,
        polls=polls,
        watch=None,
        error_code=None if error_code is None else str(error_code),
    )
