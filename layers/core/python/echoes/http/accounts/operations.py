"""The API's description of guests, and what operators do with accounts."""

from http import HTTPStatus
from typing import Final

from echoes.domain.error_catalogue import ErrorCode
from echoes.http.accounts.adjustments import AdjustmentRoutes
from echoes.http.accounts.guests import GuestRoutes
from echoes.http.accounts.routes import AccountRoutes
from echoes.http.accounts.schemas import (
    Account,
    Adjustment,
    AdjustmentRequest,
    Guest,
    Intervention,
    Journal,
    WriteOff,
)
from echoes.http.contract.operation import Operation, Success
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
        route=GuestRoutes.create_guest,
        summary="Get a guest token for one free clip, without an account",
        idempotent=True,
        responses=(
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
        route=AdjustmentRoutes.adjust_credits,
        summary="Adjust a user's credits, with a reason and a ticket",
        idempotent=True,
        body=Adjustment,
        example={
            "user_id": "5d0c3c9e-7f63-4d8e-9f1a-0a4b8f1f2f55",
            "amount": 10,
            "reason": "The film arrived a day late",
            "ticket": "SUP-1042",
        },
        refusals=(ErrorCode.TRY_AGAIN,),
        responses=POSTED_OR_ASKED,
    ),
    Operation(
        route=AdjustmentRoutes.get_adjustment,
        summary="Get an adjustment that waits for approval",
        responses=(
            Success(
                status=HTTPStatus.OK,
                description="The request",
                schema=AdjustmentRequest,
            ),
        ),
    ),
    Operation(
        route=AdjustmentRoutes.approve_adjustment,
        summary="Approve another operator's adjustment, within a week; it takes effect at once",
        idempotent=True,
        refusals=(
            ErrorCode.SECOND_OPERATOR_NEEDED,
            ErrorCode.INVALID_REQUEST,
            ErrorCode.TRY_AGAIN,
        ),
        responses=(
            Success(
                status=HTTPStatus.CREATED,
                description="The entry in the ledger",
                schema=Transaction,
                headers=("Idempotency-Replayed",),
            ),
        ),
    ),
    Operation(
        route=AdjustmentRoutes.write_off_debt,
        summary="Write off all or part of a debt, with a reason and a ticket",
        idempotent=True,
        body=WriteOff,
        example={
            "user_id": "5d0c3c9e-7f63-4d8e-9f1a-0a4b8f1f2f55",
            "amount": 3,
            "reason": "Chargeback on a stolen card",
            "ticket": "SUP-1043",
        },
        refusals=(ErrorCode.TRY_AGAIN,),
        responses=POSTED_OR_ASKED,
    ),
    Operation(
        route=AccountRoutes.get_account,
        summary="Get a user's credits; each read is audited",
        responses=(Success(status=HTTPStatus.OK, description="The account", schema=Account),),
    ),
    Operation(
        route=AccountRoutes.list_account_transactions,
        summary="List every ledger entry of a user, newest first; each read is audited",
        paged=True,
        responses=(
            Success(
                status=HTTPStatus.OK,
                description="One page of entries",
                schema=Journal,
            ),
        ),
    ),
    Operation(
        route=AccountRoutes.freeze_account,
        summary="Freeze an account: its user cannot spend",
        idempotent=True,
        body=Intervention,
        example=INTERVENTION,
        refusals=(ErrorCode.TRY_AGAIN,),
        responses=INTERVENED,
    ),
    Operation(
        route=AccountRoutes.thaw_account,
        summary="Unfreeze an account: its user can spend again",
        idempotent=True,
        body=Intervention,
        example=INTERVENTION,
        refusals=(ErrorCode.TRY_AGAIN,),
        responses=INTERVENED,
    ),
)
