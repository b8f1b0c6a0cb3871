"""Runway's responses, parsed as tolerantly as its documentation advises."""

from typing import Annotated, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from echoes.application.ports.providers import JobState

STATES: Final = {
    "PENDING": JobState.QUEUED,
    "THROTTLED": JobState.THROTTLED,
    "RUNNING": JobState.RUNNING,
    "SUCCEEDED": JobState.SUCCEEDED,
    "FAILED": JobState.FAILED,
    "CANCELLED": JobState.CANCELLED,
    "CANCELED": JobState.CANCELLED,  # the spelling of the older guide
}


def _list_or_nothing(value: object) -> object:
    return [] if value is None else value


class Cost(BaseModel):
    """Runway's own credits: one is a cent."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    credits: float = 0.0


class Created(BaseModel):
    """The response to a submission."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: Annotated[str, Field(min_length=1)]


class Task(BaseModel):
    """A task. Everything but the status may be missing."""

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)

    status: str
    progress: float | None = None
    output: Annotated[list[str], BeforeValidator(_list_or_nothing)] = []
    failure_code: str | None = Field(default=None, alias="failureCode")
    cost: Cost | None = None
    estimated_cost: Cost | None = Field(default=None, alias="estimatedCost")

    @property
    def state(self) -> JobState | None:
        """The status in our terms; ``None`` if it is unknown."""
        return STATES.get(self.status)


class Issue(BaseModel):
    """One fault of a request."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    path: Annotated[list[str | int], BeforeValidator(_list_or_nothing)] = []


class Refusal(BaseModel):
    """Why a request was refused, as Runway or its gateway says."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    error: str = ""
    message: str = ""
    issues: Annotated[list[Issue], BeforeValidator(_list_or_nothing)] = []

    @property
    def fields(self) -> frozenset[str]:
        """The faulty fields."""
        return frozenset(str(issue.path[0]) for issue in self.issues if issue.path)


def read_refusal(body: bytes) -> Refusal:
    """Return the refusal in *body*; an empty one if it is HTML or anything else."""
    try:
        return Refusal.model_validate_json(body)
    except ValidationError:
        return Refusal()
