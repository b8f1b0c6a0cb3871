"""Guests, and what operators do with accounts. What is described of each route."""

from http import HTTPStatus
from typing import Final

from echoes.domain.error_catalogue import ErrorCode
from echoes.http.accounts.schemas import (
    Account,
    Adjustment,
    AdjustmentRequest,
    Guest,
    Intervention,
    Journal,
    WriteOff,
)
from echoes.http.contract.operation import (
    Audience,
    Operation,
    Success,
    Throttle,
)
from echoes.http.credits.schemas import Transaction

INTERVENTION: Final = {"reason": "The bank warned of fraud", "ticket": "SUP-1044"}

POSTED_OR_ASKED: Final = (
    Success(
        status=HTTPStatus.CREATED,
        description="The entry in the ledger",
        schema=Transaction,
        headers=("Idempotency-Replayed",),
    ),
    Success(
        status=HTTPStatus.ACCEPTED,
        description="Above the limit for one operator; a second must approve",
        schema=AdjustmentRequest,
        headers=("Location", "Idempotency-Replayed"),
    ),
)

INTERVENED: Final = (
    Success(
        status=HTTPStatus.OK,
        description="The updated account",
        schema=Account,
        headers=("Idempotency-Replayed",),
    ),
)

GUESTS: Final = (
    Operation(
        method="POST",
        path="/v1/guests",
        name="createGuest",
        summary="Get a guest token for one free clip, without an account",
        audience=Audience.ALL,
        throttle=Throttle.RARE,
        function="account-api",
        idempotent=True,
        answers=(
            Success(
                status=HTTPStatus.CREATED,
                description="The token, valid for 24 hours",
                schema=Guest,
                headers=("Idempotency-Replayed",),
            ),
        ),
    ),
)

OPERATORS: Final = (
    Operation(
        method="POST",
        path="/admin/v1/credits/adjustments",
        name="adjustCredits",
        summary="Adjust a user's credits, with a reason and a ticket",
        audience=Audience.ADMINS,
        throttle=Throttle.RARE,
        function="admin-api",
        idempotent=True,
        body=Adjustment,
        example={
            "user_id": "5d0c3c9e-7f63-4d8e-9f1a-0a4b8f1f2f55",
            "amount": 10,
            "reason": "The film arrived a day late",
            "ticket": "SUP-1042",
        },
        refusals=(ErrorCode.TRY_AGAIN,),
        answers=POSTED_OR_ASKED,
    ),
    Operation(
        method="GET",
        path="/admin/v1/credits/adjustments/{adjustment_id}",
        name="getAdjustment",
        summary="Get an adjustment that waits for approval",
        audience=Audience.ADMINS,
        throttle=Throttle.RARE,
        function="admin-api",
        answers=(
            Success(
                status=HTTPStatus.OK,
                description="The request",
                schema=AdjustmentRequest,
            ),
        ),
    ),
    Operation(
        method="POST",
        path="/admin/v1/credits/adjustments/{adjustment_id}/approval",
        name="approveAdjustment",
        summary="Approve another operator's adjustment, within a week; it takes effect at once",
        audience=Audience.ADMINS,
        throttle=Throttle.RARE,
        function="admin-api",
        idempotent=True,
        refusals=(
            ErrorCode.SECOND_OPERATOR_NEEDED,
            ErrorCode.INVALID_REQUEST,
            ErrorCode.TRY_AGAIN,
        ),
        answers=(
            Success(
                status=HTTPStatus.CREATED,
                description="The entry in the ledger",
                schema=Transaction,
                headers=("Idempotency-Replayed",),
            ),
        ),
    ),
    Operation(
        method="POST",
        path="/admin/v1/credits/write-offs",
        name="writeOffDebt",
        summary="Write off all or part of a debt, with a reason and a ticket",
        audience=Audience.ADMINS,
        throttle=Throttle.RARE,
        function="admin-api",
        idempotent=True,
        body=WriteOff,
        example={
            "user_id": "5d0c3c9e-7f63-4d8e-9f1a-0a4b8f1f2f55",
            "amount": 3,
            "reason": "Chargeback on a stolen card",
            "ticket": "SUP-1043",
        },
        refusals=(ErrorCode.TRY_AGAIN,),
        answers=POSTED_OR_ASKED,
    ),
    Operation(
        method="GET",
        path="/admin/v1/accounts/{user_id}",
        name="getAccount",
        summary="Get a user's credits; each read is audited",
        audience=Audience.ADMINS,
        throttle=Throttle.RARE,
        function="admin-api",
        answers=(Success(status=HTTPStatus.OK, description="The account", schema=Account),),
    ),
    Operation(
        method="GET",
        path="/admin/v1/accounts/{user_id}/transactions",
        name="listAccountTransactions",
        summary="List every ledger entry of a user, newest first; each read is audited",
        audience=Audience.ADMINS,
        throttle=Throttle.RARE,
        function="admin-api",
        paged=True,
        answers=(
            Success(
                status=HTTPStatus.OK,
                description="One page of entries",
                schema=Journal,
            ),
        ),
    ),
    Operation(
        method="POST",
        path="/admin/v1/accounts/{user_id}/freeze",
        name="freezeAccount",
        summary="Freeze an account: its user cannot spend",
        audience=Audience.ADMINS,
        throttle=Throttle.RARE,
        function="admin-api",
        idempotent=True,
        body=Intervention,
        example=INTERVENTION,
        refusals=(ErrorCode.TRY_AGAIN,),
        answers=INTERVENED,
    ),
    Operation(
        method="POST",
        path="/admin/v1/accounts/{user_id}/thaw",
        name="thawAccount",
        summary="Unfreeze an account: its user can spend again",
        audience=Audience.ADMINS,
        throttle=Throttle.RARE,
        function="admin-api",
        idempotent=True,
        body=Intervention,
        example=INTERVENTION,
        refusals=(ErrorCode.TRY_AGAIN,),
        answers=INTERVENED,
    ),
)
