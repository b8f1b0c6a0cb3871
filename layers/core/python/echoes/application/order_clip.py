"""Use case: somebody wants a photo to move."""

from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from echoes.application.begin_attempt import BeginAttempt
from echoes.application.contention import repeat_on_conflict
from echoes.application.ports import Clips, Clock, Uploads
from echoes.domain.clips import (
    Clip,
    Motion,
    Ratio,
    Stage,
    check_wish,
    first_attempt,
    nearest_ratio,
    price_of,
)
from echoes.domain.errors import FreeClipPaused, FreeClipUsed, NotFound, ReferenceMismatch
from echoes.domain.identifiers import ClipId, Credits, OwnerId, ProjectId, UploadId
from echoes.domain.uploads import require_ready

DEFAULT_SECONDS: Final = 5
"""What one credit buys."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipWish:
    """What is wished for. What is ``None`` is chosen for the client."""

    owner_id: OwnerId
    clip_id: ClipId
    """Made from the client's idempotency key: the same wish has the same id."""

    upload_id: UploadId
    guest: bool = False
    project_id: ProjectId | None = None
    motion: Motion | None = None
    prompt: str | None = None
    duration_seconds: int | None = None
    ratio: Ratio | None = None
    seed: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderClip:
    """Hold the price of a clip and create it, both or neither; then start the workflow."""

    begin_attempt: BeginAttempt
    clips: Clips
    uploads: Uploads
    clock: Clock
    provider: str
    """Which provider new attempts go to."""

    free_clips: bool
    """Whether guests get their free clip at the moment."""

    def __call__(self, wish: ClipWish) -> Clip:
        """
        Order the clip; the same clip id again returns the clip as it is now.

        It returns before any provider is called (AJ1).

        Raises:
            InvalidRequest, PhotoUnusable, NotFound: The wish or its upload cannot be used.
            InsufficientCredits: A user cannot afford it. Nothing was stored.
            FreeClipUsed, FreeClipPaused: A guest gets no (more) free clip.
            ReferenceMismatch: The clip id was used for another photo.
        """
        return repeat_on_conflict(lambda: self._order(wish), clock=self.clock)

    def _order(self, wish: ClipWish) -> Clip:
        found = self._find(wish)
        if found is not None:
            return found
        clip = self._new_clip(wish)
        if wish.guest and not self.free_clips:
            raise FreeClipPaused("no free clips at the moment")
        try:
            return self.begin_attempt(clip)
        except FreeClipUsed:
            # Perhaps by this very clip, ordered twice at once.
            found = self._find(wish)
            if found is None:
                raise
            return found

    def _find(self, wish: ClipWish) -> Clip | None:
        try:
            clip = self.clips.get(wish.owner_id, wish.clip_id)
        except NotFound:
            return None
        if clip.upload_id != wish.upload_id:
            raise ReferenceMismatch("this clip was ordered for another photo")
        if clip.attempt.stage is Stage.QUEUED:
            self.begin_attempt.start(clip)
        return clip

    def _new_clip(self, wish: ClipWish) -> Clip:
        at = self.clock.now()
        seconds = wish.duration_seconds or DEFAULT_SECONDS
        seed = _seed_of(wish.clip_id) if wish.seed is None else wish.seed
        check_wish(duration_seconds=seconds, seed=seed, prompt=wish.prompt)
        photo = require_ready(self.uploads.get(wish.owner_id, wish.upload_id), at)
        credits_ = Credits(0) if wish.guest else price_of(seconds)
        return Clip(
            owner_id=wish.owner_id,
            clip_id=wish.clip_id,
            upload_id=wish.upload_id,
            project_id=wish.project_id,
            duration_seconds=seconds,
            ratio=wish.ratio or nearest_ratio(photo.width, photo.height),
            motion=wish.motion or Motion.AUTO,
            prompt=wish.prompt,
            seed=seed,
            free=wish.guest,
            placeholder=photo.placeholder,
            created_at=at,
            updated_at=at,
            attempts=(
                first_attempt(wish.clip_id, provider=self.provider, credits_=credits_, at=at),
            ),
        )


def _seed_of(clip_id: ClipId) -> int:
    return int.from_bytes(sha256(clip_id.encode()).digest()[:4])
