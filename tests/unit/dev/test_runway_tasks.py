"""The life of tasks, on a clock that the test turns."""

import datetime as dt
from collections.abc import Callable

import pytest

from dev.simulators.runway import tasks
from dev.simulators.runway.clock import ScaledClock
from dev.simulators.runway.faults import FAILURES, Fault
from dev.simulators.runway.tasks import Ending, Order, Script, Status, Task, TaskList

MakeTask = Callable[..., Task]


def new_task(task_id: str, *, at: float = 0.0, model: str = "gen4_turbo", **script: object) -> Task:
    course: dict[str, object] = {"queue_seconds": 2.0, "run_seconds": 10.0}
    return Task(
        id=task_id,
        order=Order(
            model=model,
            prompt="",
            ratio="1280:720",
            width=1280,
            height=720,
            duration_seconds=5,
            seed=1,
            photo_sha256="0" * 64,
        ),
        script=Script(**(course | script)),  # type: ignore[arg-type]  # a test's shorthand
        estimated_credits=25,
        created_at=at,
        begun_at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
    )


class Book:
    """A task book that remembers who ended."""

    def __init__(self, concurrency: int = 1) -> None:
        self.ended: list[str] = []
        self.book = TaskList(
            concurrency=concurrency, on_end=lambda task: self.ended.append(task.id)
        )

    def states(self, now: float) -> dict[str, Status]:
        return {task.id: task.status(now) for task in self.book.all(now=now)}


def test_a_task_is_pending_then_running_then_succeeded() -> None:
    """The three states follow the script to the second, and the charge is the estimate."""
    book = Book()
    book.book.add(new_task("a"), now=0)
    book.book.film_ready("a", at=1)
    assert [book.states(now)["a"] for now in (0, 1.9, 2, 11.9, 12)] == [
        Status.PENDING,
        Status.PENDING,
        Status.RUNNING,
        Status.RUNNING,
        Status.SUCCEEDED,
    ]
    assert book.book.all(now=12)[0].cost_credits == 25
    assert book.ended == ["a"]


def test_a_task_does_not_succeed_before_its_film_exists() -> None:
    """Late films keep the task RUNNING just below 1, and it ends the moment the film is there."""
    book = Book()
    task = new_task("a")
    book.book.add(task, now=0)
    assert book.states(500)["a"] is Status.RUNNING
    assert task.progress(500) == tasks.MAX_PROGRESS_BEFORE_END
    book.book.film_ready("a", at=501)
    assert book.states(501)["a"] is Status.SUCCEEDED
    assert task.ended_at == 501


def test_progress_never_goes_back() -> None:
    """Also for a task that is stuck for ever."""
    for ending in (Ending.SUCCEED, Ending.NEVER):
        book = Book()
        task = new_task("a", ending=ending)
        book.book.add(task, now=0)
        seen = [task.progress(step / 4) for step in range(400)]
        assert seen == sorted(seen)
        assert 0 == seen[0] < seen[40] < 1
        assert book.states(100)["a"] is Status.RUNNING


def test_throttled_tasks_start_in_order_at_the_moment_a_slot_comes_free() -> None:
    """Even when nobody looked for a while, every start is dated to its own moment."""
    book = Book(concurrency=1)
    for name in "abc":
        book.book.add(new_task(name), now=0)
        book.book.film_ready(name, at=0)
    assert list(book.states(1).values()) == [Status.PENDING, Status.THROTTLED, Status.THROTTLED]
    assert list(book.states(25).values()) == [Status.SUCCEEDED, Status.SUCCEEDED, Status.PENDING]
    assert [task.admitted_at for task in book.book.all(now=25)] == [0, 12, 24]
    assert book.ended == ["a", "b"]


def test_models_do_not_share_slots() -> None:
    """The limit is per model."""
    book = Book(concurrency=1)
    book.book.add(new_task("a"), now=0)
    book.book.add(new_task("b", model="gen4.5"), now=0)
    assert list(book.states(3).values()) == [Status.RUNNING, Status.RUNNING]


