"""
What buying credits needs from the outside world.

As for ``ports``: one implementation against the real service, one in ``dev.fakes``.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NewType, Protocol

from echoes.domain.errors import Rejected, Unavailable
from echoes.domain.identifiers import CheckoutId, OrderId, OwnerId
from echoes.domain.purchases.orders import Order, OrderRef
from echoes.domain.purchases.payments import PaymentKey, PaymentView, Purchase, QuarantineReason

CustomerId = NewType("CustomerId", str)
"""Who a buyer is to the payment service."""


class BadMessage(Rejected):
    """A message that claims to come from the payment service, and cannot be shown to."""


class OrderMissing(Unavailable):
    """A payment for one of our orders that is not stored: yet, or because of a fault."""


class CustomerGone(Unavailable):
    """The payment service does not know the customer: removed there, or of another account."""


class Orders(Protocol):
    """Stores orders of credits. Reads by key are strongly consistent."""

    def get(self, owner_id: OwnerId, order_id: OrderId) -> Order:
        """Return the order. Raises `NotFound`."""
        ...

    def save(self, order: Order) -> None:
        """Store *order* if the stored version is ``version - 1``. Raises `Conflict`."""
        ...

    def due(self, *, at: datetime, limit: int) -> Sequence[OrderRef]:
        """Return orders whose ``due_at`` has passed, oldest first; may lag a little."""
        ...


class Customers(Protocol):
    """Remembers who a buyer is to the payment service."""

    def get(self, owner_id: OwnerId) -> CustomerId | None:
        """Return the customer, strongly consistent; ``None`` if there is none yet."""
        ...

    def remember(self, owner_id: OwnerId, customer_id: CustomerId) -> None:
        """Store *customer_id*, in the place of what was there."""
        ...


class Purchases(Protocol):
    """Reads purchases; the ledger writes them."""

    def get(self, checkout_id: CheckoutId) -> Purchase | None:
        """Return the purchase, strongly consistent; ``None`` if nothing was granted for it."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarantined:
    """A payment that buys nothing until a person has looked at it."""

    checkout_id: CheckoutId
    quarantine_reason: QuarantineReason
    owner_id: OwnerId | None
    order_id: OrderId | None
    amount_total: int
    currency: str
    at: datetime


class Quarantine(Protocol):
    """Keeps payments that do not fit."""

    def put(self, payment: Quarantined) -> None:
        """Store *payment*; the same one again changes nothing."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedCheckout:
    """A page to pay on."""

    checkout_id: CheckoutId
    url: str


class CheckoutPages(Protocol):
    """Opens pages on which people pay."""

    def new_customer(self, owner_id: OwnerId, *, again: OrderId | None = None) -> CustomerId:
        """
        Return a new customer for *owner_id*; the same one when repeated within a day.

        *again* asks for another one, because the first is gone. Raises `Unavailable`.
        """
        ...

    def open(self, order: Order, customer_id: CustomerId) -> OpenedCheckout:
        """
        Return a page for *order*; the same one when repeated within a day.

        Raises:
            CustomerGone: Ask for a new customer, and try again.
            Unavailable: Nobody knows whether there is a page now; repeat.
        """
        ...


class Payments(Protocol):
    """Reads payments as the payment service has them now. Never changes any."""

    def look(self, key: PaymentKey) -> PaymentView | None:
        """
        Return everything about the payment; ``None`` if no checkout of ours led to it.

        Raises `Unavailable`.
        """
        ...

    def completed(self, *, since: datetime) -> Iterable[CheckoutId]:
        """Return our checkouts that were completed since then, page by page as asked for."""
        ...

    def undelivered(self, *, since: datetime) -> Iterable[PaymentKey]:
        """Return what events since then that never reached us were about."""
        ...

    def subject_of(self, event_id: str) -> PaymentKey | None:
        """Return what an event is about; ``None`` if it does not concern Echoes. `NotFound`."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentNotice:
    """That something happened to a payment: a hint to go and look, never the truth itself."""

    event_id: str
    event_type: str
    key: PaymentKey
    group: str
    """Notices of one group are handled one after the other: the buyer's, if we know who it is."""


class NoticeQueue(Protocol):
    """Carries notices from who hears of them to who looks."""

    def put(self, notice: PaymentNotice) -> None:
        """Queue *notice*; the same event again within minutes is queued once. `Unavailable`."""
        ...
