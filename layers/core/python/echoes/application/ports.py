"""
What the application needs from the outside world.

Each protocol is implemented at least twice: in ``echoes.adapters`` against the real service, and
in ``dev.fakes`` in memory. ``tests/contract`` holds both to the same behaviour.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Final, Protocol

from echoes.domain.adjustments import AdjustmentChange
from echoes.domain.batches import BatchChange
from echoes.domain.catalogue import ErrorCode
from echoes.domain.clips import AttemptRef, Clip, Motion, Ratio
from echoes.domain.credits import AccountStatus, CreditAccount, Entry, Hold, Posting
from echoes.domain.identifiers import (
    AttemptId,
    ClipId,
    HoldId,
    OwnerId,
    ProviderTaskId,
    UploadId,
)
from echoes.domain.projects import Project
from echoes.domain.purchases import Purchase
from echoes.domain.rewards import RewardChange
from echoes.domain.uploads import PhotoFacts, Upload


class Clock(Protocol):
    """The time, and the passing of it."""

    def now(self) -> datetime:
        """Return the current time, timezone-aware UTC."""
        ...

    def sleep(self, seconds: float) -> None:
        """Let *seconds* pass."""
        ...


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


@dataclass(frozen=True, slots=True, kw_only=True)
class PurchaseChange:
    """
    A purchase as it is to be stored, whole.

    Stored only if the stored ``rev`` is ``purchase.rev - 1`` (0: not stored yet).
    """

    purchase: Purchase


Alongside = BatchChange | ClipChange | PurchaseChange | RewardChange | AdjustmentChange
"""What can be stored in one commit with a posting."""

MAX_PAGE: Final = 100
"""Entries of one page: what the API allows, and about 40 kB of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryPage:
    """Some entries, newest first; ``next_before`` continues, ``None`` ends the list."""

    entries: Sequence[Entry]
    next_before: int | None


class Ledger(Protocol):
    """Stores credit accounts, holds and entries. Reads are strongly consistent."""

    def account(self, owner_id: OwnerId) -> CreditAccount:
        """Return the account of *owner_id*; an empty one if they have never had credits."""
        ...

    def hold(self, hold_id: HoldId) -> Hold | None:
        """Return the hold, or ``None`` if it was never placed."""
        ...

    def post(self, posting: Posting, *, alongside: Alongside | None = None) -> Entry:
        """
        Store *posting*, and the change of a clip or a purchase with it: both or neither.

        A posting whose (type, reference) or hold was stored before with the same content returns
        the first entry and changes nothing, so callers may repeat freely.

        Raises:
            Conflict: The account, or what goes with it, was written since *posting* was computed.
            ReferenceMismatch: The reference was used before with other content.
            HoldAlreadySettled: The hold was settled the other way.
            Unavailable: DynamoDB could not answer; the effect is unknown until asked again.
        """
        ...

    def entries(self, owner_id: OwnerId, *, before: int | None, limit: int) -> EntryPage:
        """
        Return up to *limit* entries with ``seq < before`` (``None``: from the newest).

        Raises `ValueError` for a limit that is not 1 to `MAX_PAGE`.
        """
        ...

    def open_holds(self, *, expired_at: datetime, limit: int) -> Sequence[Hold]:
        """Return open holds that expired before *expired_at*, oldest first; may lag a little."""
        ...


class Freezer(Protocol):
    """Stops accounts from spending, and lets them again. Credits are not touched."""

    def set_status(
        self, owner_id: OwnerId, status: AccountStatus, *, alongside: PurchaseChange | None = None
    ) -> None:
        """
        Store *status*, and the change of a purchase with it: both or neither. May be repeated.

        Raises:
            NotFound: The account never had credits, so there is nothing it could spend.
            Conflict: The purchase was written since it was read.
        """
        ...


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

    def to_look_after(self, *, at: datetime, limit: int) -> Sequence[AttemptRef]:
        """Return attempts that have not ended and whose ``look_after`` has passed, oldest first."""
        ...


