"""Use case: an operator replays an event of the payment service."""

from dataclasses import dataclass

from echoes.application.ports.notices import NoticeQueue, PaymentNotice
from echoes.application.ports.purchases import Payments
from echoes.domain.errors import NotFound

REPLAYED = "replay"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayEvent:
    """Queue the payment that an event was about; as always, its current state counts."""

    payments: Payments
    queue: NoticeQueue

    def __call__(self, event_id: str, *, request_id: str) -> PaymentNotice:
        """
        Return the notice that was queued. Handling it is idempotent, so repeating is harmless.

        *request_id* makes the notice distinct from the event's first one, which the queue has seen.

        Raises:
            NotFound: The service does not have the event (any more), or it is not about us.
            Unavailable: The service or the queue did not respond; nothing was queued.
        """
        key = self.payments.subject_of(event_id)
        if key is None:
            raise NotFound("the event does not concern Echoes")
        notice = PaymentNotice(
            event_id=f"{event_id}-{request_id}", event_type=REPLAYED, key=key, group=key.id
        )
        self.queue.put(notice)
        return notice
