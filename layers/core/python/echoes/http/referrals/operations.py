"""Referrals. What is described of each route."""

from http import HTTPStatus
from typing import Final

from echoes.domain.error_catalogue import ErrorCode
from echoes.http.contract.operation import (
    Audience,
    Operation,
    Success,
    Throttle,
)
from echoes.http.referrals.schemas import ReferralClaim, Referrals

REFERRALS: Final = (
    Operation(
        method="GET",
        path="/v1/referrals",
        name="getReferrals",
        summary="Get your invitation code and its results",
        audience=Audience.USERS,
        throttle=Throttle.READING,
        function="account-api",
        answers=(Success(status=HTTPStatus.OK, description="The code", schema=Referrals),),
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
        body=ReferralClaim,
        example={"code": "7KQ4-M2XA"},
        refusals=(ErrorCode.REFERRAL_REFUSED, ErrorCode.TRY_AGAIN),
        answers=(
            Success(
                status=HTTPStatus.CREATED,
                description="Recorded; the numbers are those of your own code",
                schema=Referrals,
                headers=("Idempotency-Replayed",),
            ),
        ),
    ),
)
