"""
The life of tasks: a pure model that is asked "what is true at this moment?".

Nothing here waits, sleeps or owns a thread. Every call first plays, in order of time, whatever has
happened since the last one: tasks end, slots come free, throttled tasks move up. Times are provider
seconds (see `clock`). A task never succeeds before its film exists.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from dev.simulators.runway.faults import Failure

MAX_PROGRESS_BEFORE_END: Final = 0.99
MAX_TASKS: Final = 2000
"""Tasks remembered; beyond it the oldest finished ones are forgotten."""


class Status(StrEnum):
    """The six states the API shows."""

    PENDING = "PENDING"
    THROTTLED = "THROTTLED"
    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"

    @property
    def is_terminal(self) -> bool:
        """Return whether the task has ended."""
        return self in _TERMINAL


_TERMINAL: Final = frozenset({Status.SUCCEEDED, Status.FAILED, Status.CANCELLED})


class Ending(StrEnum):
    """How a task is going to end."""

    SUCCEED = "succeed"
    FAIL = "fail"
    CANCEL = "cancel"
    NEVER = "never"


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """
    What is going to happen to a task, decided when it is created.

    `held_seconds` keeps it THROTTLED at least that long; then it is PENDING for `queue_seconds`
    and RUNNING for `run_seconds`. For the first `hidden_seconds` nobody can see it.
    """

    queue_seconds: float
    run_seconds: float
    held_seconds: float = 0.0
    hidden_seconds: float = 0.0
    ending: Ending = Ending.SUCCEED
    failure: Failure | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What was asked for."""

    model: str
    prompt: str
    ratio: str | None
    width: int
    height: int
    duration_seconds: int
    seed: int | None
    photo_sha256: str


class Output(StrEnum):
    """What a successful task delivers."""

    WHOLE = "whole"
    EMPTY = "empty"
    CORRUPT = "corrupt"


@dataclass(slots=True, kw_only=True)
class Task:
    """
    One generation. `TaskList` changes its course.

    `created_at` is provider time, `begun_at` the calendar's. `expired_links` counts the output
    links that are still to be created expired; `polls` counts the times a client looked.
    """

    id: str
    order: Order
    script: Script
    estimated_credits: int
    created_at: float
    begun_at: datetime
    faults: tuple[str, ...] = ()
    output: Output = Output.WHOLE
    expired_links: float = 0
    polls: int = 0
    admitted_at: float | None = None
    ended_at: float | None = None
    ended_as: Status | None = None
    film_ready_at: float | None = None
    cost_credits: int = 0
    deleted: bool = False
    failure: Failure | None = None

    def status(self, now: float) -> Status:
        """Return the state at `now`, which must not be before the last event."""
        if self.ended_as is not None:
            return self.ended_as
        if self.admitted_at is None:
            return Status.THROTTLED
        if now < self.admitted_at + self.script.queue_seconds:
            return Status.PENDING
        return Status.RUNNING

    def progress(self, now: float) -> float:
        """Return 0..0.99, never less than before, for a task that is RUNNING."""
        if self.admitted_at is None:
            return 0.0
        running = now - self.admitted_at - self.script.queue_seconds
        share = running / self.script.run_seconds if self.script.run_seconds else 1.0
        if self.script.ending is Ending.NEVER:
            share = 1 - math.exp(-share)
        return round(min(max(share, 0.0), MAX_PROGRESS_BEFORE_END), 2)

    def ends_at(self) -> float:
        """Return when the task ends, infinity while that cannot be known."""
        if self.admitted_at is None or self.script.ending is Ending.NEVER:
            return math.inf
        planned = self.admitted_at + self.script.queue_seconds + self.script.run_seconds
        if self.script.ending is not Ending.SUCCEED:
            return planned
        return math.inf if self.film_ready_at is None else max(planned, self.film_ready_at)


