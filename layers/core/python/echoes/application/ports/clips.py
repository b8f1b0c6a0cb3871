"""The ports of clips and of the workflow that makes them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from echoes.domain.clips.attempts import AttemptRef
from echoes.domain.clips.clip import Clip
from echoes.domain.identifiers import (
    ClipId,
    OwnerId,
)
from echoes.domain.projects.project import Project


class FreeClip(StrEnum):
    """What happens to the owner's one free clip in a commit."""

    USE = "use"
    """Only if it has not been used: else `FreeClipUsed`."""

    GIVE_BACK = "give_back"
    """The free clip could not be made, so it may be tried again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipChange:
    """
    A clip as it is to be stored, whole.

    Stored only if the stored version is ``clip.version - 1`` (0: not stored yet).
    """

    clip: Clip
    free_clip: FreeClip | None = None
    project: Project | None = None
    """The project that the clip comes to or leaves, as it is to be stored with it."""


class Clips(Protocol):
    """Stores clips."""

    def get(self, owner_id: OwnerId, clip_id: ClipId) -> Clip:
        """
        Return the clip, strongly consistent.

        Raises:
            NotFound: There is none of that owner with that id, or it was deleted.
        """
        ...

    def get_many(self, owner_id: OwnerId, clip_ids: Sequence[ClipId]) -> Sequence[Clip]:
        """Return those of the clips that there are, in the order asked for; as `get`."""
        ...

    def save(self, change: ClipChange) -> None:
        """
        Store *change*.

        Raises:
            Conflict: The clip was written since it was read.
            FreeClipUsed: The free clip was to be used and has been used before.
        """
        ...

    def due(self, *, at: datetime, limit: int) -> Sequence[AttemptRef]:
        """Return attempts that have not ended and whose ``due_at`` has passed, oldest first."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishedFiles:
    """A finished clip, as local files."""

    master: Path
    preview: Path
    poster: Path
    width: int
    height: int
    duration_seconds: float
    frames: int
    sha256: str
    signature: str


class ClipFinisher(Protocol):
    """Makes what users get from what a provider delivered."""

    def finish(self, source: Path, *, directory: Path, clip: Clip) -> FinishedFiles:
        """Write master, preview and poster into *directory*. Raises `ResultUnusable`."""
        ...


class ExecutionState(StrEnum):
    """The status of an execution, for an attempt or a film."""

    MISSING = "missing"
    RUNNING = "running"
    ENDED = "ended"


class GenerationWorkflow(Protocol):
    """Runs an attempt from the queue to its end."""

    def start(self, attempt: AttemptRef) -> None:
        """Begin. Starting the same attempt again is a no-op (AJ9). Raises `Unavailable`."""
        ...

    def state(self, attempt: AttemptRef) -> ExecutionState:
        """Return the status of the attempt's execution. Raises `Unavailable`."""
        ...

    def stop(self, attempt: AttemptRef) -> None:
        """End the execution, if it runs. Raises `Unavailable`."""
        ...


class Latencies(Protocol):
    """Remembers how long a provider lately took, so that the next wait can be guessed well."""

    def recent(self, provider: str, duration_seconds: int) -> Sequence[float]:
        """Return the latest run times in seconds (at most 50), in no particular order."""
        ...

    def record(self, provider: str, duration_seconds: int, seconds: float) -> None:
        """Remember one more. Best effort: a lost one costs a little precision, nothing else."""
        ...
