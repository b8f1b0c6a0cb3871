"""Stripe's time: ours, plus what a test has added to it."""

import threading
import time
from collections.abc import Callable


class Clock:
    """Unix seconds that can be moved forward. Thread-safe."""

    def __init__(
        self, *, ahead_seconds: float = 0.0, source: Callable[[], float] = time.time
    ) -> None:
        self._ahead = ahead_seconds
        self._source = source
        self._lock = threading.Lock()

    @property
    def ahead_seconds(self) -> float:
        """Return how far this clock is ahead of the real one."""
        return self._ahead

    def now(self) -> int:
        """Return whole Unix seconds, as Stripe's objects carry them."""
        return int(self._source() + self._ahead)

    def reset(self) -> None:
        """Return to the real time, which only a simulator that forgets everything may do."""
        with self._lock:
            self._ahead = 0.0

    def advance(self, seconds: float) -> None:
        """Move on at once; raise `ValueError` for a step back."""
        if seconds < 0:
            raise ValueError("Stripe's time only moves forward")
        with self._lock:
            self._ahead += seconds