class TaskList:
    """
    All tasks, the concurrency of the tier, and the order in which they start.

    `on_end` is called once for each task that ends, after its cost is known. Not thread-safe.
    """

    def __init__(self, *, concurrency: int, on_end: Callable[[Task], None]) -> None:
        self._tasks: dict[str, Task] = {}
        self._concurrency = concurrency
        self._on_end = on_end
        self._advanced_until = 0.0

    @property
    def concurrency(self) -> int:
        """Return how many tasks of one model may be under way."""
        return self._concurrency

    def set_concurrency(self, concurrency: int, *, now: float) -> None:
        """Allow another number of tasks a model; running ones go on."""
        if concurrency < 1:
            raise ValueError("concurrency must be at least 1")
        self.advance(now)
        self._concurrency = concurrency
        self.advance(now)

    def add(self, task: Task, *, now: float) -> list[Task]:
        """
        Add a new task; it starts at once when its model has a free slot.

        Returns the old tasks that were forgotten to make room.
        """
        self.advance(now)
        self._tasks[task.id] = task
        self.advance(now)
        ended = [old for old in self._tasks.values() if old.ended_as is not None]
        forgotten = ended[: max(0, len(self._tasks) - MAX_TASKS)]
        for old in forgotten:
            del self._tasks[old.id]
        return forgotten

    def find(self, task_id: str, *, now: float) -> Task | None:
        """Return a task that a client may see, or None."""
        self.advance(now)
        task = self._tasks.get(task_id)
        if task is None or task.deleted or now < task.created_at + task.script.hidden_seconds:
            return None
        return task

    def delete(self, task_id: str, *, now: float) -> Task | None:
        """
        Cancel a task that has not ended, and forget it; return it, or None if there is none.

        Work that is RUNNING is charged in full, work that has not begun is not.
        """
        task = self.find(task_id, now=now)
        if task is None:
            return None
        if task.ended_as is None:
            charged = task.status(now) is Status.RUNNING
            self._end(task, Status.CANCELLED, at=now, charged=charged)
        task.deleted = True
        self.advance(now)
        return task

    def film_ready(self, task_id: str, *, at: float) -> None:
        """Record that the film of a task exists since `at`."""
        task = self._tasks.get(task_id)
        if task is not None and task.film_ready_at is None:
            task.film_ready_at = at

    def film_failed(self, task_id: str, failure: Failure, *, at: float) -> None:
        """End a task whose film could not be made."""
        self.advance(at)
        task = self._tasks.get(task_id)
        if task is not None and task.ended_as is None:
            task.failure = failure
            self._end(task, Status.FAILED, at=at, charged=failure.charged)
            self.advance(at)

    def all(self, *, now: float) -> tuple[Task, ...]:
        """Return every task in order of creation, deleted ones too."""
        self.advance(now)
        return tuple(self._tasks.values())

    def advance(self, now: float) -> None:
        """Apply everything that was due by `now`, in order of time."""
        while True:
            ending = min(self._under_way(), key=Task.ends_at, default=None)
            ends_at = ending.ends_at() if ending else math.inf
            starting, starts_at = self._next_start()
            if min(ends_at, starts_at) > now:
                break
            if starting is not None and starts_at < ends_at:
                starting.admitted_at = starts_at
                self._advanced_until = max(self._advanced_until, starts_at)
            elif ending is not None:
                self._end_as_scripted(ending, at=ends_at)
                self._advanced_until = max(self._advanced_until, ends_at)
        self._advanced_until = max(self._advanced_until, now)

    def _under_way(self) -> list[Task]:
        return [
            task
            for task in self._tasks.values()
            if task.ended_as is None and task.admitted_at is not None
        ]

    def _next_start(self) -> tuple[Task | None, float]:
        """Return the task that gets the next free slot and when, first come first served."""
        used: dict[str, int] = {}
        for task in self._under_way():
            used[task.order.model] = used.get(task.order.model, 0) + 1
        chosen, chosen_at = None, math.inf
        for task in self._tasks.values():
            waits = task.ended_as is None and task.admitted_at is None
            if not waits or used.get(task.order.model, 0) >= self._concurrency:
                continue
            at = max(task.created_at + task.script.held_seconds, self._advanced_until)
            if at < chosen_at:
                chosen, chosen_at = task, at
        return chosen, chosen_at

    def _end_as_scripted(self, task: Task, *, at: float) -> None:
        match task.script.ending:
            case Ending.FAIL:
                task.failure = task.script.failure
                charged = task.failure is not None and task.failure.charged
                self._end(task, Status.FAILED, at=at, charged=charged)
            case Ending.CANCEL:
                self._end(task, Status.CANCELLED, at=at, charged=False)
            case Ending.SUCCEED | Ending.NEVER:
                self._end(task, Status.SUCCEEDED, at=at, charged=True)

    def _end(self, task: Task, status: Status, *, at: float, charged: bool) -> None:
        task.ended_at = at
        task.ended_as = status
        task.cost_credits = task.estimated_credits if charged else 0
        self._on_end(task)
