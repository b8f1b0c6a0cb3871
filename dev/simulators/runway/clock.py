"""The provider's time, which may run faster than ours."""

import threading
import time
from collections.abc import Callable
from typing import Final, Protocol

MAX_SPEED: Final = 10_000.0


class Clock(Protocol):
    """Provider seconds since some start; never runs backwards."""

    def now(self) -> float:
        """Return provider seconds."""
        ...


class ScaledClock:
    """
    A monotonic clock that counts `speed` provider seconds in each real one.

    A change of speed takes effect at once and for everything that is under way. Thread-safe.
    """

    def __init__(self, speed: float, *, source: Callable[[], float] = time.monotonic) -> None:
        self._source = source
        self._lock = threading.Lock()
        self._anchor_real = source()
        self._anchor = 0.0
        self._speed = _checked(speed)

    @property
    def speed(self) -> float:
        """Return provider seconds per real second."""
        return self._speed

    def now(self) -> float:
        """Return provider seconds since the clock was made."""
        with self._lock:
            return self._anchor + (self._source() - self._anchor_real) * self._speed

    def set_speed(self, speed: float) -> None:
        """Run at another speed from now on; raise `ValueError` outside 0.01..10000."""
        speed = _checked(speed)
        with self._lock:
            real = self._source()
            self._anchor += (real - self._anchor_real) * self._speed
            self._anchor_real = real
            self._speed = speed


def _checked(speed: float) -> float:
    if not 1 / 100 <= speed <= MAX_SPEED:
        raise ValueError(f"speed must be 0.01..{MAX_SPEED:.0f}")
    return speed
