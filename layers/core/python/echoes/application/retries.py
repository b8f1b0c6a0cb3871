"""Retry a use case after a write conflict, a little later."""

import random
from collections.abc import Callable
from typing import Final, TypeVar

from echoes.application.ports.clock import Clock
from echoes.domain.errors import Conflict

T = TypeVar("T")

MAX_TRIES: Final = 12
"""Of fifty writers to one account each round lets at least one through, and most give up broke."""

BASE_SECONDS: Final = 0.02
"""Some transactions long: sooner, the other's would still be under way."""

LONGEST_SECONDS: Final = 1.0
"""Twelve tries end within API Gateway's 29 s, whatever the dice say."""


def retry_on_conflict(
    action: Callable[[], T], *, clock: Clock, chance: Callable[[], float] = random.random
) -> T:
    """
    Return what *action* returns, repeating it whole with full jitter while it meets `Conflict`.

    *action* reads everything again that it bases its write on. The last `Conflict` is raised.
    """
    for tried in range(1, MAX_TRIES):
        try:
            return action()
        except Conflict:
            clock.sleep(chance() * min(LONGEST_SECONDS, BASE_SECONDS * 2**tried))
    return action()
