"""Use case: the payment service reports an event."""

from collections.abc import Callable
from dataclasses import dataclass

from echoes.application.ports.notices import NoticeQueue, PaymentNotice

ReadNotice = Callable[[bytes, str | None], PaymentNotice | None]
"""
Turns a signed message into a notice; ``None`` if we do not act on it.

Raises `BadMessage` for a message that it cannot verify.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestEvent:
    """Verify a message and queue what it is about; no more, because the sender is waiting."""

    read: ReadNotice
    queue: NoticeQueue

    def __call__(self, message: bytes, signature: str | None) -> PaymentNotice | None:
        """
        Queue the notice in *message*; return it, or ``None`` if we do not act on it.

        Raises:
            BadMessage: It is forged, too old, of another mode, or unreadable. Nothing is stored.
            Unavailable: It could not be queued; the sender will repeat it.
        """
        notice = self.read(message, signature)
        if notice is not None:
            self.queue.put(notice)
        return notice
