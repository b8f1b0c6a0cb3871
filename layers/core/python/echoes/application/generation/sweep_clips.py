"""Use case: once a minute, sweep for abandoned attempts and holds."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from echoes.application.generation.settle_clip import Settled
from echoes.application.generation.settle_stopped_attempt import SettleStoppedAttempt
from echoes.application.ports.clips import ClipChange, Clips, ExecutionState, GenerationWorkflow
from echoes.application.ports.clock import Clock
from echoes.application.ports.credits import Ledger
from echoes.application.retries import retry_on_conflict
from echoes.application.sweeps import SweepRun
from echoes.domain.clips.attempts import START_GRACE, AttemptRef
from echoes.domain.clips.clip import Clip, due_again
from echoes.domain.clips.polling import ATTEMPT_DEADLINE
from echoes.domain.credits.accounts import Hold, HoldStatus
from echoes.domain.credits.holds import release
from echoes.domain.error_catalogue import ErrorCode
from echoes.domain.errors import HoldAlreadySettled, NotFound
from echoes.domain.identifiers import AttemptId, ClipId

BATCH: Final = 50
"""With a sweep a minute that is 3,000 an hour, and one run ends within the function's timeout."""

NEXT_CHECK: Final = timedelta(minutes=10)
"""A running execution handles its own timeouts; this only notices a missing one."""

START_DEADLINE: Final = timedelta(hours=1)
"""After an hour without a start, give up and release the credits."""


@dataclass(slots=True, kw_only=True)
class ClipSweep(SweepRun):
    """The results of one sweep: numbers for operators."""

    seen: int = 0
    started: int = 0
    stopped: int = 0
    settlements: list[Settled] = field(default_factory=list)
    holds_released: int = 0

    @property
    def settled(self) -> int:
        """How many attempts this run ended."""
        return sum(settled.first for settled in self.settlements)


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepClips:
    """Start attempts that were not started, stop those that take too long, settle the rest."""

    clips: Clips
    ledger: Ledger
    workflow: GenerationWorkflow
    settle_stopped_attempt: SettleStoppedAttempt
    clock: Clock

    def __call__(self) -> ClipSweep:
        """Run one sweep. One attempt's error does not stop the others."""
        report, at = ClipSweep(), self.clock.now()
        report.run(partial(self._sweep_all, report, at), about="due attempts")
        report.run(partial(self._return_all, report, at), about="expired holds")
        return report

    def _sweep_all(self, report: ClipSweep, at: datetime) -> None:
        for attempt in self.clips.due(at=at, limit=BATCH):
            report.seen += 1
            report.run(partial(self._sweep, attempt, report), about=attempt.clip_id)

    def _return_all(self, report: ClipSweep, at: datetime) -> None:
        for hold in self.ledger.open_holds(expired_at=at, limit=BATCH):
            report.run(partial(self._return_hold, hold, report), about=hold.hold_id)

    def _sweep(self, attempt: AttemptRef, report: ClipSweep) -> None:
        clip = self.clips.get(attempt.owner_id, attempt.clip_id)
        if clip.attempt.attempt_id != attempt.attempt_id or clip.attempt.ended:
            return  # the index lags behind
        age = self.clock.now() - clip.attempt.created_at
        match self.workflow.state(attempt):
            case ExecutionState.MISSING if age <= START_DEADLINE:
                self.workflow.start(attempt)
                self._check_again(attempt, START_GRACE)
                report.started += 1
            case ExecutionState.RUNNING if age <= ATTEMPT_DEADLINE:
                self._check_again(attempt, NEXT_CHECK)
            case ExecutionState.RUNNING:
                self.workflow.stop(attempt)
                self._settle(attempt, report, ErrorCode.PROVIDER_UNAVAILABLE)
                report.stopped += 1
            case ExecutionState.MISSING:
                self._settle(attempt, report, ErrorCode.PROVIDER_UNAVAILABLE)
            case ExecutionState.ENDED:
                self._settle(attempt, report, ErrorCode.GENERATION_FAILED)

    def _settle(self, attempt: AttemptRef, report: ClipSweep, failure: ErrorCode) -> None:
        report.settlements.append(self.settle_stopped_attempt(attempt, failure=failure))

    def _check_again(self, attempt: AttemptRef, pause: timedelta) -> None:
        def rewrite() -> None:
            clip = self.clips.get(attempt.owner_id, attempt.clip_id)
            if clip.attempt.attempt_id == attempt.attempt_id and not clip.attempt.ended:
                at = self.clock.now()
                self.clips.save(ClipChange(clip=due_again(clip, until=at + pause, at=at)))

        retry_on_conflict(rewrite, clock=self.clock)

    def _return_hold(self, hold: Hold, report: ClipSweep) -> None:
        """Release an expired hold; if its attempt is still in progress, settle that instead."""
        clip = self._clip_of(hold)
        attempt_id = AttemptId(hold.hold_id)
        if clip is not None and clip.attempt.attempt_id == attempt_id and not clip.attempt.ended:
            ref = AttemptRef(owner_id=clip.owner_id, clip_id=clip.clip_id, attempt_id=attempt_id)
            self.workflow.stop(ref)
            self._settle(ref, report, ErrorCode.GENERATION_FAILED)
            return

        def return_once() -> None:
            account = self.ledger.account(hold.owner_id)
            found = self.ledger.hold(hold.hold_id)
            if found is not None and found.status is HoldStatus.OPEN:
                self.ledger.post(release(account, found, at=self.clock.now()))
                report.holds_released += 1

        try:
            retry_on_conflict(return_once, clock=self.clock)
        except HoldAlreadySettled:
            return

    def _clip_of(self, hold: Hold) -> Clip | None:
        clip_id = ClipId(hold.hold_id.rpartition("-")[0])
        try:
            return self.clips.get(hold.owner_id, clip_id)
        except NotFound:
            return None
