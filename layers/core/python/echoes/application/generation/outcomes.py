"""The outcomes of a step of the generation workflow."""

from dataclasses import dataclass

from echoes.domain.clips.drift import Drift
from echoes.domain.clips.polling import Watch
from echoes.domain.error_catalogue import ErrorCode
from echoes.domain.errors import PhotoTooLarge, PhotoUnusable, ProviderRefused, Rejected


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """The provider has the work: poll again in ``seconds``."""

    watch: Watch
    seconds: float
    drift: Drift | None = None
    """Set if the provider announces another charge than we expect; reported once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    """The provider has finished. The numbers are for operators."""

    polls: int = 0
    gap_seconds: float | None = None
    """
    Seconds since the previous poll: the longest it can have been finished unnoticed. ``None`` if it
    was noticed before.
    """

    run_seconds: float | None = None
    provider_cost: int | None = None
    drift: Drift | None = None
    """Set if the provider's charge is not the one we expected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """The clip failed. The user sees ``error_code``; the rest is for operators."""

    error_code: ErrorCode
    detail: str
    polls: int = 0
    provider_cost: int | None = None


def failed(error: Rejected) -> Failed:
    """Return what a refusal means for the user who is waiting for the clip."""
    match error:
        case ProviderRefused():
            code = error.failure
        case PhotoUnusable() | PhotoTooLarge():
            code = error.code
        case _:
            code = ErrorCode.GENERATION_FAILED
    return Failed(error_code=code, detail=f"{type(error).__name__}: {error}")
