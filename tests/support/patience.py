"""How long a workflow waits for a function that has no room for another call."""

from collections.abc import Iterator
from typing import Any, Final

THROTTLED: Final = "Lambda.TooManyRequestsException"

MOST_ATTEMPTS: Final = 30
"""A minute apart in the end: such a call did nothing and cost nothing, and queues drain."""


def is_patient(retrier: dict[str, Any]) -> bool:
    """Return whether *retrier* is for a function without room, and for nothing else."""
    return bool(retrier["ErrorEquals"] == [THROTTLED])


def longest_pauses(task: dict[str, Any]) -> Iterator[float]:
    """Yield the seconds *task* waits before each repetition, if jitter shortens none of them."""
    (retrier,) = (each for each in task["Retry"] if is_patient(each))
    for tried in range(retrier["MaxAttempts"]):
        pause = retrier["IntervalSeconds"] * retrier["BackoffRate"] ** tried
        yield min(pause, retrier["MaxDelaySeconds"])


def longest_seconds(task: dict[str, Any]) -> float:
    """Return how long *task* takes at most if its function has no room and then no haste."""
    return float(sum(longest_pauses(task)) + task["TimeoutSeconds"])
