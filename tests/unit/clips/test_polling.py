"""When to ask again: early enough to be there, and seldom enough to be cheap."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from echoes.domain.clips.polling import (
    ATTEMPT_DEADLINE,
    JITTER,
    LONGEST,
    MAX_POLLS,
    QUEUED_DEADLINE,
    RUNNING_DEADLINE,
    SHORTEST,
    THROTTLED_LONGEST,
    THROTTLED_WAIT,
    UNKNOWN_WAIT,
    Observation,
    Watch,
    begin_watch,
    due,
    first_wait,
    next_wait,
    observe,
)
from echoes.domain.identifiers import AttemptId
from tests.support.factories import NOON
from tests.support.polling_model import simulate

FIXED_TRANSITIONS = 5
TRANSITIONS_PER_POLL = 3


def a_watch(**changes: object) -> Watch:
    """Return a watch of a task submitted at noon."""
    fields: dict[str, object] = {
        "attempt_id": AttemptId("clip-1"),
        "submitted_at": NOON,
        "quick_seconds": 40.0,
    }
    return Watch(**(fields | changes))  # type: ignore[arg-type]  # named above


def about(seconds: float) -> object:
    """Return *seconds* give or take the jitter."""
    return pytest.approx(seconds, rel=JITTER)


@pytest.mark.parametrize("queued_share", [0.0, 0.1])
def test_the_schedule_is_quick_and_cheap(queued_share: float) -> None:
    """Median ≤ 3 s, p95 ≤ 8 s, ≤ 6 polls, ≤ 20 transitions: a simulation of 8,000 jobs."""
    outcome = simulate(
        8000,
        seed=7,
        fixed_transitions=FIXED_TRANSITIONS,
        transitions_per_poll=TRANSITIONS_PER_POLL,
        queued_share=queued_share,
    )

    assert outcome.median_delay <= 3
    assert outcome.p95_delay <= 8
    assert outcome.polls <= 6
    assert outcome.transitions <= 20


def test_the_first_wait_comes_from_the_models_own_history() -> None:
    """Three quarters of the fastest tenth's time; the provider's figure without a history."""
    history = [*range(50, 150, 2)]

    known = begin_watch(AttemptId("a-1"), history=history, usual_seconds=30, at=NOON)
    unknown = begin_watch(AttemptId("a-1"), history=[1.0], usual_seconds=30, at=NOON)

    assert first_wait(known) == about(45)
    assert first_wait(unknown) == about(22.5)


def test_progress_says_when_to_come_back() -> None:
    """Half done after 20 s: 20 s to go, and 17 of them are waited."""
    observation = Observation(at=NOON + timedelta(seconds=20), running=True, progress=0.5)

    assert next_wait(a_watch(), observation) == about(17)


@pytest.mark.parametrize("progress", [None, 0.0, 1.5, 0.3])
def test_useless_progress_is_not_believed(progress: float | None) -> None:
    """Missing, out of range, or less than before: the plain wait."""
    before = a_watch(progress=0.6, polled_at=NOON, started_at=NOON)
    observation = Observation(at=NOON + timedelta(seconds=20), running=True, progress=progress)

    assert next_wait(before, observation) == about(UNKNOWN_WAIT)


def test_time_in_the_queue_is_not_taken_for_work() -> None:
    """It ran for 10 s of the 100: what remains is judged by the 10."""
    queued = Observation(at=NOON + timedelta(seconds=90), running=False)
    watch = observe(a_watch(), queued)
    running = Observation(at=NOON + timedelta(seconds=100), running=True, progress=0.5)

    assert next_wait(watch, running) == about(8.5)


def test_who_is_throttled_waits_longer_and_longer() -> None:
    """AJ6: 20 s at first, a minute in the end."""
    soon = Observation(at=NOON + timedelta(seconds=30), running=False, throttled=True)
    late = Observation(at=NOON + timedelta(hours=1), running=False, throttled=True)

    assert next_wait(a_watch(), soon) == about(THROTTLED_WAIT)
    assert next_wait(a_watch(), late) == about(THROTTLED_LONGEST)


def test_clips_ordered_together_are_asked_for_apart() -> None:
    """Jitter comes from the attempt: different for each, the same for the same."""
    waits = {first_wait(a_watch(attempt_id=AttemptId(f"clip-{n}"))) for n in range(20)}

    assert len(waits) == 20
    assert first_wait(a_watch()) == first_wait(a_watch())


def test_the_deadlines() -> None:
    """Half an hour of running, two of waiting, and a number of polls."""
    second = timedelta(seconds=1)
    polled = a_watch(polls=MAX_POLLS)

    assert not due(a_watch(), running_since=NOON, at=NOON + RUNNING_DEADLINE)
    assert due(a_watch(), running_since=NOON, at=NOON + RUNNING_DEADLINE + second)
    assert not due(a_watch(), running_since=None, at=NOON + QUEUED_DEADLINE)
    assert due(a_watch(), running_since=None, at=NOON + QUEUED_DEADLINE + second)
    assert due(polled, running_since=None, at=NOON)
    assert ATTEMPT_DEADLINE > QUEUED_DEADLINE + RUNNING_DEADLINE


@given(
    elapsed=st.floats(0, 20_000),
    running=st.booleans(),
    throttled=st.booleans(),
    progress=st.none() | st.floats(-1, 2),
    history=st.lists(st.floats(0, 10_000), max_size=50),
)
def test_no_wait_is_out_of_bounds(
    *,
    elapsed: float,
    running: bool,
    throttled: bool,
    progress: float | None,
    history: list[float],
) -> None:
    """For every report: never below five seconds, never above a minute."""
    watch = begin_watch(AttemptId("a-1"), history=history, usual_seconds=30, at=NOON)
    observation = Observation(
        at=NOON + timedelta(seconds=elapsed),
        running=running,
        throttled=throttled,
        progress=progress,
    )

    longest = THROTTLED_LONGEST if throttled else max(LONGEST, THROTTLED_WAIT)
    assert 0.9 <= first_wait(watch) <= 95
    assert SHORTEST * (1 - JITTER) <= next_wait(watch, observation) <= longest * (1 + JITTER)
