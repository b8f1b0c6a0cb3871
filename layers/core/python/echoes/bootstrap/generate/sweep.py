"""Wiring of the sweep."""

from collections.abc import Callable
from functools import partial

from echoes.adapters.stepfunctions.workflow import StepFunctionsWorkflow, stepfunctions_client
from echoes.application.generation.sweep_clips import SweepClips
from echoes.bootstrap.generate.stopped import settle_stopped_attempt
from echoes.bootstrap.ledger import LedgerAndClips
from echoes.bootstrap.runtime import SystemClock, region
from echoes.settings import Workflow
from echoes.tasks.recovery import sweep


def build() -> Callable[[], dict[str, int]]:
    """Return the handler of one sweep."""
    kept = LedgerAndClips.from_environ()
    sweep_clips = SweepClips(
        clips=kept.clips,
        ledger=kept.ledger,
        workflow=StepFunctionsWorkflow(
            stepfunctions_client(region()), Workflow.from_environ().state_machine_arn
        ),
        settle_stopped_attempt=settle_stopped_attempt(kept),
        clock=SystemClock(),
    )
    return partial(sweep, sweep_clips=sweep_clips)
