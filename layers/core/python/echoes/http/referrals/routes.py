"""Inviting friends, and claiming an invitation."""

from http import HTTPStatus
from typing import Any

from echoes.application.rewards.claim_referral import ClaimReferral, ShowReferrals
from echoes.domain.identifiers import OwnerId
from echoes.domain.rewards import RULES
from echoes.http.application import Route
from echoes.http.idempotency import Idempotency
from echoes.http.identity import require_user
from echoes.http.parsing import read_body
from echoes.http.referrals.schemas import ReferralClaim
from echoes.http.request import Request
from echoes.http.response import Response


def referral_routes(
    *, show_referrals: ShowReferrals, claim_referral: ClaimReferral, idempotency: Idempotency
) -> list[Route]:
    """Return the routes under ``/v1/referrals``."""

    def body(owner_id: OwnerId) -> dict[str, Any]:
        shown = show_referrals(owner_id)
        return {
            "code": shown.code,
            "invited": shown.tally.invited,
            "rewarded": shown.tally.rewarded,
            "pending": shown.tally.pending,
            "claimed": shown.claimed,
            "credits_per_referral": RULES.referral_credits,
        }

    def show(request: Request) -> Response:
        return Response(body=body(require_user(request.caller).subject))

    def claim(request: Request) -> Response:
        owner = require_user(request.caller).subject
        wanted = read_body(request, ReferralClaim)

        def note() -> dict[str, Any]:
            claim_referral(owner, wanted.code)
            return body(owner)

        kept = idempotency.once(request, payload=wanted.model_dump(mode="json"), act=note)
        return Response(status=HTTPStatus.CREATED, body=kept.record, headers=kept.headers)

    return [
        Route(method="GET", pattern="/v1/referrals", endpoint=show),
        Route(method="POST", pattern="/v1/referrals", endpoint=claim),
    ]
