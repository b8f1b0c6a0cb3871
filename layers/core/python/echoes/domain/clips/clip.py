"""
Clips: one photo, set in motion; up to four attempts.

Every function is pure: a clip in, the clip as it is afterwards out. A clip is stored whole, and
``version`` guards against lost updates.

* Within an attempt, ``status`` and ``progress`` never move backwards, and a terminal attempt never
  changes again: completed XOR failed, for ever (AJ4). Only a new attempt begins at ``pending``.
* A function asked for an outcome the clip already has returns it unchanged; asked for another
  outcome it raises `AttemptEnded`.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from echoes.domain.clips.attempts import (
    Attempt,
    AttemptRef,
    ClipMedia,
    ClipStatus,
    Stage,
    new_attempt,
)
from echoes.domain.clips.ratios import Ratio
from echoes.domain.error_catalogue import ErrorCode
from echoes.domain.errors import AttemptEnded, ClipBusy, InvalidRequest, RegenerationLimit
from echoes.domain.identifiers import (
    AttemptId,
    ClipId,
    Credits,
    OwnerId,
    ProjectId,
    ProviderTaskId,
    UploadId,
)

REGENERATIONS: Final = 3
SECONDS_PER_CREDIT: Final = 5
DURATIONS: Final = range(2, 11)
"""Whole seconds that the first provider can make: Runway's gen4 family takes 2 to 10."""

MAX_PROMPT_UTF16_UNITS: Final = 1000
"""Runway counts UTF-16 code units, as browsers do."""

MAX_SEED: Final = 2**32 - 1
DELETED_RETENTION: Final = timedelta(days=1)
"""How long a deleted clip's row is kept, so that running work notices the deletion."""


class Motion(StrEnum):
    """How the camera moves."""

    AUTO = "auto"
    ZOOM_IN = "zoom_in"
    ZOOM_OUT = "zoom_out"
    PAN_LEFT = "pan_left"
    PAN_RIGHT = "pan_right"
    TILT_UP = "tilt_up"
    TILT_DOWN = "tilt_down"


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """The ordered clip and all its attempts; the last one is the current attempt."""

    owner_id: OwnerId
    clip_id: ClipId
    upload_id: UploadId
    duration_seconds: int
    ratio: Ratio
    motion: Motion
    seed: int
    free: bool
    """A guest's free clip: costs nothing and never loses its watermark."""

    placeholder: str
    created_at: datetime
    updated_at: datetime
    attempts: tuple[Attempt, ...]
    project_id: ProjectId | None = None
    prompt: str | None = None
    deleted_at: datetime | None = None
    version: int = 1

    @property
    def attempt(self) -> Attempt:
        """The current attempt."""
        return self.attempts[-1]

    @property
    def regenerations_left(self) -> int:
        """How many more times the owner may try."""
        return REGENERATIONS + 1 - len(self.attempts)

    @property
    def watermarked(self) -> bool:
        """Whether the owner only ever gets the watermarked preview."""
        return self.free or self.attempt.status is not ClipStatus.COMPLETED

    @property
    def finished(self) -> Attempt | None:
        """The newest completed attempt: what the owner has while another one is made."""
        done = (a for a in reversed(self.attempts) if a.status is ClipStatus.COMPLETED)
        return next(done, None)

    @property
    def attempt_seed(self) -> int:
        """The seed of the current attempt. It differs each time, or nothing would change."""
        return self.seed_of(self.attempt)

    def seed_of(self, attempt: Attempt) -> int:
        """Return the seed of one of the attempts."""
        return (self.seed + attempt.number - 1) % (MAX_SEED + 1)

    @property
    def media_prefix(self) -> str:
        """Where the media of the current attempt are stored in the clips bucket."""
        return f"{clip_prefix(self.owner_id, self.clip_id)}{self.attempt.number}/"


def ref(clip: Clip) -> AttemptRef:
    """Return the reference of the current attempt."""
    return AttemptRef(
        owner_id=clip.owner_id, clip_id=clip.clip_id, attempt_id=clip.attempt.attempt_id
    )


def clip_prefix(owner_id: OwnerId, clip_id: ClipId) -> str:
    """Return where everything of a clip is stored in the clips bucket."""
    return f"owners/{owner_id}/clips/{clip_id}/"


