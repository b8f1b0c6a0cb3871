"""The threads that send events in the background, unless a test steps through them."""

import logging
import threading
import time
from collections.abc import Callable
from typing import Final

_LOG = logging.getLogger(__name__)
_THREADS: Final = 4
_LONGEST_SLEEP_SECONDS: Final = 0.5
_PATIENCE_SECONDS: Final = 2.0


class DeliverySender:
    """
    Attempts each scheduled delivery when its time has come, several at once, in no order.

    `attempt` returns the seconds until the next try, or None when there is nothing left to do.
    """

    def __init__(self) -> None:
        self._due: dict[str, float] = {}
        self._changed = threading.Condition()
        self._stopping = False
        self._threads: list[threading.Thread] = []

    def schedule(self, delivery_id: str, in_seconds: float) -> None:
        """Attempt the delivery then; an earlier time for it is replaced."""
        with self._changed:
            self._due[delivery_id] = time.monotonic() + in_seconds
            self._changed.notify()

    def start(self, attempt: Callable[[str], float | None]) -> None:
        """Begin to work."""
        self._threads = [
            threading.Thread(
                target=self._work, args=(attempt,), name=f"sender-{number}", daemon=True
            )
            for number in range(_THREADS)
        ]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Begin no more attempts; those under way get two seconds."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        deadline = time.monotonic() + _PATIENCE_SECONDS
        for thread in self._threads:
            thread.join(timeout=max(0.0, deadline - time.monotonic()))

    def forget(self) -> None:
        """Drop everything scheduled."""
        with self._changed:
            self._due.clear()

    def _work(self, attempt: Callable[[str], float | None]) -> None:
        while (delivery_id := self._next()) is not None:
            try:
                again = attempt(delivery_id)
            except Exception:  # noqa: BLE001  # the others must still be sent
                _LOG.exception("delivery %s", delivery_id)
                again = None
            if again is not None:
                self.schedule(delivery_id, again)

    def _next(self) -> str | None:
        with self._changed:
            while not self._stopping:
                now = time.monotonic()
                first = min(self._due, key=self._due.__getitem__, default=None)
                if first is not None and self._due[first] <= now:
                    del self._due[first]
                    return first
                wait = _LONGEST_SLEEP_SECONDS if first is None else self._due[first] - now
                self._changed.wait(min(wait, _LONGEST_SLEEP_SECONDS))
            return None
