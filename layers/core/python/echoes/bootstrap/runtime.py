"""The runtime of a function: its clock and region."""

import os
import time
from datetime import UTC, datetime


class SystemClock:
    """The port `Clock`, using the system clock."""

    def now(self) -> datetime:
        """Return the current time, timezone-aware UTC."""
        return datetime.now(UTC)

    def sleep(self, seconds: float) -> None:
        """Let *seconds* pass."""
        time.sleep(seconds)


def region() -> str:
    """Return the region Lambda runs in."""
    return os.environ.get("AWS_REGION") or os.environ["AWS_DEFAULT_REGION"]
