"""Use case: submit a clip's attempt to its provider, once."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import Final

from echoes.application.generation.outcomes import Failed, Waiting
from echoes.application.ports.clips import ClipChange, Clips, Latencies
from echoes.application.ports.clock import Clock
from echoes.application.ports.media import MediaStore
from echoes.application.ports.providers import GenerationOrder, VideoProvider
from echoes.application.ports.uploads import PhotoProcessor, Uploads
from echoes.application.retries import retry_on_conflict
from echoes.domain.clips.attempts import Attempt, AttemptRef, Stage
from echoes.domain.clips.clip import (
    Clip,
    accepted,
    begin_submission,
    doubt_submission,
    require_current,
    withdraw_submission,
)
from echoes.domain.clips.polling import begin_watch, first_wait
from echoes.domain.error_catalogue import ErrorCode
from echoes.domain.errors import (
    AttemptEnded,
    Conflict,
    EchoesError,
    PhotoUnusable,
    ProviderBusy,
    ProviderRefused,
    SubmissionUnknown,
    Unavailable,
)
from echoes.domain.identifiers import ProviderTaskId
from echoes.domain.uploads import MAX_PHOTO_BYTES

UNDECIDED: Final = frozenset({Stage.SUBMITTING, Stage.SUBMIT_UNKNOWN})
STORE_TRIES: Final = 5
"""Tries to store the task's id, which cannot be asked for again."""

STORE_PAUSE_SECONDS: Final = 0.5


