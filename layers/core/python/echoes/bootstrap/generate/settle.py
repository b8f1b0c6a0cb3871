"""What the tasks `Complete` and `Release` are made of."""

from collections.abc import Callable, Mapping
from functools import partial

from echoes.application.clips.settle_clip import SettleClip
from echoes.bootstrap.ledger import LedgerAndClips
from echoes.bootstrap.runtime import SystemClock
from echoes.tasks.generation import settle
from echoes.tasks.payloads import StepAnswer


def build() -> Callable[[Mapping[str, object]], StepAnswer]:
    """Return what handles one call of the state machine."""
    kept = LedgerAndClips.from_environ()
    settle_clip = SettleClip(ledger=kept.ledger, clips=kept.clips, clock=SystemClock())
    return partial(settle, settle_clip=settle_clip)
