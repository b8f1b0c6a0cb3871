"""The API's description of referrals."""

from http import HTTPStatus
from typing import Final

from echoes.domain.error_catalogue import ErrorCode
from echoes.http.contract.operation import Operation, Success
from echoes.http.referrals.routes import ReferralRoutes
from echoes.http.referrals.schemas import ReferralClaim, Referrals

REFERRALS: Final = (
    Operation(
        route=ReferralRoutes.get_referrals,
        summary="Get your invitation code and its results",
        responses=(Success(status=HTTPStatus.OK, description="The code", schema=Referrals),),
    ),
    Operation(
        route=ReferralRoutes.claim_referral,
        summary="Claim an invitation code, once, before your first purchase",
        idempotent=True,
        body=ReferralClaim,
        example={"code": "7KQ4-M2XA"},
        refusals=(ErrorCode.REFERRAL_REFUSED, ErrorCode.TRY_AGAIN),
        responses=(
            Success(
                status=HTTPStatus.CREATED,
                description="Recorded; the numbers are those of your own code",
                schema=Referrals,
                headers=("Idempotency-Replayed",),
            ),
        ),
    ),
)
