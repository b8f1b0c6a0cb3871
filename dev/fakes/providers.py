"""A provider of video that works by the clock and fails on demand."""

from collections import Counter, deque
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from threading import Lock

from echoes.application.ports.clock import Clock
from echoes.application.ports.providers import (
    Cancelling,
    Capabilities,
    GenerationOrder,
    JobState,
    JobStatus,
)
from echoes.domain.clips.clip import DURATIONS
from echoes.domain.clips.ratios import Ratio
from echoes.domain.error_catalogue import ErrorCode
from echoes.domain.errors import (
    NotFound,
    ProviderBusy,
    ProviderRefused,
    ResultGone,
    ResultUnusable,
    SubmissionUnknown,
)
from echoes.domain.identifiers import AttemptId, ProviderTaskId


class OfferFault(StrEnum):
    """What can happen to an offer."""

    BUSY = "busy"
    LOST_REQUEST = "lost_request"
    """It never arrived, but the caller cannot know that."""

    LOST_REPLY = "lost_reply"
    """It arrived, but the caller cannot know that."""

    REFUSED = "refused"


@dataclass(slots=True, kw_only=True)
class _Task:
    order: GenerationOrder
    queued_until: float
    done_at: float
    cancelled: bool = False


class InMemoryVideoProvider:
    """
    The port `VideoProvider`. Its tasks wait ``queued_seconds``, then run ``run_seconds``.

    Set the attributes to make it fail; ``offers`` counts what reached it, ``made`` the tasks it
    has for each attempt.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        correlates: bool = False,
        cancelling: Cancelling = Cancelling.WHILE_QUEUED,
        run_seconds: float = 40.0,
        queued_seconds: float = 0.0,
    ) -> None:
        self._clock = clock
        self._lock = Lock()
        self._epoch: datetime = clock.now()
        self._correlates = correlates
        self._cancelling = cancelling
        self.run_seconds = run_seconds
        self.queued_seconds = queued_seconds
        self.throttled = False
        """Whether what waits is said to be throttled."""

        self.offer_faults: deque[OfferFault] = deque()
        self.refusal = ErrorCode.MODERATION_BLOCKED
        self.failure: ErrorCode | None = None
        """How tasks end, if they are to fail."""

        self.result_gone = 0
        """How many more times fetching a result fails."""

        self.result_unusable = False
        self.cost = 25
        """What it charges for a task, in its own credits."""

        self.offers: Counter[AttemptId] = Counter()
        self.made: Counter[AttemptId] = Counter()
        self.tasks: dict[ProviderTaskId, _Task] = {}

    @property
    def capabilities(self) -> Capabilities:
        """The capabilities that a test gave it."""
        return Capabilities(
            durations=frozenset(DURATIONS),
            ratios=frozenset(Ratio),
            cancelling=self._cancelling,
            reports_progress=True,
            correlates=self._correlates,
            usual_seconds=30.0,
            cost_per_second=5,
        )

    def generate_clip(self, order: GenerationOrder) -> ProviderTaskId:
        """Take *order*, unless a fault is due."""
        with self._lock:
            self.offers[order.attempt_id] += 1
            fault = self.offer_faults.popleft() if self.offer_faults else None
            match fault:
                case OfferFault.BUSY:
                    raise ProviderBusy("injected: full")
                case OfferFault.REFUSED:
                    raise ProviderRefused(self.refusal, "injected: refused")
                case OfferFault.LOST_REQUEST:
                    raise SubmissionUnknown("injected: the request was lost")
                case _:
                    task_id = self._take(order)
            if fault is OfferFault.LOST_REPLY:
                raise SubmissionUnknown("injected: the answer was lost")
            return task_id

    def get_job_status(self, task_id: ProviderTaskId) -> JobStatus:
        """Return what the clock says of the task."""
        task, now = self._find(task_id), self._now()
        if task.cancelled:
            return JobStatus(state=JobState.CANCELLED, cost=0)
        if now < task.queued_until:
            waiting = JobState.THROTTLED if self.throttled else JobState.QUEUED
            return JobStatus(state=waiting, estimated_cost=self.cost)
        if now < task.done_at:
            share = (now - task.queued_until) / (task.done_at - task.queued_until)
            return JobStatus(state=JobState.RUNNING, progress=share, estimated_cost=self.cost)
        if self.failure is not None:
            return JobStatus(
                state=JobState.FAILED, failure=self.failure, failure_code="INJECTED", cost=self.cost
            )
        return JobStatus(state=JobState.SUCCEEDED, cost=self.cost)

    def fetch_result(self, task_id: ProviderTaskId, destination: Path) -> None:
        """Write a few bytes that stand for a video."""
        self._find_result(task_id)
        if self.result_unusable:
            raise ResultUnusable("injected: this is no video")
        if self.result_gone:
            self.result_gone -= 1
            raise ResultGone("injected: the address has expired")
        destination.write_bytes(b"video of " + task_id.encode())

    def cancel(self, task_id: ProviderTaskId) -> bool:
        """Cancel the task, if its state allows that."""
        try:
            state = self.get_job_status(task_id).state
        except NotFound:
            return True
        waiting = state in {JobState.QUEUED, JobState.THROTTLED}
        running = state is JobState.RUNNING and self._cancelling is Cancelling.ALWAYS
        if self._cancelling is Cancelling.NEVER or not (waiting or running):
            return state is JobState.CANCELLED
        self.tasks[task_id].cancelled = True
        return True

    def _take(self, order: GenerationOrder) -> ProviderTaskId:
        number = self.made[order.attempt_id]
        if number and self._correlates:
            return ProviderTaskId(f"task-{order.attempt_id}-1")
        self.made[order.attempt_id] += 1
        task_id = ProviderTaskId(f"task-{order.attempt_id}-{number + 1}")
        starts = self._now() + self.queued_seconds
        self.tasks[task_id] = _Task(
            order=order, queued_until=starts, done_at=starts + self.run_seconds
        )
        return task_id

    def _find(self, task_id: ProviderTaskId) -> _Task:
        task = self.tasks.get(task_id)
        if task is None:
            raise NotFound("there is no such task")
        return task

    def _find_result(self, task_id: ProviderTaskId) -> None:
        try:
            state = self.get_job_status(task_id).state
        except NotFound as error:
            raise ResultGone("there is no such task") from error
        if state is not JobState.SUCCEEDED:
            raise ResultGone(f"the task is {state}")

    def _now(self) -> float:
        return (self._clock.now() - self._epoch).total_seconds()
