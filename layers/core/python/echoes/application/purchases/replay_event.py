"""Use case: an operator replays an event of the payment service."""

from dataclasses import dataclass

from echoes.application.ports.purchases import NoticeQueue, PaymentNotice, Payments
from echoes.domain.errors import NotFound

REPLAYED = "replay"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayEvent:
    """Queue what an event was about: the payment is looked at as it is now, as for any news."""

    payments: Payments
    queue: NoticeQueue

    def __call__(self, event_id: str, *, request_id: str) -> PaymentNotice:
        """
        Return the notice that was queued. Handling it is idempotent, so repeating is harmless.

        *request_id* makes it another notice than the event's own, which the queue has seen.

        Raises:
            NotFound: The service does not know the event (any more), or it is not about us.
            Unavailable: The service or the queue did not answer; nothing was queued.
        """
        key = self.payments.subject_of(event_id)
        if key is None:
            raise NotFound("the event does not concern Echoes")
        notice = PaymentNotice(
            event_id=f"{event_id}-{request_id}", event_type=REPLAYED, key=key, group=key.id
        )
        self.queue.put(notice)
        return notice
