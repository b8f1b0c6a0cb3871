"""Use case: order a clip from a photo."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from echoes.application.generation.begin_attempt import BeginAttempt
from echoes.application.ports.clips import Clips
from echoes.application.ports.clock import Clock
from echoes.application.ports.projects import Projects
from echoes.application.ports.uploads import Uploads
from echoes.application.retries import retry_on_conflict
from echoes.domain.clips.attempts import Stage, first_attempt
from echoes.domain.clips.clip import Clip, Motion, check_request, price_of
from echoes.domain.clips.drift import Drift, DriftBetween, drift
from echoes.domain.clips.quotes import DEFAULT_SECONDS, Quote, quoted_price
from echoes.domain.clips.ratios import Ratio, nearest_ratio
from echoes.domain.errors import FreeClipPaused, FreeClipUsed, NotFound, ReferenceMismatch
from echoes.domain.identifiers import ClipId, Credits, OwnerId, ProjectId, UploadId
from echoes.domain.projects.project import Project, ProjectClip, add
from echoes.domain.uploads import Upload, require_ready


def ignore(drift: Drift) -> None:
    """Ignore the drift."""
    del drift


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipRequest:
    """A clip order. Fields that are ``None`` get a default."""

    owner_id: OwnerId
    clip_id: ClipId
    """Derived from the client's idempotency key: the same request has the same id."""

    upload_id: UploadId
    guest: bool = False
    project_id: ProjectId | None = None
    motion: Motion | None = None
    prompt: str | None = None
    duration_seconds: int | None = None
    ratio: Ratio | None = None
    seed: int | None = None
    quote: Quote | None = None
    """The quote; without one, the current price applies."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderClip:
    """Hold the price of a clip and create it, both or neither; then start the workflow."""

    begin_attempt: BeginAttempt
    clips: Clips
    uploads: Uploads
    projects: Projects
    clock: Clock
    provider: str
    """The provider of new attempts."""

    free_clips: bool
    """Whether guests currently get a free clip."""

    log_drift: Callable[[Drift], None] = ignore
    """Called if a hold differs from its quote."""

    def __call__(self, request: ClipRequest) -> Clip:
        """
        Order the clip; the same clip id again returns the clip as it is now.

        It returns before any provider is called (AJ1).

        Raises:
            InvalidRequest, PhotoUnusable, NotFound: The request, its quote, its upload or its
                project cannot be used.
            InsufficientCredits: A user cannot afford it. Nothing was stored.
            FreeClipUsed, FreeClipPaused: The guest has had the free clip, or there are none now.
            ReferenceMismatch: The clip id was used for another photo.
        """
        return retry_on_conflict(lambda: self._order(request), clock=self.clock)

    def _order(self, request: ClipRequest) -> Clip:
        found = self._find(request)
        if found is not None:
            return found
        at = self.clock.now()
        upload = self.uploads.get(request.owner_id, request.upload_id)
        clip = new_clip(request, upload, provider=self.provider, at=at)
        if request.guest and not self.free_clips:
            raise FreeClipPaused("free clips are paused")
        project = self._project_with(clip, upload, at=at)
        try:
            return self._held(self.begin_attempt(clip, project=project), request)
        except FreeClipUsed:
            # Perhaps by this same clip, ordered twice at once.
            found = self._find(request)
            if found is None:
                raise
            return found

    def _held(self, clip: Clip, request: ClipRequest) -> Clip:
        """Return *clip*, whose credits are held by now; report a difference from the quote."""
        if request.quote is not None:
            quoted = _price(request, clip.duration_seconds, at=clip.created_at)
            held = clip.attempt.credits
            found = drift(DriftBetween.QUOTE_AND_HOLD, expected=quoted, found=held)
            if found is not None:
                self.log_drift(found)
        return clip

    def _find(self, request: ClipRequest) -> Clip | None:
        try:
            clip = self.clips.get(request.owner_id, request.clip_id)
        except NotFound:
            return None
        if clip.upload_id != request.upload_id:
            raise ReferenceMismatch("this clip was already ordered for another photo")
        if clip.attempt.stage is Stage.QUEUED:
            self.begin_attempt.start(clip)
        return clip

    def _project_with(self, clip: Clip, upload: Upload, *, at: datetime) -> Project | None:
        """Return the clip's project, if it has one, with the clip in it. Raises `NotFound`."""
        if clip.project_id is None:
            return None
        project = self.projects.get(clip.owner_id, clip.project_id)
        return add(project, [ProjectClip(clip_id=clip.clip_id, taken_at=upload.taken_at)], at=at)


def new_clip(request: ClipRequest, upload: Upload, *, provider: str, at: datetime) -> Clip:
    """
    Return the ordered clip with its first attempt; nothing is stored.

    Raises:
        InvalidRequest, PhotoUnusable: The request, its quote or its *upload* cannot be used.
    """
    seconds = request.duration_seconds or DEFAULT_SECONDS
    seed = _seed_of(request.clip_id) if request.seed is None else request.seed
    check_request(duration_seconds=seconds, seed=seed, prompt=request.prompt)
    photo = require_ready(upload, at)
    price = _price(request, seconds, at=at)
    return Clip(
        owner_id=request.owner_id,
        clip_id=request.clip_id,
        upload_id=request.upload_id,
        project_id=request.project_id,
        duration_seconds=seconds,
        ratio=request.ratio or nearest_ratio(photo.width, photo.height),
        motion=request.motion or Motion.AUTO,
        prompt=request.prompt,
        seed=seed,
        free=request.guest,
        placeholder=photo.placeholder,
        created_at=at,
        updated_at=at,
        attempts=(first_attempt(request.clip_id, provider=provider, credits_=price, at=at),),
    )


def _price(request: ClipRequest, seconds: int, *, at: datetime) -> Credits:
    """Return the clip's price: the quoted one, or today's. Raises `InvalidRequest`."""
    if request.quote is not None:
        return quoted_price(
            request.quote,
            owner_id=request.owner_id,
            upload_id=request.upload_id,
            duration_seconds=seconds,
            at=at,
        )
    return Credits(0) if request.guest else price_of(seconds)


def _seed_of(clip_id: ClipId) -> int:
    return int.from_bytes(sha256(clip_id.encode()).digest()[:4])
