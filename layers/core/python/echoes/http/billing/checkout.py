"""Buying credits."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from echoes.application.ports.purchases import Orders
from echoes.application.purchases.start_checkout import StartCheckout
from echoes.application.purchases.view_checkout import ViewCheckout
from echoes.domain.error_catalogue import CATALOGUE
from echoes.domain.identifiers import OrderId, PackId, derive_id
from echoes.domain.purchases.orders import Order, OrderState
from echoes.domain.purchases.packs import pack_of
from echoes.http.admin_access import AuditedReads
from echoes.http.billing.views import pack_body
from echoes.http.contract.route import Routes, Throttle, route
from echoes.http.idempotency import Idempotency
from echoes.http.identity import Audience, require_caller
from echoes.http.parsing import read_body
from echoes.http.request import Request
from echoes.http.response import Response
from echoes.http.times import written


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckoutRoutes(Routes):
    """The routes under ``/v1/checkout-sessions``."""

    start: StartCheckout
    view: ViewCheckout
    orders: Orders
    reads: AuditedReads
    idempotency: Idempotency

    @route("POST", "/v1/checkout-sessions", Audience.USERS, Throttle.RARE, function="billing-api")
    def create_checkout_session(self, request: Request) -> Response:
        """Start buying a pack. With a key the order's id is always the same: it is placed once."""
        from echoes.http.billing.schemas import CheckoutOrder

        buyer = require_caller(request.caller).subject
        wanted = read_body(request, CheckoutOrder)
        started: list[Order] = []

        def act() -> dict[str, Any]:
            order_id = OrderId(derive_id(buyer, "order", request.idempotency_key))
            pack = pack_of(PackId(wanted.pack_id))
            started.append(self.start(buyer, order_id, pack, return_to=wanted.return_to))
            return {"order_id": order_id}

        payload = wanted.model_dump(mode="json", exclude_unset=True)
        kept = self.idempotency.once(request, payload=payload, act=act)
        # The payment page's address is stored with the order, and not a second time.
        order = started[0] if started else self.orders.get(buyer, OrderId(kept.record["order_id"]))
        return Response(
            status=HTTPStatus.CREATED,
            body=order_body(order),
            headers={"Location": f"/v1/checkout-sessions/{order.order_id}", **kept.headers},
        )

    @route(
        "GET",
        "/v1/checkout-sessions/{checkout_session_id}",
        Audience.CALLERS,
        Throttle.READING,
        function="billing-api",
    )
    def get_checkout_session(self, request: Request) -> Response:
        """Return a checkout, once its payment was checked."""
        order_id = OrderId(request.resource("checkout_session_id"))
        order = self.reads.find(request, order_id, lambda owner: self.view(owner, order_id))
        return Response(body=order_body(order))


def order_body(order: Order) -> dict[str, Any]:
    """Return an order as the API shows it. An order without a page counts as open."""
    state = OrderState.OPEN if order.state is OrderState.CREATED else order.state
    failure = order.failure
    return {
        "id": order.order_id,
        "url": order.url,
        "state": state.value,
        "pack": pack_body(order.pack),
        "error": None
        if failure is None
        else {
            "code": failure.value,
            "title": CATALOGUE[failure].title,
            "retryable": CATALOGUE[failure].retryable,
        },
        "created_at": written(order.created_at),
        "expires_at": written(order.expires_at),
    }
