"""The runtime of a function: its clock and region."""

import os
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from importlib import import_module
from typing import Final, TypeVar

T = TypeVar("T")

ON_DEMAND: Final = "on-demand"


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


def import_for_snapshot(*modules: str) -> None:
    """
    Import *modules* now if nobody waits for this start.

    Lambda takes snapshots, and provisions, ahead of any request: what a plain cold start puts off
    until it is needed belongs in there.
    """
    if _nobody_waits():
        for module in modules:
            import_module(module)


def at_first_use(make: Callable[[], T]) -> Callable[[], T]:
    """Return what calls *make* once: at its first call, or now if nobody waits for this start."""
    made = cache(make)
    if _nobody_waits():
        made()
    return made


def _nobody_waits() -> bool:
    return os.environ.get("AWS_LAMBDA_INITIALIZATION_TYPE", ON_DEMAND) != ON_DEMAND
