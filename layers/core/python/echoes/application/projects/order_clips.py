"""Use case: order clips from many photos of a project, all or none."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from echoes.application.clips.order_clip import ClipRequest, new_clip
from echoes.application.generation.begin_attempt import HOLD_LIFETIME, BeginAttempt
from echoes.application.ports.clips import Clips
from echoes.application.ports.clock import Clock
from echoes.application.ports.credits import Ledger
from echoes.application.ports.projects import Batches, Projects
from echoes.application.ports.uploads import Uploads
from echoes.application.retries import retry_on_conflict
from echoes.domain.clips.attempts import Stage
from echoes.domain.clips.clip import Clip
from echoes.domain.credits.accounts import HoldStatus, Posting
from echoes.domain.credits.holds import divide, place_holds
from echoes.domain.errors import Conflict, InvalidRequest, NotFound, ReferenceMismatch
from echoes.domain.identifiers import BatchId, OwnerId, ProjectId
from echoes.domain.projects.batches import (
    FINISH_GRACE,
    Batch,
    BatchChange,
    BatchRef,
    cut,
    finish,
    price_of_all,
    rest_hold,
)
from echoes.domain.projects.project import Arrangement, ProjectClip, add

PATIENCE: Final = timedelta(seconds=3)
"""Fifty starts take a second or two; this is how long the caller waits for them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchRequest:
    """The ordered clips; each id is derived from the batch's."""

    owner_id: OwnerId
    batch_id: BatchId
    project_id: ProjectId
    photos: tuple[ClipRequest, ...]
    order: Arrangement | None = None
    """The project's new arrangement; ``None`` keeps the present one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderClips:
    """
    Hold the price of every clip, make the clips and put them into their project: all or nothing.

    Clips that do not fit into one commit are paid for in the first and created in a second. A
    repeated request, or else the sweep, completes a missing second commit.
    """

    ledger: Ledger
    clips: Clips
    uploads: Uploads
    projects: Projects
    batches: Batches
    begin_attempt: BeginAttempt
    clock: Clock
    provider: str

    def __call__(self, request: BatchRequest) -> tuple[Clip, ...]:
        """
        Order the clips; the same batch id again returns them as they are now.

        Raises:
            InvalidRequest, PhotoUnusable, NotFound: A photo, the project or the quote cannot be
                used. Nothing was stored.
            InsufficientCredits: Together the clips cost too much. Nothing was stored.
            ReferenceMismatch: The batch id was used for other photos.
        """
        clips = retry_on_conflict(lambda: self._order(request), clock=self.clock)
        self._start(clips)
        return clips

    def finish(self, which: BatchRef) -> None:
        """Create and start the paid rest of a batch; repeating it changes nothing."""
        self._start(retry_on_conflict(lambda: self._finish(which), clock=self.clock))

    def _start(self, clips: Sequence[Clip]) -> None:
        """Start waiting clips; if that takes too long, the sweep of clips starts the others."""
        until = self.clock.now() + PATIENCE
        for clip in clips:
            if self.clock.now() > until:
                return
            if clip.attempt.stage is Stage.QUEUED and not clip.attempt.ended:
                self.begin_attempt.start(clip)

    def _order(self, request: BatchRequest) -> tuple[Clip, ...]:
        found = self._find(request)
        if found:
            return found
        at = self.clock.now()
        project = self.projects.get(request.owner_id, request.project_id)
        made = self._new(request)
        clips = tuple(clip for clip, _ in made)
        first, rest = cut(clips)
        amounts = {clip.attempt.hold_id: clip.attempt.credits for clip in first}
        batch = None
        if rest:
            amounts[rest_hold(request.batch_id)] = price_of_all(rest)
            batch = Batch(
                owner_id=request.owner_id,
                batch_id=request.batch_id,
                project_id=request.project_id,
                clips=rest,
                created_at=at,
                due_at=at + FINISH_GRACE,
            )
        change = BatchChange(
            clips=first,
            project=add(project, (shot for _, shot in made), at=at, order=request.order),
            batch=batch,
        )
        account = self.ledger.account(request.owner_id)
        self._post(place_holds(account, amounts, expires_at=at + HOLD_LIFETIME, at=at), change)
        if batch is not None:
            self._finish(BatchRef(owner_id=request.owner_id, batch_id=request.batch_id))
        return clips

    def _new(self, request: BatchRequest) -> list[tuple[Clip, ProjectClip]]:
        """Return the clips to store, and their places in the project."""
        asked = [photo.upload_id for photo in request.photos]
        found = {each.upload_id: each for each in self.uploads.get_many(request.owner_id, asked)}
        at, made = self.clock.now(), []
        for number, photo in enumerate(request.photos):
            upload = found.get(photo.upload_id)
            if upload is None:
                raise NotFound(f"upload not found: photo {number}")
            try:
                clip = new_clip(photo, upload, provider=self.provider, at=at)
            except InvalidRequest as error:
                field = "quote" if error.field == "quote" else f"photos.{number}.{error.field}"
                raise InvalidRequest(str(error), field=field) from error
            made.append((clip, ProjectClip(clip_id=clip.clip_id, taken_at=upload.taken_at)))
        return made

    def _find(self, request: BatchRequest) -> tuple[Clip, ...]:
        self._finish(BatchRef(owner_id=request.owner_id, batch_id=request.batch_id))
        requested = {photo.clip_id: photo.upload_id for photo in request.photos}
        found = self.clips.get_many(request.owner_id, tuple(requested))
        if any(clip.upload_id != requested[clip.clip_id] for clip in found):
            raise ReferenceMismatch("this batch was already ordered for other photos")
        return tuple(found)

    def _finish(self, which: BatchRef) -> tuple[Clip, ...]:
        """Return the clips that this call created, if any."""
        batch = self.batches.get(which.owner_id, which.batch_id)
        if batch is None or batch.finished:
            return ()
        account = self.ledger.account(which.owner_id)
        hold = self.ledger.hold(batch.hold_id)
        if hold is None or hold.status is not HoldStatus.OPEN:
            # Hours have passed and the hold was released: the clips can no longer be paid for.
            self.batches.save(finish(batch))
            return ()
        amounts = {clip.attempt.hold_id: clip.attempt.credits for clip in batch.clips}
        at = self.clock.now()
        postings = divide(account, hold, amounts, expires_at=hold.expires_at, at=at)
        self._post(postings, BatchChange(clips=batch.clips, batch=finish(batch)))
        return batch.clips

    def _post(self, postings: Sequence[Posting], change: BatchChange) -> None:
        first, *others = postings
        whole = BatchChange(
            postings=tuple(others),
            clips=change.clips,
            project=change.project,
            batch=change.batch,
        )
        if self.ledger.post(first, alongside=whole).hash != first.entry.hash:
            raise Conflict("another request was doing the same")
