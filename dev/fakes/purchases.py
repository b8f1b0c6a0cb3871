"""Orders of credits, customers, quarantined payments and notices, kept in memory."""

from collections.abc import Sequence
from datetime import datetime
from threading import Lock

from echoes.application.ports.purchases import CustomerId, Quarantined
from echoes.domain.errors import Conflict, NotFound
from echoes.domain.identifiers import CheckoutId, OrderId, OwnerId
from echoes.domain.purchases.orders import Order, OrderRef


class InMemoryOrders:
    """The port `Orders`."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._orders: dict[tuple[OwnerId, OrderId], Order] = {}

    def get(self, owner_id: OwnerId, order_id: OrderId) -> Order:
        """Return the order. Raises `NotFound`."""
        with self._lock:
            order = self._orders.get((owner_id, order_id))
        if order is None:
            raise NotFound("order not found")
        return order

    def save(self, order: Order) -> None:
        """Store *order*. Raises `Conflict` if it was written since it was read."""
        with self._lock:
            key = (order.owner_id, order.order_id)
            stored = self._orders.get(key)
            if (stored.version if stored else 0) != order.version - 1:
                raise Conflict("another request changed this first")
            self._orders[key] = order

    def of(self, owner_id: OwnerId) -> list[Order]:
        """Return every order of *owner_id*."""
        with self._lock:
            return [order for (owner, _), order in self._orders.items() if owner == owner_id]

    def owner_of(self, order_id: str) -> OwnerId | None:
        """Return whose order it is, if there is one."""
        with self._lock:
            return next((owner for owner, found in self._orders if found == order_id), None)

    def due(self, *, at: datetime, limit: int) -> Sequence[OrderRef]:
        """Return orders whose time to be looked at has come, oldest first."""
        with self._lock:
            due = [
                (order.due_at, order)
                for order in self._orders.values()
                if order.due_at is not None and order.due_at <= at
            ]
        due.sort(key=lambda found: found[0])
        return [
            OrderRef(owner_id=order.owner_id, order_id=order.order_id) for _, order in due[:limit]
        ]


class InMemoryCustomers:
    """The port `Customers`."""

    def __init__(self) -> None:
        self._customers: dict[OwnerId, CustomerId] = {}

    def get(self, owner_id: OwnerId) -> CustomerId | None:
        """Return the customer, if there is one."""
        return self._customers.get(owner_id)

    def remember(self, owner_id: OwnerId, customer_id: CustomerId) -> None:
        """Store *customer_id*, in the place of what was there."""
        self._customers[owner_id] = customer_id


class InMemoryQuarantine:
    """The port `Quarantine`; ``payments`` are those in it."""

    def __init__(self) -> None:
        self.payments: dict[CheckoutId, Quarantined] = {}

    def put(self, payment: Quarantined) -> None:
        """Store *payment*; the same one again changes nothing."""
        self.payments.setdefault(payment.checkout_id, payment)
