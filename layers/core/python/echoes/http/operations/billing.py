"""Routes of credits, packs, checkouts and invitations; what Stripe calls."""

from http import HTTPStatus
from typing import Final

from echoes.domain.error_catalogue import ErrorCode
from echoes.http import schemas
from echoes.http.exchange import Caching
from echoes.http.operations.operation import Audience, Operation, Success
from echoes.http.referrals import schemas as reward_schemas

MONEY: Final = (
    Operation(
        method="GET",
        path="/v1/credits",
        name="getCredits",
        summary="What can be spent, and what is held",
        audience=Audience.USERS,
        function="account-api",
        answers=(Success(status=HTTPStatus.OK, description="The account", schema=schemas.Balance),),
    ),
    Operation(
        method="GET",
        path="/v1/credits/transactions",
        name="listTransactions",
        summary="Every change of what can be spent, newest first",
        audience=Audience.USERS,
        function="account-api",
        paged=True,
        answers=(Success(status=HTTPStatus.OK, description="A page", schema=schemas.Transactions),),
    ),
    Operation(
        method="GET",
        path="/v1/credit-packs",
        name="listCreditPacks",
        summary="What credits cost",
        audience=Audience.ALL,
        function="billing-api",
        caching=Caching.CATALOGUE,
        answers=(Success(status=HTTPStatus.OK, description="The packs", schema=schemas.Packs),),
    ),
    Operation(
        method="POST",
        path="/v1/checkout-sessions",
        name="createCheckoutSession",
        summary="Order a pack of credits; it is paid for on the page of its `url`",
        audience=Audience.USERS,
        function="billing-api",
        idempotent=True,
        body=schemas.CheckoutOrder,
        example={"pack_id": "starter", "return_to": "/projects"},
        refusals=(ErrorCode.TRY_AGAIN,),
        answers=(
            Success(
                status=HTTPStatus.CREATED,
                description="The order, to be paid for",
                schema=schemas.CheckoutSession,
                headers=("Location", "Idempotency-Replayed"),
            ),
        ),
    ),
    Operation(
        method="GET",
        path="/v1/checkout-sessions/{checkout_session_id}",
        name="getCheckoutSession",
        summary="What became of an order; looks at the payment on the way",
        audience=Audience.CALLERS,
        function="billing-api",
        answers=(
            Success(status=HTTPStatus.OK, description="The order", schema=schemas.CheckoutSession),
        ),
    ),
    Operation(
        method="POST",
        path="/webhooks/stripe",
        name="receiveStripeEvent",
        summary="Stripe's messages, signed; 400 for anything else",
        audience=Audience.ALL,
        function="webhooks-ingest",
        answers=(
            Success(
                status=HTTPStatus.OK, description="It has arrived", schema=schemas.WebhookReceipt
            ),
        ),
    ),
    Operation(
        method="GET",
        path="/v1/referrals",
        name="getReferrals",
        summary="One's own invitation code, and what came of it",
        audience=Audience.USERS,
        function="account-api",
        answers=(
            Success(status=HTTPStatus.OK, description="The code", schema=reward_schemas.Referrals),
        ),
    ),
    Operation(
        method="POST",
        path="/v1/referrals",
        name="claimReferral",
        summary="Say who invited one, once, before the first purchase",
        audience=Audience.USERS,
        function="account-api",
        idempotent=True,
        body=reward_schemas.ReferralClaim,
        example={"code": "7KQ4-M2XA"},
        refusals=(ErrorCode.REFERRAL_REFUSED, ErrorCode.TRY_AGAIN),
        answers=(
            Success(
                status=HTTPStatus.CREATED,
                description="It is noted; the numbers are one's own",
                schema=reward_schemas.Referrals,
                headers=("Idempotency-Replayed",),
            ),
        ),
    ),
)
