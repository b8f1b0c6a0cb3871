"""Packs, checkouts and Stripe's events. What is described of each route."""

from http import HTTPStatus
from typing import Final

from echoes.domain.error_catalogue import ErrorCode
from echoes.http.billing.schemas import (
    CheckoutOrder,
    CheckoutSession,
    Packs,
    Replay,
    WebhookReceipt,
)
from echoes.http.contract.operation import (
    Audience,
    Operation,
    Success,
    Throttle,
)
from echoes.http.response import Caching

BILLING: Final = (
    Operation(
        method="GET",
        path="/v1/credit-packs",
        name="listCreditPacks",
        summary="List the credit packs and their prices",
        audience=Audience.ALL,
        throttle=Throttle.READING,
        function="billing-api",
        caching=Caching.CATALOGUE,
        answers=(Success(status=HTTPStatus.OK, description="The packs", schema=Packs),),
    ),
    Operation(
        method="POST",
        path="/v1/checkout-sessions",
        name="createCheckoutSession",
        summary="Start buying a credit pack; the customer pays on the page at `url`",
        audience=Audience.USERS,
        throttle=Throttle.RARE,
        function="billing-api",
        idempotent=True,
        body=CheckoutOrder,
        example={"pack_id": "starter", "return_to": "/projects"},
        refusals=(ErrorCode.TRY_AGAIN,),
        answers=(
            Success(
                status=HTTPStatus.CREATED,
                description="The open checkout",
                schema=CheckoutSession,
                headers=("Location", "Idempotency-Replayed"),
            ),
        ),
    ),
    Operation(
        method="GET",
        path="/v1/checkout-sessions/{checkout_session_id}",
        name="getCheckoutSession",
        summary="Get a checkout; this also checks its payment",
        audience=Audience.CALLERS,
        throttle=Throttle.READING,
        function="billing-api",
        answers=(
            Success(status=HTTPStatus.OK, description="The checkout", schema=CheckoutSession),
        ),
    ),
    Operation(
        method="POST",
        path="/webhooks/stripe",
        name="receiveStripeEvent",
        summary="Receive a signed Stripe event; anything else is a 400",
        audience=Audience.ALL,
        # Signed by Stripe; its events come in bursts.
        throttle=Throttle.ORDERING,
        function="webhooks-ingest",
        answers=(
            Success(
                status=HTTPStatus.OK,
                description="The event was received",
                schema=WebhookReceipt,
            ),
        ),
    ),
)

STRIPE_EVENTS: Final = (
    Operation(
        method="POST",
        path="/admin/v1/stripe-events/{event_id}/replay",
        name="replayStripeEvent",
        summary="Process the payment behind a Stripe event again",
        audience=Audience.ADMINS,
        throttle=Throttle.RARE,
        function="admin-api",
        idempotent=True,
        answers=(
            Success(
                status=HTTPStatus.ACCEPTED,
                description="Queued",
                schema=Replay,
                headers=("Idempotency-Replayed",),
            ),
        ),
    ),
)
