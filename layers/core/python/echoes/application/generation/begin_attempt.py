"""What ordering and regenerating share: pay, store, start."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from echoes.application.ports.clips import ClipChange, Clips, FreeClip, GenerationWorkflow
from echoes.application.ports.clock import Clock
from echoes.application.ports.credits import Ledger
from echoes.domain.clips.clip import Clip, ref
from echoes.domain.clips.polling import ATTEMPT_DEADLINE
from echoes.domain.credits.holds import place_hold
from echoes.domain.errors import Unavailable
from echoes.domain.projects.project import Project

HOLD_LIFETIME: Final = ATTEMPT_DEADLINE + timedelta(hours=1)
"""By then the sweep has ended the attempt; a hold still open after that is orphaned."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BeginAttempt:
    """Store a clip's new attempt together with what pays for it, then start the workflow."""

    ledger: Ledger
    clips: Clips
    workflow: GenerationWorkflow
    clock: Clock

    def __call__(self, clip: Clip, *, project: Project | None = None) -> Clip:
        """
        Begin the current attempt of *clip*. Neither *clip* nor *project* is stored yet.

        Raises:
            InsufficientCredits: Nothing was stored.
            FreeClipUsed: As above, for a guest.
            Conflict: Account, clip or project was written in the meantime. Compute *clip* again.
        """
        if clip.free:
            self.clips.save(ClipChange(clip=clip, free_clip=FreeClip.USE, project=project))
        else:
            at = self.clock.now()
            hold = place_hold(
                self.ledger.account(clip.owner_id),
                hold_id=clip.attempt.hold_id,
                amount=clip.attempt.credits,
                expires_at=at + HOLD_LIFETIME,
                at=at,
            )
            self.ledger.post(hold, alongside=ClipChange(clip=clip, project=project))
        self.start(clip)
        return clip

    def start(self, clip: Clip) -> None:
        """Start the workflow; if that fails, the sweep starts it within a minute."""
        try:
            self.workflow.start(ref(clip))
        except Unavailable:
            return
