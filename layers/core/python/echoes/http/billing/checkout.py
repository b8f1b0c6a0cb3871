"""Buying credits."""

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
from echoes.http.application import Route
from echoes.http.billing.schemas import CheckoutOrder
from echoes.http.idempotency import Idempotency
from echoes.http.identity import require_user
from echoes.http.pack_views import pack_body
from echoes.http.parsing import read_body
from echoes.http.request import Request
from echoes.http.response import Response
from echoes.http.times import written


def checkout_routes(
    *,
    start_checkout: StartCheckout,
    view_checkout: ViewCheckout,
    orders: Orders,
    reads: AuditedReads,
    idempotency: Idempotency,
) -> list[Route]:
    """Return the routes under ``/v1/checkout-sessions``."""

    def start(request: Request) -> Response:
        buyer = require_user(request.caller).subject
        wanted = read_body(request, CheckoutOrder)
        started: list[Order] = []

        def order() -> dict[str, Any]:
            # With a key the wish has the same id each time: it can never become two orders.
            order_id = OrderId(derive_id(buyer, "order", request.idempotency_key))
            pack = pack_of(PackId(wanted.pack_id))
            started.append(start_checkout(buyer, order_id, pack, return_to=wanted.return_to))
            return {"order_id": order_id}

        kept = idempotency.once(
            request, payload=wanted.model_dump(mode="json", exclude_unset=True), act=order
        )
        # The address opens a page to pay on: it is with the order, and not kept a second time.
        found = started[0] if started else orders.get(buyer, OrderId(kept.record["order_id"]))
        location = f"/v1/checkout-sessions/{found.order_id}"
        return Response(
            status=HTTPStatus.CREATED,
            body=order_body(found),
            headers={"Location": location, **kept.headers},
        )

    def view(request: Request) -> Response:
        order_id = OrderId(request.resource("checkout_session_id"))
        order = reads.find(request, order_id, lambda owner: view_checkout(owner, order_id))
        return Response(body=order_body(order))

    return [
        Route(method="POST", pattern="/v1/checkout-sessions", endpoint=start),
        Route(method="GET", pattern="/v1/checkout-sessions/<checkout_session_id>", endpoint=view),
    ]


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