class Uploads(Protocol):
    """Stores uploads."""

    def get(self, owner_id: OwnerId, upload_id: UploadId) -> Upload:
        """Return the upload, strongly consistent. Raises `NotFound`."""
        ...

    def get_many(self, owner_id: OwnerId, upload_ids: Sequence[UploadId]) -> Sequence[Upload]:
        """Return those of the uploads that there are, in the order asked for; as `get`."""
        ...

    def add(self, uploads: Sequence[Upload]) -> None:
        """Store new uploads. One that is stored already is left as it is."""
        ...

    def save(self, upload: Upload) -> None:
        """Store *upload* if the stored version is ``version - 1``. Raises `Conflict`."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class PostForm:
    """Where a browser posts a file, and the fields that must come before it."""

    url: str
    fields: Mapping[str, str]


class MediaStore(Protocol):
    """Keeps files of one bucket. Keys are relative to it."""

    def form(self, key: str, *, content_type: str, max_bytes: int, lifetime: timedelta) -> PostForm:
        """Return a form that accepts one file of that type and size at exactly *key*."""
        ...

    def read(self, key: str, *, max_bytes: int) -> bytes:
        """Return the whole file. Raises `NotFound`, or `PhotoTooLarge` above *max_bytes*."""
        ...

    def write(
        self, key: str, content: bytes | Path, *, content_type: str, passing: bool = False
    ) -> None:
        """Store *content* at *key*, replacing what is there; what is *passing* goes in a week."""
        ...

    def link(self, key: str, *, lifetime: timedelta, filename: str | None = None) -> str:
        """Return a signed URL to read *key*; with *filename* browsers save it under that name."""
        ...

    def delete(self, prefix: str) -> None:
        """Remove every file below *prefix*. Removing nothing is fine."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedPhoto:
    """What is in a photo, and the small preview made from it (JPEG, no metadata)."""

    facts: PhotoFacts
    preview: bytes


class PhotoStudio(Protocol):
    """Opens photos safely."""

    def open(self, content: bytes) -> OpenedPhoto:
        """Return what *content* shows. Raises `PhotoUnusable` with the reason."""
        ...

    def fit(self, content: bytes, *, ratio: Ratio) -> bytes:
        """Return a JPEG without metadata in exactly *ratio*, below 3.5 MB. Deterministic."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishedFiles:
    """A clip brought home, as files on this machine."""

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


class JobState(StrEnum):
    """Where a provider's task is, in our words."""

    QUEUED = "queued"
    THROTTLED = "throttled"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class JobStatus:
    """What the provider says of a task. ``failure`` is set only when it failed."""

    state: JobState
    progress: float | None = None
    failure: ErrorCode | None = None
    failure_code: str | None = None
    """The provider's own code: for operators, never for users."""

    cost: int | None = None
    """What the provider has charged, in its own credits."""

    estimated_cost: int | None = None
    """What it says it will charge, while it is not done."""


class Cancelling(StrEnum):
    """Until when a provider lets a task be cancelled without charging for it."""

    NEVER = "never"
    WHILE_QUEUED = "while_queued"
    ALWAYS = "always"


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What a provider can do, so that the core need not know who it is."""

    durations: frozenset[int]
    ratios: frozenset[Ratio]
    cancelling: Cancelling
    reports_progress: bool
    correlates: bool
    """Offering the same attempt twice makes one task: a lost answer is no danger."""

    webhook: bool = False
    usual_seconds: float = 40.0
    """How soon the quicker tenth of its clips is there, until history says it better."""

    cost_per_second: int | None = None
    """What a second of video costs us, in the provider's credits; ``None``: nothing, or unknown."""

    def cost_of(self, duration_seconds: int) -> int | None:
        """Return what we expect a clip to cost us; ``None`` where nobody knows."""
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
    """Sets a photo in motion. One per vendor; see `Capabilities` for how they differ."""

    @property
    def capabilities(self) -> Capabilities:
        """What this provider can do."""
        ...

    def generate_clip(self, order: GenerationOrder) -> ProviderTaskId:
        """
        Offer *order* to the provider; return its task.

        Raises:
            ProviderRefused: It will not, and will not next time either.
            ProviderBusy: It certainly did not take it; offer it again later.
            SubmissionUnknown: The answer was lost; do not offer it again.
        """
        ...

    def get_job_status(self, task_id: ProviderTaskId) -> JobStatus:
        """
        Return how far the task is; may be repeated freely.

        Raises `Unavailable`, or `NotFound` when the provider knows no such task: yet, or any more.
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


class ExecutionState(StrEnum):
    """What became of an execution, an attempt's or a film's."""

    MISSING = "missing"
    RUNNING = "running"
    ENDED = "ended"


class GenerationWorkflow(Protocol):
    """Carries an attempt from the queue to its end."""

    def start(self, attempt: AttemptRef) -> None:
        """Begin. Starting the same attempt again is a no-op (AJ9). Raises `Unavailable`."""
        ...

    def state(self, attempt: AttemptRef) -> ExecutionState:
        """Return what became of the attempt's execution. Raises `Unavailable`."""
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


@dataclass(frozen=True, slots=True, kw_only=True)
class AdminRead:
    """That an admin read something of somebody (SE3), or is about to change it."""

    admin_id: OwnerId
    owner_id: OwnerId
    route: str
    resource_id: str
    request_id: str
    at: datetime
    reason: str | None = None
    """Why, where something is about to be changed."""


class Supervision(Protocol):
    """What admins need: finding what is not theirs, and leaving a trace of having looked."""

    def owner_of(self, resource_id: str) -> OwnerId:
        """Return whose clip or upload it is. Raises `NotFound`. May lag a little."""
        ...

    def note(self, read: AdminRead) -> None:
        """Store *read* for good. Raises `Unavailable`, and then nothing may be shown."""
        ...
