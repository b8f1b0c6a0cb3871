"""The ports of clips and of the workflow that makes them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from echoes.domain.clips.attempts import AttemptRef
    from echoes.domain.clips.clip import Clip
    from echoes.domain.identifiers import ClipId, OwnerId
    from echoes.domain.projects.project import Project


class FreeClip(StrEnum):
    """What a commit does to the owner's one free clip."""

    USE = "use"
    """Use it; raises `FreeClipUsed` if it was used before."""

    GIVE_BACK = "give_back"
    """Give it back: the free clip could not be made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipChange:
    """
    A clip to store, whole.

    Stored only if the stored version is ``clip.version - 1`` (0: not stored yet).
    """

    clip: Clip
    free_clip: FreeClip | None = None
    project: Project | None = None
    """The project that the clip is added to or removed from, to store with it."""


class ClipReader(Protocol):
    """Reads clips."""

    def get(self, owner_id: OwnerId, clip_id: ClipId) -> Clip:
        """
        Return the clip, strongly consistent.

        Raises:
            NotFound: The owner has no such clip, or it was deleted.
        """
        ...

    def get_many(self, owner_id: OwnerId, clip_ids: Sequence[ClipId]) -> Sequence[Clip]:
        """Return those of the clips that exist, in the order of the ids; as `get`."""
        ...


class Clips(ClipReader, Protocol):
    """Stores clips."""

    def save(self, change: ClipChange) -> None:
        """
        Store *change*.

        Raises:
            Conflict: The clip was written since it was read.
            FreeClipUsed: The free clip was used before.
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
    """Makes a clip's files from the provider's video."""

    def finish(self, source: Path, *, directory: Path, clip: Clip) -> FinishedFiles:
        """Write master, preview and poster into *directory*. Raises `ResultUnusable`."""
        ...


class ExecutionState(StrEnum):
    """The status of an execution, for an attempt or a film."""

    MISSING = "missing"
    RUNNING = "running"
    ENDED = "ended"


class GenerationWorkflow(Protocol):
    """Runs attempts from submission to settlement."""

    def start(self, attempt: AttemptRef) -> None:
        """Start the attempt. Starting it again is a no-op (AJ9). Raises `Unavailable`."""
        ...

    def state(self, attempt: AttemptRef) -> ExecutionState:
        """Return the status of the attempt's execution. Raises `Unavailable`."""
        ...

    def stop(self, attempt: AttemptRef) -> None:
        """Stop the execution if it is running. Raises `Unavailable`."""
        ...


class Latencies(Protocol):
    """Remembers how long a provider took recently, to estimate the next wait."""

    def recent(self, provider: str, duration_seconds: int) -> Sequence[float]:
        """Return the latest run times in seconds (at most 50), in no particular order."""
        ...

    def record(self, provider: str, duration_seconds: int, seconds: float) -> None:
        """Add one. Best effort: a lost one only costs a little precision."""
        ...
