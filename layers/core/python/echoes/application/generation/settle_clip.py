"""Use case: end an attempt, and capture or release its hold."""

from dataclasses import dataclass

from echoes.application.ports.clips import ClipChange, Clips, FreeClip
from echoes.application.ports.clock import Clock
from echoes.application.ports.credits import Ledger
from echoes.application.retries import retry_on_conflict
from echoes.domain.clips.attempts import AttemptRef
from echoes.domain.clips.clip import Clip, complete, fail
from echoes.domain.clips.drift import Drift, DriftBetween, drift
from echoes.domain.credits.accounts import Hold, HoldStatus
from echoes.domain.credits.holds import capture, release
from echoes.domain.error_catalogue import ErrorCode
from echoes.domain.errors import Conflict, HoldAlreadySettled


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """A clip whose attempt has ended; ``first`` if it was this call that ended it."""

    clip: Clip
    first: bool
    drift: Drift | None = None
    """Set if the captured credits differ from those held for the attempt."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SettleClip:
    """
    End an attempt and settle its hold in one transaction, exactly once.

    The workflow, the sweep and a cancellation may all try; the first one decides (AJ7).
    """

    ledger: Ledger
    clips: Clips
    clock: Clock

    def __call__(self, attempt: AttemptRef, *, failure: ErrorCode | None = None) -> Settled:
        """
        Complete *attempt*, or fail it with *failure*; return it as it is afterwards.

        An attempt that has ended stays as it is. One whose media were never stored cannot be
        completed: it fails with ``generation_failed``, and its hold is released.

        Raises:
            NotFound: There is no such clip.
            Conflict, Unavailable: Repeat later; nothing, or all of it, was done.
        """

        def settle() -> Settled:
            clip = self.clips.get(attempt.owner_id, attempt.clip_id)
            if clip.attempt.attempt_id != attempt.attempt_id:
                return Settled(clip=clip, first=False)
            return self.settle(clip, failure=failure)

        return retry_on_conflict(settle, clock=self.clock)

    def settle(self, clip: Clip, *, failure: ErrorCode | None) -> Settled:
        """Settle the current attempt of *clip* as it was read; `Conflict` if it has changed."""
        attempt, at = clip.attempt, self.clock.now()
        if attempt.ended:
            return Settled(clip=clip, first=False)
        if failure is None and attempt.media is None:
            failure = ErrorCode.GENERATION_FAILED
        if failure is None and attempt.media is not None:
            ended = complete(clip, attempt.media, at=at)
        else:
            ended = fail(clip, failure or ErrorCode.GENERATION_FAILED, at=at)
        if clip.free:
            given_back = None if failure is None else FreeClip.GIVE_BACK
            self.clips.save(ClipChange(clip=ended, free_clip=given_back))
            return Settled(clip=ended, first=True)
        return self._settle_hold(clip, ended)

    def _settle_hold(self, clip: Clip, ended: Clip) -> Settled:
        account = self.ledger.account(clip.owner_id)
        hold = self.ledger.hold(clip.attempt.hold_id)
        if hold is None or hold.status is not HoldStatus.OPEN:
            return self._follow(hold, clip)
        settle = capture if ended.attempt.error_code is None else release
        posting = settle(account, hold, at=self.clock.now())
        try:
            self.ledger.post(posting, alongside=ClipChange(clip=ended))
        except HoldAlreadySettled as error:
            raise Conflict("the hold was settled in the meantime") from error
        return Settled(clip=ended, first=True, drift=_drift(ended, posting.hold))

    def _follow(self, hold: Hold | None, clip: Clip) -> Settled:
        """Return the clip that ended with its hold. If it has not ended, end it as its hold did."""
        stored = self.clips.get(clip.owner_id, clip.clip_id)
        media, at = stored.attempt.media, self.clock.now()
        if stored.attempt.ended:
            return Settled(clip=stored, first=False)
        if stored.version != clip.version:
            raise Conflict("the clip changed in the meantime")
        if media is not None and hold is not None and hold.status is HoldStatus.CAPTURED:
            ended = complete(stored, media, at=at)
        else:
            ended = fail(stored, ErrorCode.GENERATION_FAILED, at=at)
        self.clips.save(ClipChange(clip=ended))
        return Settled(clip=ended, first=True)


def _drift(ended: Clip, settled: Hold | None) -> Drift | None:
    """Return a difference between the captured credits, the held ones and the clip's price."""
    if settled is None or settled.status is not HoldStatus.CAPTURED:
        return None
    return drift(
        DriftBetween.QUOTE_AND_HOLD, expected=ended.attempt.credits, found=settled.amount
    ) or drift(DriftBetween.HOLD_AND_CAPTURE, expected=settled.amount, found=settled.captured)
