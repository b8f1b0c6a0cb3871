"""Wiring of the tasks `SettleCompleted` and `SettleFailed` of clips."""

from collections.abc import Callable, Mapping
from functools import partial

from echoes.application.generation.settle_clip import SettleClip
from echoes.bootstrap.ledger import LedgerAndClips
from echoes.bootstrap.runtime import SystemClock
from echoes.tasks.generation import settle
from echoes.tasks.payloads import StepResult


def build() -> Callable[[Mapping[str, object]], StepResult]:
    """Return the handler of one state machine call."""
    kept = LedgerAndClips.from_environ()
    settle_clip = SettleClip(ledger=kept.ledger, clips=kept.clips, clock=SystemClock())
    return partial(settle, settle_clip=settle_clip)
