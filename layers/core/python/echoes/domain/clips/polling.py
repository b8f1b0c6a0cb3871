"""
When to ask a provider for a task's progress.

The first poll waits for most of the time that the fastest tenth of recent tasks took. After that,
the reported progress shows when the end is near. A poll costs three state transitions; a finished
clip that is not noticed costs people's patience. `tests/support/polling_model.py` checks the
numbers below against both.

Everything is pure. What a poll must know of earlier polls is a `Watch`, which the workflow passes
along. Jitter comes from the attempt's id, so the same watch always waits equally long.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from echoes.domain.identifiers import AttemptId

QUICK_SHARE: Final = 0.1
"""The share of the history that counts as fast: the p10."""

MIN_HISTORY: Final = 5
"""With fewer run times, the provider's own figure says more than their p10."""

FIRST_SHARE: Final = 0.75
"""Of the fast time. A clip is rarely ready sooner, and then waits only for the rest of it."""

FIRST_BOUNDS: Final = (1.0, 90.0)
"""Seconds. A history of slow days must not make people wait on a good one."""

REMAINING_SHARE: Final = 0.85
"""Of the time that the progress suggests: early enough to notice an earlier end."""

SHORTEST: Final = 5.0
"""Seconds. Runway: "should not expect updates more frequent than once every five seconds"."""

LONGEST: Final = 18.0
"""Seconds. Estimates made from little progress are often far too long."""

UNKNOWN_WAIT: Final = 8.0
"""Seconds, when nothing useful is reported: p95 of the delay stays below 8 s."""

JITTER: Final = 0.05
"""Share by which waits differ, so that clips ordered together are not polled together."""

THROTTLED_WAIT: Final = 20.0
"""Seconds. The account has more tasks than it may run, so nothing will happen soon."""

THROTTLED_LONGEST: Final = 60.0
THROTTLED_SHARE: Final = 0.2
"""Of the time throttled so far: after ten minutes, one more minute does not matter."""

RUNNING_DEADLINE: Final = timedelta(minutes=30)
"""
Since it was first seen running. gen4.5 takes up to seven minutes; after four times that, it is
lost.
"""

QUEUED_DEADLINE: Final = timedelta(hours=2)
"""
Before it runs: time for a hundred clips of a minute each, one at a time, as in the lowest tier.
"""

MAX_POLLS: Final = 400
"""Both deadlines need fewer than 300 polls; at 9 events each, that stays far below 25,000."""

ATTEMPT_DEADLINE: Final = QUEUED_DEADLINE + RUNNING_DEADLINE + timedelta(minutes=90)
"""The longest life of an attempt: submit, finish and settle have half an hour each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """What is known of a task between two polls."""

    attempt_id: AttemptId
    submitted_at: datetime
    quick_seconds: float
    """How long the fastest tenth of such tasks took."""

    polls: int = 0
    polled_at: datetime | None = None
    started_at: datetime | None = None
    """The earliest it can have begun to run; ``None`` while it waits in a queue."""

    progress: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """What one poll saw of a task that has not ended."""

    at: datetime
    running: bool
    throttled: bool = False
    progress: float | None = None


def begin_watch(
    attempt_id: AttemptId, *, history: Sequence[float], usual_seconds: float, at: datetime
) -> Watch:
    """Return the watch of a task submitted at *at*; *history* are recent run times in seconds."""
    return Watch(
        attempt_id=attempt_id,
        submitted_at=at,
        quick_seconds=quick_time(history, usual_seconds=usual_seconds),
    )


def quick_time(history: Sequence[float], *, usual_seconds: float) -> float:
    """Return the p10 of *history*, or *usual_seconds* when it is too short to say anything."""
    if len(history) < MIN_HISTORY:
        return usual_seconds
    return sorted(history)[int(len(history) * QUICK_SHARE)]


def first_wait(watch: Watch) -> float:
    """Return how many seconds to wait before the first poll."""
    return _jittered(watch, _clamp(FIRST_SHARE * watch.quick_seconds, *FIRST_BOUNDS))


def observe(watch: Watch, observation: Observation) -> Watch:
    """Return *watch* after one more poll, with its *observation*."""
    started_at = watch.started_at
    if not observation.running:
        started_at = None
    elif started_at is None:
        # It was not running when last seen. If it was never seen, count from the submission.
        started_at = watch.polled_at or watch.submitted_at
    return replace(
        watch,
        polls=watch.polls + 1,
        polled_at=observation.at,
        started_at=started_at,
        progress=observation.progress,
    )


def next_wait(watch: Watch, observation: Observation) -> float:
    """Return how many seconds to wait after *observation*; *watch* is from before that poll."""
    if observation.throttled:
        age = (observation.at - watch.submitted_at).total_seconds()
        seconds = _clamp(THROTTLED_SHARE * age, THROTTLED_WAIT, THROTTLED_LONGEST)
    elif not observation.running:
        seconds = _clamp(FIRST_SHARE * watch.quick_seconds, SHORTEST, THROTTLED_WAIT)
    else:
        seconds = _running_wait(watch, observe(watch, observation))
    return _jittered(watch, seconds)


def due(watch: Watch, *, running_since: datetime | None, at: datetime) -> bool:
    """Return whether to stop waiting for the task."""
    if watch.polls >= MAX_POLLS:
        return True
    if running_since is not None:
        return at - running_since > RUNNING_DEADLINE
    return at - watch.submitted_at > QUEUED_DEADLINE


def _running_wait(before: Watch, now: Watch) -> float:
    progress = now.progress
    if progress is None or not 0 < progress <= 1 or progress < (before.progress or 0.0):
        return UNKNOWN_WAIT
    assert now.polled_at is not None  # noqa: S101  # `observe` has just set both
    assert now.started_at is not None  # noqa: S101
    ran = (now.polled_at - now.started_at).total_seconds()
    return _clamp(REMAINING_SHARE * ran * (1 - progress) / progress, SHORTEST, LONGEST)


def _jittered(watch: Watch, seconds: float) -> float:
    digest = sha256(f"{watch.attempt_id}\x1f{watch.polls}".encode()).digest()
    share = int.from_bytes(digest[:4]) / 2**32
    return seconds * (1 + JITTER * (2 * share - 1))


def _clamp(value: float, low: float, high: float) -> float:
    return min(max(value, low), high)
