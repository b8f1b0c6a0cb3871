"""Routes for credits, packs, checkouts and invitations, and Stripe's webhook."""

from http import HTTPStatus
from typing import Final

from echoes.domain.error_catalogue import ErrorCode
from echoes.http.contract import schema as schemas
from echoes.http.contract.operation import Audience, Operation, Success, Throttle
from echoes.http.referrals import schemas as reward_schemas
from echoes.http.request import Caching

MONEY: Final = (
    Operation(
        method="GET",
        path="/v1/credits",
        name="getCredits",
        summary="Get your credits: available, held and owed",
        audience=Audience.USERS,
        throttle=Throttle.READING,
        function="account-api",
        answers=(Success(status=HTTPStatus.OK, description="The account", schema=schemas.Balance),),
    ),
    Operation(
        method="GET",
        path="/v1/credits/transactions",
        name="listTransactions",
        summary="List every change to your balance, newest first",
        audience=Audience.USERS,
        throttle=Throttle.READING,
        function="account-api",
        paged=True,
        answers=(
            Success(
                status=HTTPStatus.OK, description="One page of changes", schema=schemas.Transactions
            ),
        ),
    ),
    Operation(
        method="GET",
        path="/v1/credit-packs",
        name="listCreditPacks",
        summary="List the credit packs and their prices",
        audience=Audience.ALL,
        throttle=Throttle.READING,
        function="billing-api",
        caching=Caching.CATALOGUE,
        answers=(Success(status=HTTPStatus.OK, description="The packs", schema=schemas.Packs),),
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
        body=schemas.CheckoutOrder,
        example={"pack_id": "starter", "return_to": "/projects"},
        refusals=(ErrorCode.TRY_AGAIN,),
        answers=(
            Success(
                status=HTTPStatus.CREATED,
                description="The open checkout",
                schema=schemas.CheckoutSession,
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
            Success(
                status=HTTPStatus.OK, description="The checkout", schema=schemas.CheckoutSession
            ),
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
                schema=schemas.WebhookReceipt,
            ),
        ),
    ),
    Operation(
        method="GET",
        path="/v1/referrals",
        name="getReferrals",
        summary="Get your invitation code and its results",
        audience=Audience.USERS,
        throttle=Throttle.READING,
        function="account-api",
        answers=(
            Success(status=HTTPStatus.OK, description="The code", schema=reward_schemas.Referrals),
        ),
    ),
    Operation(
        method="POST",
        path="/v1/referrals",
        name="claimReferral",
        summary="Claim an invitation code, once, before your first purchase",
        audience=Audience.USERS,
        # Codes are short: guessing many of them is slowed down.
        throttle=Throttle.RARE,
        function="account-api",
        idempotent=True,
        body=reward_schemas.ReferralClaim,
        example={"code": "7KQ4-M2XA"},
        refusals=(ErrorCode.REFERRAL_REFUSED, ErrorCode.TRY_AGAIN),
        answers=(
            Success(
                status=HTTPStatus.CREATED,
                description="Recorded; the numbers are those of your own code",
                schema=reward_schemas.Referrals,
                headers=("Idempotency-Replayed",),
            ),
        ),
    ),
)
