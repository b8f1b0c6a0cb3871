"""What a step of the generation workflow can come to."""

from dataclasses import dataclass

from echoes.domain.clips.drift import Drift
from echoes.domain.clips.polling import Watch
from echoes.domain.error_catalogue import ErrorCode
from echoes.domain.errors import PhotoTooLarge, PhotoUnusable, ProviderRefused, Rejected


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """The provider has the work: look again in ``seconds``."""

    watch: Watch
    seconds: float
    drift: Drift | None = None
    """Set if the provider will charge what we do not expect of it; told once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    """The provider has finished. The numbers are for operators."""

    polls: int = 0
    gap_seconds: float | None = None
    """Since the poll before: it was finished for at most so long. ``None``: seen before."""

    run_seconds: float | None = None
    provider_cost: int | None = None
    drift: Drift | None = None
    """Set if the provider has charged what we did not expect of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """The clip failed. The user sees ``error_code``; the rest is for operators."""

    error_code: ErrorCode
    detail: str
    polls: int = 0
    provider_cost: int | None = None


def failed(error: Rejected) -> Failed:
    """Return what a refusal on the way to a clip means to the person who waits for it."""
    match error:
        case ProviderRefused():
            code = error.failure
        case PhotoUnusable() | PhotoTooLarge():
            code = error.code
        case _:
            code = ErrorCode.GENERATION_FAILED
    return Failed(error_code=code, detail=f"{type(error).__name__}: {error}")
