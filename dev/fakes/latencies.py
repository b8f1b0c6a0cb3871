"""Run times kept in memory."""

from collections import defaultdict, deque
from threading import Lock
from typing import Final

REMEMBERED: Final = 50


class InMemoryLatencies:
    """The port `Latencies`."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._samples: dict[tuple[str, int], deque[float]] = defaultdict(
            lambda: deque(maxlen=REMEMBERED)
        )

    def recent(self, provider: str, duration_seconds: int) -> list[float]:
        """Return the latest run times in seconds."""
        with self._lock:
            return list(self._samples[provider, duration_seconds])

    def record(self, provider: str, duration_seconds: int, seconds: float) -> None:
        """Remember *seconds*."""
        with self._lock:
            self._samples[provider, duration_seconds].append(seconds)
