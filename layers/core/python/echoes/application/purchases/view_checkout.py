"""Use case: show a checkout to a returning buyer."""

from dataclasses import dataclass

from echoes.application.ports.purchases import Orders
from echoes.application.purchases.reconcile_payment import ReconcilePayment
from echoes.domain.errors import Conflict, Unavailable
from echoes.domain.identifiers import OrderId, OwnerId
from echoes.domain.purchases.orders import Order, OrderState
from echoes.domain.purchases.payment_keys import PaymentKey, PaymentObject

MAY_BE_NEWS = frozenset({OrderState.OPEN, OrderState.AWAITING_PAYMENT})


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewCheckout:
    """Show an order; reconcile it first, so that credits need not wait for a webhook."""

    orders: Orders
    reconcile: ReconcilePayment

    def __call__(self, owner_id: OwnerId, order_id: OrderId) -> Order:
        """
        Return the order as it is now.

        If the payment service does not respond, return what is known so far.

        Raises:
            NotFound: The owner has no such order.
        """
        order = self.orders.get(owner_id, order_id)
        if order.state not in MAY_BE_NEWS or order.checkout_id is None:
            return order
        try:
            self.reconcile(PaymentKey(about=PaymentObject.CHECKOUT, id=order.checkout_id))
        except (Conflict, Unavailable):
            return order
        return self.orders.get(owner_id, order_id)
