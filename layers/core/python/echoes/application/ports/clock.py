"""The port of time."""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """The time, and the passing of it."""

    def now(self) -> datetime:
        """Return the current time, timezone-aware UTC."""
        ...

    def sleep(self, seconds: float) -> None:
        """Let *seconds* pass."""
        ...
