"""What the state machine of films passes to its tasks, and what they return."""

from typing import Literal, TypedDict

from pydantic import BaseModel, ConfigDict

from echoes.domain.error_catalogue import ErrorCode
from echoes.domain.films.film import FilmRef
from echoes.domain.identifiers import FilmId, OwnerId


class FilmPayload(BaseModel):
    """The input of an execution; every task gets it as ``film``."""

    model_config = ConfigDict(frozen=True)

    owner_id: str
    film_id: str
    correlation_id: str | None = None

    @property
    def ref(self) -> FilmRef:
        """The film in the words of the domain."""
        return FilmRef(owner_id=OwnerId(self.owner_id), film_id=FilmId(self.film_id))


class JoinPayload(BaseModel):
    """What every task gets."""

    model_config = ConfigDict(frozen=True)

    film: FilmPayload


class PlanPayload(JoinPayload):
    """How often it was planned before."""

    round: int = 0


class RenderPayload(JoinPayload):
    """The segments to encode, by key, and how many the film needs in all."""

    keys: tuple[str, ...]
    total: int


class SettleFilmPayload(JoinPayload):
    """How the film ended. A failure without a code is a bug, but still a failure."""

    outcome: Literal["complete", "fail"]
    error_code: ErrorCode | None = None

    @property
    def failure(self) -> ErrorCode | None:
        """Why the film failed; ``None`` if it did not."""
        if self.outcome == "complete":
            return None
        return self.error_code or ErrorCode.FILM_FAILED


class AssemblyResult(TypedDict):
    """What a task returns. All keys are always there: a missing one stops the execution."""

    state: Literal["missing", "ready", "rendered", "joined", "failed", "settled"]
    round: int
    batches: list[list[str]]
    total: int
    error_code: str | None


def assembly_result(
    state: Literal["missing", "ready", "rendered", "joined", "failed", "settled"],
    *,
    round_: int = 0,
    batches: list[list[str]] | None = None,
    total: int = 0,
    error_code: ErrorCode | None = None,
) -> AssemblyResult:
    """Return a result with every key."""
    return AssemblyResult(
        state=state,
        round=round_,
        batches=batches or [],
        total=total,
        error_code=None if error_code is None else str(error_code),
    )