class ProviderOffer(StrEnum):
    """Why an attempt is offered."""

    FIRST = "first"
    FALL_BACK = "fall_back"
    """The attempt's provider did not accept it in time, so another one gets the work."""

    RECONCILE = "reconcile"
    """A response was lost some time ago: find out what happened, or give up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmitClip:
    """
    Submit an attempt to its provider so that it can never be generated twice (AJ3).

    The intent is stored before the provider is called, and the task's id before anything else is
    done. An intent without an id leaves it open whether the provider has the work. It is submitted
    again only to a provider that recognises repetitions.
    """

    clips: Clips
    uploads: Uploads
    photos: MediaStore
    """The photos bucket."""

    processor: PhotoProcessor
    providers: Mapping[str, VideoProvider]
    fallback: str | None
    latencies: Latencies
    clock: Clock

    def __call__(
        self, attempt: AttemptRef, *, offer: ProviderOffer = ProviderOffer.FIRST
    ) -> Waiting | Failed:
        """
        Submit *attempt*. Once it is submitted, repeating this only returns the outcome again.

        Raises:
            ProviderBusy: Certainly not accepted. Repeat later, or fall back.
            SubmissionUnknown: The response was lost. Reconcile later; never repeat blindly.
            Conflict, Unavailable: Nothing was submitted. Repeat.
            Rejected: It cannot be made; see `echoes.application.generation.outcomes.failed`.
        """
        clip = self.clips.get(attempt.owner_id, attempt.clip_id)
        current = require_current(clip, attempt.attempt_id)
        if current.provider_task_id is not None:
            return self._waiting(clip)
        if current.stage in UNDECIDED and not self._provider(current).capabilities.correlates:
            return self._doubt(clip, offer)
        if current.cancel_requested:
            return Failed(error_code=ErrorCode.CLIP_CANCELLED, detail="cancelled in the queue")
        return self._submit(clip, self._choose(current, offer))

    def _choose(self, attempt: Attempt, offer: ProviderOffer) -> str:
        if offer is not ProviderOffer.FALL_BACK or attempt.stage in UNDECIDED:
            return attempt.provider
        if self.fallback is None or self.fallback == attempt.provider:
            raise ProviderRefused(ErrorCode.PROVIDER_UNAVAILABLE, "no other provider")
        return self.fallback

    def _provider(self, attempt: Attempt) -> VideoProvider:
        return self.providers[attempt.provider]

    def _submit(self, clip: Clip, provider: str) -> Waiting:
        upload = self.uploads.get(clip.owner_id, clip.upload_id)
        content = self.photos.read(upload.photo_key, max_bytes=MAX_PHOTO_BYTES)
        if upload.facts is None or sha256(content).hexdigest() != upload.facts.sha256:
            # The form stays valid for minutes after the photo was opened and accepted.
            raise PhotoUnusable("changed_after_upload")
        # Everything that can fail on our side is done before the intent is written.
        order = GenerationOrder(
            attempt_id=clip.attempt.attempt_id,
            photo=self.processor.fit(content, ratio=clip.ratio),
            ratio=clip.ratio,
            duration_seconds=clip.duration_seconds,
            motion=clip.motion,
            seed=clip.attempt_seed,
            prompt=clip.prompt,
        )
        intended = begin_submission(clip, at=self.clock.now(), provider=provider)
        self._intend(intended)
        return self._waiting(self._offer(intended, order))

    def _intend(self, intended: Clip) -> None:
        """Store the intent. If the response is lost, check whether the stored intent is ours."""
        try:
            self.clips.save(ClipChange(clip=intended))
        except (Conflict, Unavailable):
            if self.clips.get(intended.owner_id, intended.clip_id) != intended:
                raise

    def _offer(self, clip: Clip, order: GenerationOrder) -> Clip:
        provider = self._provider(clip.attempt)
        try:
            task_id = provider.generate_clip(order)
        except ProviderBusy:
            self._withdraw(clip)
            raise
        except ProviderRefused as error:
            elsewhere = self.fallback is not None and self.fallback != clip.attempt.provider
            if error.failure is not ErrorCode.PROVIDER_UNAVAILABLE or not elsewhere:
                raise
            # The cause is our account there, not this clip: another provider may make it.
            self._withdraw(clip)
            raise ProviderBusy("refused for a provider-side reason") from error
        except Unavailable as error:
            # SubmissionUnknown, and everything else that leaves the effect open.
            self._rewrite(clip, lambda found: doubt_submission(found, at=self.clock.now()))
            raise SubmissionUnknown(f"{provider}: the response was lost") from error
        try:
            return self._store(clip, task_id)
        except AttemptEnded:
            # Settled in the meantime (stopped, swept): this task is no longer needed.
            with suppress(EchoesError):
                provider.cancel(task_id)
            raise

    def _store(self, clip: Clip, task_id: ProviderTaskId) -> Clip:
        """Store *task_id* with the step to ``processing``: one write (AJ2)."""

        def store() -> Clip:
            found = self.clips.get(clip.owner_id, clip.clip_id)
            current = require_current(found, clip.attempt.attempt_id)
            if current.provider_task_id is not None:
                return found
            taken = accepted(found, task_id, at=self.clock.now())
            self.clips.save(ClipChange(clip=taken))
            return taken

        for tried in range(1, STORE_TRIES):
            try:
                return retry_on_conflict(store, clock=self.clock)
            except Unavailable:
                self.clock.sleep(STORE_PAUSE_SECONDS * tried)
        return retry_on_conflict(store, clock=self.clock)

    def _doubt(self, clip: Clip, offer: ProviderOffer) -> Waiting | Failed:
        if offer is ProviderOffer.RECONCILE:
            cancelled = clip.attempt.cancel_requested
            return Failed(
                error_code=(
                    ErrorCode.CLIP_CANCELLED if cancelled else ErrorCode.PROVIDER_UNAVAILABLE
                ),
                detail="nobody knows whether the provider took the work",
            )
        self._rewrite(clip, lambda found: doubt_submission(found, at=self.clock.now()))
        raise SubmissionUnknown("found an intent to submit, but no task")

    def _withdraw(self, clip: Clip) -> None:
        self._rewrite(clip, lambda found: withdraw_submission(found, at=self.clock.now()))

    def _rewrite(self, clip: Clip, change: Callable[[Clip], Clip]) -> None:
        """Record the outcome of an intent, unless it has been recorded by now."""

        def rewrite() -> None:
            found = self.clips.get(clip.owner_id, clip.clip_id)
            current = require_current(found, clip.attempt.attempt_id)
            if current.provider_task_id is None and current.stage is Stage.SUBMITTING:
                self.clips.save(ClipChange(clip=change(found)))

        retry_on_conflict(rewrite, clock=self.clock)

    def _waiting(self, clip: Clip) -> Waiting:
        attempt = clip.attempt
        watch = begin_watch(
            attempt.attempt_id,
            history=self.latencies.recent(attempt.provider, clip.duration_seconds),
            usual_seconds=self._provider(attempt).capabilities.usual_seconds,
            at=attempt.submitted_at or self.clock.now(),
        )
        return Waiting(watch=watch, seconds=first_wait(watch))
