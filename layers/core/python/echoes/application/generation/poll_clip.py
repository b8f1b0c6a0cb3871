"""Use case: the workflow asks a provider for a task's progress."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final, assert_never

from echoes.application.generation.outcomes import Arrived, Failed, Waiting
from echoes.application.ports.clips import ClipChange, Clips, Latencies
from echoes.application.ports.clock import Clock
from echoes.application.ports.providers import Cancelling, JobState, JobStatus, VideoProvider
from echoes.application.retries import retry_on_conflict
from echoes.domain.clips.attempts import Attempt, AttemptRef, Stage
from echoes.domain.clips.clip import Clip, charged, entered, progressed, require_current
from echoes.domain.clips.drift import Drift, DriftBetween, drift
from echoes.domain.clips.polling import Observation, Watch, due, next_wait, observe
from echoes.domain.error_catalogue import ErrorCode
from echoes.domain.errors import EchoesError, NotFound
from echoes.domain.identifiers import ProviderTaskId

ANIMATING_SHARE: Final = 0.9
"""The provider's share of the progress that people see; the rest is finishing the clip."""

APPEARS_WITHIN: Final = timedelta(seconds=15)
"""Runway sometimes does not find a task for about a second after creating it."""

ON_ITS_WAY: Final = frozenset({Stage.FETCHING, Stage.FINISHING})


@dataclass(frozen=True, slots=True, kw_only=True)
class PollClip:
    """Ask once, update the progress, and return how long the workflow should wait."""

    clips: Clips
    providers: Mapping[str, VideoProvider]
    latencies: Latencies
    clock: Clock

    def __call__(self, attempt: AttemptRef, watch: Watch) -> Waiting | Arrived | Failed:
        """
        Return the outcome of the task of *attempt*; repeatable.

        A requested cancellation is carried out if the provider allows it free of charge.

        Raises:
            Unavailable, Conflict: Repeat.
            AttemptEnded: There is nothing left to do.
        """
        clip = self.clips.get(attempt.owner_id, attempt.clip_id)
        current = require_current(clip, attempt.attempt_id)
        if current.media is not None or current.stage in ON_ITS_WAY:
            return Arrived(polls=watch.polls)
        task_id = current.provider_task_id
        if task_id is None:
            return Failed(error_code=ErrorCode.GENERATION_FAILED, detail="never submitted")
        try:
            status = self.providers[current.provider].get_job_status(task_id)
        except NotFound:
            return self._missing(current, watch)
        return self._act(clip, watch, status, task_id)

    def _act(
        self, clip: Clip, watch: Watch, status: JobStatus, task_id: ProviderTaskId
    ) -> Waiting | Arrived | Failed:
        match status.state:
            case JobState.SUCCEEDED:
                return self._arrived(clip, watch, status)
            case JobState.FAILED:
                code = status.failure or ErrorCode.GENERATION_FAILED
                return self._failed(clip, watch, status, code)
            case JobState.CANCELLED:
                return self._failed(clip, watch, status, _code_of_cancelled(clip.attempt))
            case JobState.QUEUED | JobState.THROTTLED | JobState.RUNNING:
                return self._under_way(clip, watch, status, task_id)
            case _:
                assert_never(status.state)

    def _missing(self, attempt: Attempt, watch: Watch) -> Waiting | Failed:
        at = self.clock.now()
        if at - watch.submitted_at <= APPEARS_WITHIN and not attempt.cancel_requested:
            return _wait(watch, Observation(at=at, running=False))
        return Failed(
            error_code=_code_of_cancelled(attempt),
            detail="the provider knows no such task",
            polls=watch.polls + 1,
        )

    def _arrived(self, clip: Clip, watch: Watch, status: JobStatus) -> Arrived:
        at = self.clock.now()
        ran = (at - (watch.started_at or watch.submitted_at)).total_seconds()
        self._change(
            clip,
            lambda found: entered(
                found,
                Stage.FETCHING,
                progress=ANIMATING_SHARE,
                at=at,
                provider_cost=status.cost,
            ),
        )
        self.latencies.record(clip.attempt.provider, clip.duration_seconds, ran)
        return Arrived(
            polls=watch.polls + 1,
            gap_seconds=(at - (watch.polled_at or watch.submitted_at)).total_seconds(),
            run_seconds=ran,
            provider_cost=status.cost,
            drift=self._drift(clip, DriftBetween.TABLE_AND_BILL, status.cost),
        )

    def _failed(self, clip: Clip, watch: Watch, status: JobStatus, code: ErrorCode) -> Failed:
        cost = status.cost
        if cost is not None:
            self._change(clip, lambda found: charged(found, cost, at=self.clock.now()))
        return Failed(
            error_code=code,
            detail=status.failure_code or status.state,
            polls=watch.polls + 1,
            provider_cost=cost,
        )

    def _under_way(
        self, clip: Clip, watch: Watch, status: JobStatus, task_id: ProviderTaskId
    ) -> Waiting | Failed:
        attempt, at = clip.attempt, self.clock.now()
        running = status.state is JobState.RUNNING
        provider = self.providers[attempt.provider]
        allowed = provider.capabilities.cancelling
        free = allowed is Cancelling.ALWAYS or (allowed is Cancelling.WHILE_QUEUED and not running)
        if attempt.cancel_requested and free and provider.cancel(task_id):
            return Failed(
                error_code=ErrorCode.CLIP_CANCELLED, detail="cancelled", polls=watch.polls + 1
            )
        if due(watch, running_since=attempt.running_since, at=at):
            with suppress(EchoesError):
                provider.cancel(task_id)
            return Failed(
                error_code=ErrorCode.PROVIDER_UNAVAILABLE,
                detail=f"still {status.state} at the deadline",
                polls=watch.polls + 1,
            )
        share = ANIMATING_SHARE * (status.progress or 0.0)
        self._change(clip, lambda found: progressed(found, share, running=running, at=at))
        observation = Observation(
            at=at,
            running=running,
            throttled=status.state is JobState.THROTTLED,
            progress=status.progress,
        )
        waiting = _wait(watch, observation)
        if watch.polls:
            return waiting
        estimated = self._drift(clip, DriftBetween.TABLE_AND_ESTIMATE, status.estimated_cost)
        return replace(waiting, drift=estimated)

    def _drift(self, clip: Clip, between: DriftBetween, cost: int | None) -> Drift | None:
        """Return how the provider's price differs from what we expect of it."""
        expected = self.providers[clip.attempt.provider].capabilities.cost_of(clip.duration_seconds)
        return drift(between, expected=expected, found=cost)

    def _change(self, clip: Clip, change: Callable[[Clip], Clip]) -> None:
        def rewrite() -> None:
            found = self.clips.get(clip.owner_id, clip.clip_id)
            require_current(found, clip.attempt.attempt_id)
            changed = change(found)
            if changed is not found:
                self.clips.save(ClipChange(clip=changed))

        retry_on_conflict(rewrite, clock=self.clock)


def _wait(watch: Watch, observation: Observation) -> Waiting:
    return Waiting(watch=observe(watch, observation), seconds=next_wait(watch, observation))


def _code_of_cancelled(attempt: Attempt) -> ErrorCode:
    if attempt.cancel_requested:
        return ErrorCode.CLIP_CANCELLED
    return ErrorCode.GENERATION_FAILED
