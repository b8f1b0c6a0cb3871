"""The ports of buying credits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, NewType, Protocol

from echoes.domain.errors import Unavailable

if TYPE_CHECKING:
    from echoes.domain.identifiers import CheckoutId, OrderId, OwnerId
    from echoes.domain.purchases.orders import Order, OrderRef
    from echoes.domain.purchases.payment_keys import PaymentKey
    from echoes.domain.purchases.payments import PaymentView, Purchase, QuarantineReason

CustomerId = NewType("CustomerId", str)
"""The payment service's id of a buyer."""


class OrderMissing(Unavailable):
    """A payment for one of our orders that is not stored yet, or because of a fault."""


class CustomerGone(Unavailable):
    """The payment service does not know the customer: deleted there, or of another account."""


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
    """Remembers a buyer's id at the payment service."""

    def get(self, owner_id: OwnerId) -> CustomerId | None:
        """Return the customer, strongly consistent; ``None`` if there is none yet."""
        ...

    def remember(self, owner_id: OwnerId, customer_id: CustomerId) -> None:
        """Store *customer_id*, replacing the one before."""
        ...


class Purchases(Protocol):
    """Reads purchases; the ledger writes them."""

    def get(self, checkout_id: CheckoutId) -> Purchase | None:
        """Return the purchase, strongly consistent; ``None`` if nothing was granted for it."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarantined:
    """A payment that grants nothing until an operator has reviewed it."""

    checkout_id: CheckoutId
    quarantine_reason: QuarantineReason
    owner_id: OwnerId | None
    order_id: OrderId | None
    amount_total: int
    currency: str
    at: datetime


class Quarantine(Protocol):
    """Keeps payments that do not fit their orders."""

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

        *again* asks for a new one, because the first no longer exists. Raises `Unavailable`.
        """
        ...

    def open(self, order: Order, customer_id: CustomerId) -> OpenedCheckout:
        """
        Return a page for *order*; the same one when repeated within a day.

        Raises:
            CustomerGone: Ask for a new customer, and try again.
            Unavailable: It is unknown whether there is a page now; repeat.
        """
        ...


class Payments(Protocol):
    """Reads the current state of payments. Never changes any."""

    def look(self, key: PaymentKey) -> PaymentView | None:
        """
        Return everything about the payment; ``None`` if it did not come from our checkout.

        Raises `Unavailable`.
        """
        ...

    def completed(self, *, since: datetime) -> Iterable[CheckoutId]:
        """Return our checkouts completed since then; pages are read on demand."""
        ...

    def undelivered(self, *, since: datetime) -> Iterable[PaymentKey]:
        """Return the payments of events since then that never reached us."""
        ...

    def subject_of(self, event_id: str) -> PaymentKey | None:
        """Return what an event is about, ``None`` if not about Echoes. Raises `NotFound`."""
        ...
