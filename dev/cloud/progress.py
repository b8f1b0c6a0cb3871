"""Lines that say what happens and how long it took."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass(slots=True)
class Progress:
    """Prints one line a step: what, then its seconds; on a terminal the line appears at once."""

    started: float = field(default_factory=time.monotonic)

    @contextmanager
    def step(self, what: str) -> Iterator[list[str]]:
        """Time a step; what its body appends to the yielded list is printed after the seconds."""
        begun, notes = time.monotonic(), list[str]()
        if sys.stdout.isatty():
            print(f"  … {what}", end="\r", flush=True)
        try:
            yield notes
        except BaseException:
            print(f"  ✗ {what} ({time.monotonic() - begun:.1f} s)", flush=True)
            raise
        said = f": {'; '.join(notes)}" if notes else ""
        print(f"  ✓ {what} ({time.monotonic() - begun:.1f} s){said}", flush=True)

    def total_seconds(self) -> float:
        """Return the seconds since the first step could have begun."""
        return time.monotonic() - self.started
