"""Use case: start a checkout for credits."""

from dataclasses import dataclass

from echoes.application.ports.clock import Clock
from echoes.application.ports.purchases import CheckoutPages, CustomerGone, Customers, Orders
from echoes.domain.errors import Conflict, InvalidRequest, NotFound
from echoes.domain.identifiers import OrderId, OwnerId
from echoes.domain.purchases.orders import Order, OrderState, new_order, opened
from echoes.domain.purchases.packs import Pack


@dataclass(frozen=True, slots=True, kw_only=True)
class StartCheckout:
    """Store the order, then request its payment page."""

    orders: Orders
    customers: Customers
    pages: CheckoutPages
    clock: Clock

    def __call__(
        self, owner_id: OwnerId, order_id: OrderId, pack: Pack, *, return_to: str | None
    ) -> Order:
        """
        Return the order with the address of its page. The same *order_id* is the same order.

        If it fails, the order stays ``created`` and repeating continues it. It cannot be charged
        twice, because its page is requested with the order's own key.

        Raises:
            InvalidRequest: *return_to* is not an app path, or the order was for another pack.
            Unavailable: The payment service did not respond.
        """
        order = self._written_down(owner_id, order_id, pack, return_to)
        if order.state is not OrderState.CREATED:
            return order
        page = None
        customer = self.customers.get(owner_id)
        if customer is not None:
            try:
                page = self.pages.open(order, customer)
            except CustomerGone:
                customer = self.pages.new_customer(owner_id, again=order_id)
        else:
            customer = self.pages.new_customer(owner_id)
        if page is None:
            self.customers.remember(owner_id, customer)
            page = self.pages.open(order, customer)
        ready = opened(order, page.checkout_id, page.url, at=self.clock.now())
        try:
            self.orders.save(ready)
        except Conflict:
            return self.orders.get(owner_id, order_id)
        return ready

    def _written_down(
        self, owner_id: OwnerId, order_id: OrderId, pack: Pack, return_to: str | None
    ) -> Order:
        order = new_order(order_id, owner_id, pack, return_to=return_to, at=self.clock.now())
        try:
            stored = self.orders.get(owner_id, order_id)
        except NotFound:
            try:
                self.orders.save(order)
            except Conflict:
                stored = self.orders.get(owner_id, order_id)
            else:
                return order
        if (stored.pack, stored.return_to) != (order.pack, order.return_to):
            raise InvalidRequest("this order was already used for another pack", field="pack_id")
        return stored