def test_a_wider_tier_lets_waiting_tasks_start_now() -> None:
    """A raised limit starts them at once, a lowered one stops nobody."""
    book = Book(concurrency=1)
    for name in "abc":
        book.book.add(new_task(name), now=0)
    book.book.set_concurrency(3, now=5)
    assert list(book.states(5).values()) == [Status.RUNNING, Status.PENDING, Status.PENDING]
    book.book.set_concurrency(1, now=8)
    assert set(book.states(8).values()) == {Status.RUNNING}
    with pytest.raises(ValueError, match="at least 1"):
        book.book.set_concurrency(0, now=9)


def test_a_held_task_is_throttled_although_slots_are_free() -> None:
    """And it does not keep others from starting."""
    book = Book(concurrency=1)
    book.book.add(new_task("held", held_seconds=30), now=0)
    book.book.add(new_task("next", at=1), now=1)
    book.book.film_ready("next", at=1)
    assert list(book.states(4).values()) == [Status.THROTTLED, Status.RUNNING]
    assert list(book.states(31).values()) == [Status.PENDING, Status.SUCCEEDED]


def test_a_failing_task_is_charged_as_its_failure_says() -> None:
    """Moderated: the full price. Their own mistake: nothing."""
    for fault, cost in ((Fault.SAFETY_OUTPUT, 25), (Fault.BAD_OUTPUT, 0)):
        book = Book()
        task = new_task("a", ending=Ending.FAIL, failure=FAILURES[fault])
        book.book.add(task, now=0)
        assert book.states(12)["a"] is Status.FAILED
        assert (task.failure, task.cost_credits) == (FAILURES[fault], cost)


def test_a_deleted_task_is_gone_and_its_slot_is_free() -> None:
    """Cancelling a running task charges it; one that has not begun costs nothing."""
    book = Book(concurrency=1)
    for name in "abc":
        book.book.add(new_task(name), now=0)
    running = book.book.delete("a", now=5)
    waiting = book.book.delete("c", now=5)
    assert running is not None
    assert waiting is not None
    assert (running.cost_credits, waiting.cost_credits) == (25, 0)
    assert book.book.delete("a", now=6) is None
    assert book.book.find("a", now=6) is None
    assert book.states(6) == {
        "a": Status.CANCELLED,
        "b": Status.PENDING,
        "c": Status.CANCELLED,
    }


def test_a_film_that_arrives_late_does_not_revive_a_task() -> None:
    """Cancelled stays cancelled, and a failed rendering after the end changes nothing."""
    book = Book()
    book.book.add(new_task("a"), now=0)
    book.book.delete("a", now=5)
    book.book.film_ready("a", at=6)
    book.book.film_failed("a", FAILURES[Fault.INTERNAL], at=7)
    assert book.states(100)["a"] is Status.CANCELLED
    assert book.ended == ["a"]


def test_a_hidden_task_appears_later() -> None:
    """Right after creation a task may be 404 for a moment."""
    book = Book()
    book.book.add(new_task("a", hidden_seconds=3), now=0)
    assert book.book.find("a", now=2.9) is None
    assert book.book.find("a", now=3) is not None


def test_only_ended_tasks_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """The book is bounded, and what is under way is never dropped."""
    monkeypatch.setattr(tasks, "MAX_TASKS", 2)
    book = Book(concurrency=5)
    book.book.add(new_task("old"), now=0)
    book.book.film_ready("old", at=0)
    book.book.add(new_task("b", at=20), now=20)
    assert [task.id for task in book.book.add(new_task("c", at=20), now=20)] == ["old"]
    assert book.book.add(new_task("d", at=21), now=21) == []
    assert list(book.states(21)) == ["b", "c", "d"]


def test_the_clock_runs_at_its_speed_and_never_backwards() -> None:
    """A change of speed bends the line, it does not jump."""
    real = 100.0
    clock = ScaledClock(20, source=lambda: real)
    real += 3
    assert clock.now() == 60
    clock.set_speed(1)
    assert clock.now() == 60
    real += 5
    assert clock.now() == 65
    with pytest.raises(ValueError, match="speed"):
        clock.set_speed(0)
    assert clock.now() == 65
