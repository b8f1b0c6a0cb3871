"""A clock that stands still until a test moves it."""

from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Final

EPOCH: Final = datetime(2026, 1, 1, 12, tzinfo=UTC)


class FakeClock:
    """The port `Clock`: sleeping takes no time, and the clock shows it afterwards."""

    def __init__(self, at: datetime = EPOCH) -> None:
        self._at = at
        self._lock = Lock()

    def now(self) -> datetime:
        """Return the time it stands at."""
        with self._lock:
            return self._at

    def sleep(self, seconds: float) -> None:
        """Advance by *seconds*."""
        self.advance(timedelta(seconds=seconds))

    def advance(self, by: timedelta) -> None:
        """Advance by *by*."""
        with self._lock:
            self._at += by
