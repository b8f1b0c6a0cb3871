"""Checkout pages of Stripe."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from echoes.adapters.stripe.client import translated
from echoes.adapters.stripe.conventions import APP
from echoes.application.ports.purchases import CustomerId, OpenedCheckout
from echoes.domain.errors import Unavailable
from echoes.domain.identifiers import CheckoutId, OrderId, OwnerId
from echoes.domain.purchases.orders import Order

if TYPE_CHECKING:
    import stripe
    from stripe.params.checkout import SessionCreateParams, SessionCreateParamsLineItem


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckoutTerms:
    """
    How pages are made. ``prices`` maps ``<pack>@<version>`` to prices made in Stripe's catalogue.

    A pack without one is described to Stripe with each order instead.
    """

    web_url: str
    prices: Mapping[str, str] = field(default_factory=dict)
    promotion_codes: bool = True
    automatic_tax: bool = False
    adaptive_pricing: bool = False
    invoices: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class StripeCheckoutPages:
    """The port `CheckoutPages`."""

    access: Callable[[], stripe.StripeClient]
    terms: CheckoutTerms

    def new_customer(self, owner_id: OwnerId, *, again: OrderId | None = None) -> CustomerId:
        """Return a new customer; the same one when repeated within a day."""
        name = f"customer:{owner_id}" if again is None else f"customer:{owner_id}:{again}"
        with translated():
            made = self.access().v1.customers.create(
                {"metadata": {"app": APP, "user_id": owner_id}}, {"idempotency_key": name}
            )
        return CustomerId(made.id)

    def open(self, order: Order, customer_id: CustomerId) -> OpenedCheckout:
        """Return a page for *order*; the same one when repeated within a day."""
        # The key identifies the whole request, so another customer makes another key.
        name = f"checkout:{order.order_id}:{customer_id}"
        with translated():
            session = self.access().v1.checkout.sessions.create(
                self._params(order, customer_id), {"idempotency_key": name}
            )
        if session.url is None:
            raise Unavailable("Stripe returned no URL for the page")
        return OpenedCheckout(checkout_id=CheckoutId(session.id), url=session.url)

    def _params(self, order: Order, customer_id: CustomerId) -> SessionCreateParams:
        terms, pack = self.terms, order.pack
        metadata = {
            "app": APP,
            "order_id": order.order_id,
            "user_id": order.owner_id,
            "pack": pack.label,
        }
        params: SessionCreateParams = {
            "mode": "payment",
            "line_items": [self._line(order)],
            "client_reference_id": order.owner_id,
            "customer": customer_id,
            "metadata": metadata,
            # Refunds and disputes are traced from the payment.
            "payment_intent_data": {"metadata": metadata},
            "success_url": self._return_url(order, "paid"),
            "cancel_url": self._return_url(order, "cancelled"),
            "expires_at": int(order.expires_at.timestamp()),
            "allow_promotion_codes": terms.promotion_codes,
            "automatic_tax": {"enabled": terms.automatic_tax},
            "adaptive_pricing": {"enabled": terms.adaptive_pricing},
            "invoice_creation": {"enabled": terms.invoices},
        }
        if terms.automatic_tax:
            params["customer_update"] = {"address": "auto", "name": "auto"}
        return params

    def _line(self, order: Order) -> SessionCreateParamsLineItem:
        pack = order.pack
        price = self.terms.prices.get(pack.label)
        if price is not None:
            return {"price": price, "quantity": 1}
        return {
            "price_data": {
                "currency": pack.currency,
                "unit_amount": pack.amount_cents,
                "product_data": {"name": pack.name},
            },
            "quantity": 1,
        }

    def _return_url(self, order: Order, outcome: str) -> str:
        joint = "&" if "?" in order.return_to else "?"
        address = f"{self.terms.web_url}{order.return_to}"
        return f"{address}{joint}checkout={order.order_id}&outcome={outcome}"
