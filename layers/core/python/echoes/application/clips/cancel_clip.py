"""Use case: the owner cancels a clip."""

from dataclasses import dataclass

from echoes.application.generation.settle_clip import SettleClip
from echoes.application.ports.clips import ClipChange, Clips
from echoes.application.ports.clock import Clock
from echoes.application.retries import retry_on_conflict
from echoes.domain.clips.attempts import Stage
from echoes.domain.clips.clip import Clip, request_cancellation
from echoes.domain.error_catalogue import ErrorCode
from echoes.domain.identifiers import ClipId, OwnerId


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelClip:
    """Release the credits at once if the clip is still queued, otherwise as soon as possible."""

    clips: Clips
    settle_clip: SettleClip
    clock: Clock

    def __call__(self, owner_id: OwnerId, clip_id: ClipId) -> Clip:
        """
        Cancel the current attempt. Repeating it, or cancelling an ended one, changes nothing.

        An attempt in the queue ends now. One at a provider is marked: the next poll cancels it if
        that is still free of charge. Otherwise the clip is made and kept.

        Raises:
            NotFound: The owner has no such clip.
        """

        def cancel() -> Clip:
            clip = self.clips.get(owner_id, clip_id)
            if clip.attempt.stage is Stage.QUEUED and not clip.attempt.ended:
                return self.settle_clip.settle(clip, failure=ErrorCode.CLIP_CANCELLED).clip
            marked = request_cancellation(clip, at=self.clock.now())
            if marked is not clip:
                self.clips.save(ClipChange(clip=marked))
            return marked

        return retry_on_conflict(cancel, clock=self.clock)
