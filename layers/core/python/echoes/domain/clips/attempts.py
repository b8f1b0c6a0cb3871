"""
Attempts: each try at a clip, with its own hold, its own execution and its own task.

`echoes.domain.clips.clip` decides how one changes.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from echoes.domain.error_catalogue import ErrorCode
from echoes.domain.identifiers import (
    AttemptId,
    ClipId,
    Credits,
    HoldId,
    OwnerId,
    ProviderTaskId,
)

START_GRACE: Final = timedelta(minutes=2)
"""After this time the sweep checks an attempt whose execution has not been seen."""


class ClipStatus(StrEnum):
    """The status of a clip."""

    PENDING = "pending"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"


class Stage(StrEnum):
    """The detailed progress behind a status, for people who wait."""

    QUEUED = "queued"
    SUBMITTING = "submitting"
    SUBMIT_UNKNOWN = "submit_unknown"
    ANIMATING = "animating"
    FETCHING = "fetching"
    FINISHING = "finishing"
    DONE = "done"
    CANCELLED = "cancelled"


TERMINAL: Final = frozenset({ClipStatus.COMPLETED, ClipStatus.FAILED})


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipMedia:
    """A finished clip's files. Keys are in the clips bucket; ``signature`` decides stream copy."""

    master_key: str
    preview_key: str
    poster_key: str
    width: int
    height: int
    duration_seconds: float
    frames: int
    bytes: int
    sha256: str
    signature: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One try at a clip: its own hold, its own execution, its own task at the provider."""

    number: int
    attempt_id: AttemptId
    provider: str
    credits: Credits
    created_at: datetime
    due_at: datetime
    """When the sweep should look at the attempt if it has not ended by then."""

    status: ClipStatus = ClipStatus.PENDING
    stage: Stage = Stage.QUEUED
    progress: float = 0.0
    cancel_requested: bool = False
    submitted_at: datetime | None = None
    running_since: datetime | None = None
    provider_task_id: ProviderTaskId | None = None
    completed_at: datetime | None = None
    error_code: ErrorCode | None = None
    provider_cost: int | None = None
    """What the provider says it charged, in its own credits. For operators."""

    media: ClipMedia | None = None

    @property
    def hold_id(self) -> HoldId:
        """One attempt, one hold: the ids are the same by construction."""
        return HoldId(self.attempt_id)

    @property
    def ended(self) -> bool:
        """Whether it is final."""
        return self.status in TERMINAL


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptRef:
    """What the workflow passes along: enough to find the attempt again."""

    owner_id: OwnerId
    clip_id: ClipId
    attempt_id: AttemptId


def first_attempt(clip_id: ClipId, *, provider: str, credits_: Credits, at: datetime) -> Attempt:
    """Return the attempt a new clip begins with."""
    return new_attempt(clip_id, 1, provider=provider, credits_=credits_, at=at)


def new_attempt(
    clip_id: ClipId, number: int, *, provider: str, credits_: Credits, at: datetime
) -> Attempt:
    """Return attempt *number* of a clip, waiting in the queue."""
    return Attempt(
        number=number,
        attempt_id=AttemptId(f"{clip_id}-{number}"),
        provider=provider,
        credits=credits_,
        created_at=at,
        due_at=at + START_GRACE,
    )
