"""The API's description of packs, checkouts and Stripe's events."""

from http import HTTPStatus
from typing import Final

from echoes.domain.error_catalogue import ErrorCode
from echoes.http.billing.checkout import CheckoutRoutes
from echoes.http.billing.packs import PackRoutes
from echoes.http.billing.schemas import (
    CheckoutOrder,
    CheckoutSession,
    Packs,
    Replay,
    WebhookReceipt,
)
from echoes.http.billing.stripe_events import StripeEventRoutes
from echoes.http.billing.stripe_webhook import StripeWebhookRoutes
from echoes.http.contract.operation import Operation, Success
from echoes.http.response import Caching

BILLING: Final = (
    Operation(
        route=PackRoutes.list_credit_packs,
        summary="List the credit packs and their prices",
        caching=Caching.CATALOGUE,
        responses=(Success(status=HTTPStatus.OK, description="The packs", schema=Packs),),
    ),
    Operation(
        route=CheckoutRoutes.create_checkout_session,
        summary="Start buying a credit pack; the customer pays on the page at `url`",
        idempotent=True,
        body=CheckoutOrder,
        example={"pack_id": "starter", "return_to": "/projects"},
        refusals=(ErrorCode.TRY_AGAIN,),
        responses=(
            Success(
                status=HTTPStatus.CREATED,
                description="The open checkout",
                schema=CheckoutSession,
                headers=("Location", "Idempotency-Replayed"),
            ),
        ),
    ),
    Operation(
        route=CheckoutRoutes.get_checkout_session,
        summary="Get a checkout; this also checks its payment",
        responses=(
            Success(status=HTTPStatus.OK, description="The checkout", schema=CheckoutSession),
        ),
    ),
    Operation(
        route=StripeWebhookRoutes.receive_stripe_event,
        summary="Receive a signed Stripe event; anything else is a 400",
        responses=(
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
        route=StripeEventRoutes.replay_stripe_event,
        summary="Process the payment behind a Stripe event again",
        idempotent=True,
        responses=(
            Success(
                status=HTTPStatus.ACCEPTED,
                description="Queued",
                schema=Replay,
                headers=("Idempotency-Replayed",),
            ),
        ),
    ),
)