def price_of(duration_seconds: int) -> Credits:
    """Return what a clip costs: one credit for every five seconds begun."""
    return Credits(-(-duration_seconds // SECONDS_PER_CREDIT))


def check_request(*, duration_seconds: int, seed: int, prompt: str | None) -> None:
    """
    Check what the types cannot.

    Raises:
        InvalidRequest: Names the first field that is out of its range.
    """
    if duration_seconds not in DURATIONS:
        raise InvalidRequest("duration_seconds must be 2 to 10", field="duration_seconds")
    if not 0 <= seed <= MAX_SEED:
        raise InvalidRequest(f"seed must be 0 to {MAX_SEED}", field="seed")
    if prompt is not None and not 1 <= utf16_units(prompt) <= MAX_PROMPT_UTF16_UNITS:
        raise InvalidRequest("prompt must be 1 to 1000 characters", field="prompt")


def utf16_units(text: str) -> int:
    """Return the length of *text* as browsers and Runway count it."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def regenerate(clip: Clip, *, provider: str, credits_: Credits, at: datetime) -> Clip:
    """
    Return *clip* with one more attempt.

    Raises:
        RegenerationLimit: All three regenerations are used.
        ClipBusy: The current attempt has not ended.
    """
    if not clip.attempt.ended:
        raise ClipBusy("wait until the current attempt has ended, or cancel it")
    if clip.regenerations_left < 1:
        raise RegenerationLimit(f"all {REGENERATIONS} regenerations of this clip have been used")
    attempt = new_attempt(
        clip.clip_id, len(clip.attempts) + 1, provider=provider, credits_=credits_, at=at
    )
    return replace(
        clip, attempts=(*clip.attempts, attempt), updated_at=at, version=clip.version + 1
    )


def begin_submission(clip: Clip, *, at: datetime, provider: str | None = None) -> Clip:
    """
    Return *clip* with the intent to submit recorded, before the provider is called.

    With *provider* the attempt moves to that provider: only from the queue, never in doubt.
    """
    return _change(
        clip,
        at,
        stage=Stage.SUBMITTING,
        submitted_at=at,
        provider=provider or clip.attempt.provider,
    )


def withdraw_submission(clip: Clip, *, at: datetime) -> Clip:
    """Return *clip* to the queue: it is certain that the provider did not accept the work."""
    return _change(clip, at, stage=Stage.QUEUED, submitted_at=None)


def doubt_submission(clip: Clip, *, at: datetime) -> Clip:
    """Return *clip* in doubt: the provider may or may not have accepted the work."""
    return _change(clip, at, stage=Stage.SUBMIT_UNKNOWN)


def accepted(clip: Clip, task_id: ProviderTaskId, *, at: datetime) -> Clip:
    """Return *clip* accepted by a provider. The task id and ``processing`` are one write (AJ2)."""
    return _change(
        clip,
        at,
        status=ClipStatus.PROCESSING,
        stage=Stage.ANIMATING,
        provider_task_id=task_id,
    )


def progressed(clip: Clip, progress: float, *, running: bool, at: datetime) -> Clip:
    """Return *clip* with *progress* (0 to 1), which only ever grows."""
    attempt = clip.attempt
    since = attempt.running_since or (at if running else None)
    grown = max(attempt.progress, min(progress, 1.0))
    if (grown, since) == (attempt.progress, attempt.running_since):
        return clip
    return _change(clip, at, progress=grown, running_since=since)


def entered(
    clip: Clip, stage: Stage, *, progress: float, at: datetime, provider_cost: int | None = None
) -> Clip:
    """Return *clip* in *stage* of being finished, with the provider's charge if known."""
    attempt = clip.attempt
    return _change(
        clip,
        at,
        stage=stage,
        progress=max(progress, attempt.progress),
        provider_cost=attempt.provider_cost if provider_cost is None else provider_cost,
    )


def media_stored(clip: Clip, media: ClipMedia, *, at: datetime) -> Clip:
    """Return *clip* whose *media* are in our bucket and which only needs to be settled."""
    if clip.attempt.media == media:
        return clip
    return _change(clip, at, stage=Stage.FINISHING, media=media)


def request_cancellation(clip: Clip, *, at: datetime) -> Clip:
    """Return *clip* marked to be cancelled as soon as the provider allows."""
    if clip.attempt.cancel_requested or clip.attempt.ended:
        return clip
    return _change(clip, at, cancel_requested=True)


def complete(clip: Clip, media: ClipMedia, *, at: datetime) -> Clip:
    """Return *clip* completed with *media*. Repeating it changes nothing."""
    if clip.attempt.status is ClipStatus.COMPLETED:
        return clip
    return _change(
        clip,
        at,
        status=ClipStatus.COMPLETED,
        stage=Stage.DONE,
        progress=1.0,
        media=media,
        completed_at=at,
    )


def fail(clip: Clip, error_code: ErrorCode, *, at: datetime) -> Clip:
    """Return *clip* failed because of *error_code*. Repeating it changes nothing."""
    if clip.attempt.status is ClipStatus.FAILED:
        return clip
    cancelled = error_code is ErrorCode.CLIP_CANCELLED
    return _change(
        clip,
        at,
        status=ClipStatus.FAILED,
        stage=Stage.CANCELLED if cancelled else Stage.DONE,
        error_code=error_code,
        completed_at=at,
    )


def due_again(clip: Clip, *, until: datetime, at: datetime) -> Clip:
    """Return *clip* so that the sweep leaves it alone before *until*."""
    return _change(clip, at, due_at=until)


def charged(clip: Clip, provider_cost: int, *, at: datetime) -> Clip:
    """Return *clip* with what the provider says it charged."""
    return _change(clip, at, provider_cost=provider_cost)


def delete(clip: Clip, *, at: datetime) -> Clip:
    """
    Return *clip* deleted: it can no longer be found.

    Raises:
        ClipBusy: The current attempt has not ended; cancel it first.
    """
    if not clip.attempt.ended:
        raise ClipBusy("wait until the current attempt has ended, or cancel it")
    return replace(clip, deleted_at=at, updated_at=at, version=clip.version + 1)


def require_current(clip: Clip, attempt_id: AttemptId) -> Attempt:
    """
    Return the current attempt if it is *attempt_id* and has not ended.

    Raises:
        AttemptEnded: There is nothing left to do for that attempt.
    """
    if clip.attempt.attempt_id != attempt_id or clip.attempt.ended:
        raise AttemptEnded(f"attempt {attempt_id} has ended")
    return clip.attempt


def _change(clip: Clip, at: datetime, **changes: object) -> Clip:
    attempt = clip.attempt
    if attempt.ended:
        raise AttemptEnded(f"attempt {attempt.attempt_id} has ended as {attempt.status}")
    changed = replace(attempt, **changes)  # type: ignore[arg-type]  # named by the callers above
    return replace(
        clip,
        attempts=(*clip.attempts[:-1], changed),
        updated_at=at,
        version=clip.version + 1,
    )
