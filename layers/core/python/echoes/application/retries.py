"""Retry a use case after a write conflict."""

import random
from collections.abc import Callable
from typing import Final, TypeVar

from echoes.application.ports.clock import Clock
from echoes.domain.errors import Conflict

T = TypeVar("T")

MAX_TRIES: Final = 12
"""
With fifty writers to one account, each round lets at least one through, and most run out of
credits.
"""

BASE_SECONDS: Final = 0.02
"""As long as a few transactions: sooner, the other one would still be in progress."""

LONGEST_SECONDS: Final = 1.0
"""Twelve tries end within API Gateway's 29 s even with the longest pauses."""


def retry_on_conflict(
    action: Callable[[], T], *, clock: Clock, chance: Callable[[], float] = random.random
) -> T:
    """
    Return what *action* returns; repeat all of it with full jitter while it raises `Conflict`.

    *action* must read again everything that its write depends on. The last `Conflict` is raised.
    """
    for tried in range(1, MAX_TRIES):
        try:
            return action()
        except Conflict:
            clock.sleep(chance() * min(LONGEST_SECONDS, BASE_SECONDS * 2**tried))
    return action()
