"""Use case: an execution ended without settling its attempt."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

from echoes.application.generation.settle_clip import SettleClip, Settled
from echoes.application.ports.clips import Clips
from echoes.application.ports.providers import VideoProvider
from echoes.domain.clips.attempts import Attempt, AttemptRef
from echoes.domain.error_catalogue import ErrorCode
from echoes.domain.errors import EchoesError


@dataclass(frozen=True, slots=True, kw_only=True)
class SettleStoppedAttempt:
    """Complete an attempt whose media are stored; release the hold of every other one."""

    clips: Clips
    settle_clip: SettleClip
    providers: Mapping[str, VideoProvider]

    def __call__(
        self, attempt: AttemptRef, *, failure: ErrorCode = ErrorCode.GENERATION_FAILED
    ) -> Settled:
        """
        Settle *attempt*, whose execution is over.

        An attempt that has ended stays as it is, so event, sweep and workflow may all call this.
        Raises `NotFound`, and `Conflict` or `Unavailable`: repeat.
        """
        clip = self.clips.get(attempt.owner_id, attempt.clip_id)
        current = clip.attempt
        if current.attempt_id != attempt.attempt_id or current.ended:
            return Settled(clip=clip, first=False)
        if current.media is not None:
            return self.settle_clip(attempt)
        self._leave(current)
        code = ErrorCode.CLIP_CANCELLED if current.cancel_requested else failure
        return self.settle_clip(attempt, failure=code)

    def _leave(self, attempt: Attempt) -> None:
        """Cancel the task at the provider, if that is possible and free of charge."""
        provider = self.providers.get(attempt.provider)
        if provider is not None and attempt.provider_task_id is not None:
            with suppress(EchoesError):
                provider.cancel(attempt.provider_task_id)
