"""The port of the services that make videos."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from echoes.domain.clips.clip import Motion
    from echoes.domain.clips.ratios import Ratio
    from echoes.domain.error_catalogue import ErrorCode
    from echoes.domain.identifiers import AttemptId, ProviderTaskId


class JobState(StrEnum):
    """The state of a provider's task, in our terms."""

    QUEUED = "queued"
    THROTTLED = "throttled"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class JobStatus:
    """What the provider reports of a task. ``failure`` is set only if it failed."""

    state: JobState
    progress: float | None = None
    failure: ErrorCode | None = None
    failure_code: str | None = None
    """The provider's own code: for operators, never for users."""

    cost: int | None = None
    """What the provider has charged, in its own credits."""

    estimated_cost: int | None = None
    """What it announces it will charge, before it is done."""


class Cancelling(StrEnum):
    """Until when a provider lets a task be cancelled without charging for it."""

    NEVER = "never"
    WHILE_QUEUED = "while_queued"
    ALWAYS = "always"


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What a provider can do, so that the core does not depend on the vendor."""

    durations: frozenset[int]
    ratios: frozenset[Ratio]
    cancelling: Cancelling
    reports_progress: bool
    correlates: bool
    """Submitting the same attempt twice makes one task, so a lost response does no harm."""

    usual_seconds: float = 40.0
    """How soon the fastest tenth of its clips is ready, until there is a history."""

    cost_per_second: int | None = None
    """Our cost for a second of video, in the provider's credits; ``None``: nothing, or unknown."""

    def cost_of(self, duration_seconds: int) -> int | None:
        """Return the expected cost of a clip for us; ``None`` if unknown."""
        return self.cost_per_second and self.cost_per_second * duration_seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerationOrder:
    """What a provider needs to know. ``photo`` is a JPEG in the right ratio, below 3.5 MB."""

    attempt_id: AttemptId
    photo: bytes = field(repr=False)
    ratio: Ratio
    duration_seconds: int
    motion: Motion
    seed: int
    prompt: str | None = None


class VideoProvider(Protocol):
    """Animates a photo. One per vendor; see `Capabilities` for how they differ."""

    @property
    def capabilities(self) -> Capabilities:
        """What this provider can do."""
        ...

    def generate_clip(self, order: GenerationOrder) -> ProviderTaskId:
        """
        Submit *order* to the provider; return its task.

        Raises:
            ProviderRefused: It refused the work, and would refuse it again.
            ProviderBusy: It certainly did not accept it; submit it again later.
            SubmissionUnknown: The response was lost; do not submit it again.
        """
        ...

    def get_job_status(self, task_id: ProviderTaskId) -> JobStatus:
        """
        Return how far the task is; may be repeated freely.

        Raises `Unavailable`, or `NotFound` if the provider does not know the task yet, or no
        longer.
        """
        ...

    def fetch_result(self, task_id: ProviderTaskId, destination: Path) -> None:
        """
        Write the finished video to *destination*.

        The provider object downloads it itself, because some need credentials for that and all
        addresses expire. Raises `ResultGone` (repeatable) or `ResultUnusable`.
        """
        ...

    def cancel(self, task_id: ProviderTaskId) -> bool:
        """Return whether the task was cancelled free of charge. Never touches an ended task."""
        ...
