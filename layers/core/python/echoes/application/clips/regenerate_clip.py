"""Use case: the owner regenerates a clip."""

from dataclasses import dataclass

from echoes.application.generation.begin_attempt import BeginAttempt
from echoes.application.ports.clips import Clips
from echoes.application.ports.clock import Clock
from echoes.application.retries import retry_on_conflict
from echoes.domain.clips.clip import Clip, price_of, regenerate
from echoes.domain.errors import FreeClipPaused
from echoes.domain.identifiers import ClipId, Credits, OwnerId


@dataclass(frozen=True, slots=True, kw_only=True)
class RegenerateClip:
    """Hold the price once more and begin another attempt, both or neither."""

    begin_attempt: BeginAttempt
    clips: Clips
    clock: Clock
    provider: str
    free_clips: bool

    def __call__(self, owner_id: OwnerId, clip_id: ClipId) -> Clip:
        """
        Begin the next attempt, with another seed; up to three (ER2).

        Not repeatable by itself: a second call while the new attempt runs is `ClipBusy`.

        Raises:
            NotFound: The owner has no such clip.
            RegenerationLimit: All three are used.
            ClipBusy: The current attempt has not ended.
            InsufficientCredits: The owner cannot afford it. Nothing was stored.
            FreeClipUsed, FreeClipPaused: It was a guest's free clip.
        """
        return retry_on_conflict(lambda: self._regenerate(owner_id, clip_id), clock=self.clock)

    def _regenerate(self, owner_id: OwnerId, clip_id: ClipId) -> Clip:
        clip = self.clips.get(owner_id, clip_id)
        again = regenerate(
            clip,
            provider=self.provider,
            credits_=Credits(0) if clip.free else price_of(clip.duration_seconds),
            at=self.clock.now(),
        )
        if clip.free and not self.free_clips:
            raise FreeClipPaused("free clips are paused")
        return self.begin_attempt(again)
