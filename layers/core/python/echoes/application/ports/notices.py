"""The ports of messages about payments, and of the queue where they wait."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from echoes.domain.errors import Rejected

if TYPE_CHECKING:
    from echoes.domain.purchases.payment_keys import PaymentKey


class BadMessage(Rejected):
    """A message that claims to come from the payment service, without proof."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentNotice:
    """A hint that a payment may have changed. It carries no facts: read the payment."""

    event_id: str
    event_type: str
    key: PaymentKey
    group: str
    """Notices of one group are handled in order; the group is the buyer, if known."""


class NoticeQueue(Protocol):
    """Carries notices from the intake to the worker."""

    def put(self, notice: PaymentNotice) -> None:
        """Queue *notice*; a repeated event within minutes is queued once. Raises `Unavailable`."""
        ...
