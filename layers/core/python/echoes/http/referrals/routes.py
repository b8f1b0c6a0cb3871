"""Inviting friends, and claiming an invitation."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from echoes.application.rewards.claim_referral import ClaimReferral, ShowReferrals
from echoes.domain.identifiers import OwnerId
from echoes.domain.rewards import RULES
from echoes.http.contract.route import Routes, Throttle, route
from echoes.http.idempotency import Idempotency
from echoes.http.identity import Audience, require_caller
from echoes.http.parsing import read_body
from echoes.http.request import Request
from echoes.http.response import Response


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferralRoutes(Routes):
    """The routes under ``/v1/referrals``."""

    show: ShowReferrals
    claim: ClaimReferral
    idempotency: Idempotency

    @route("GET", "/v1/referrals", Audience.USERS, Throttle.READING, function="account-api")
    def get_referrals(self, request: Request) -> Response:
        """Return the caller's invitation code and its results."""
        return Response(body=self._body(require_caller(request.caller).subject))

    # Codes are short: the rare throttle slows down guessing.
    @route("POST", "/v1/referrals", Audience.USERS, Throttle.RARE, function="account-api")
    def claim_referral(self, request: Request) -> Response:
        """Record whose invitation brought the caller here."""
        from echoes.http.referrals.schemas import ReferralClaim

        owner = require_caller(request.caller).subject
        wanted = read_body(request, ReferralClaim)

        def act() -> dict[str, Any]:
            self.claim(owner, wanted.code)
            return self._body(owner)

        kept = self.idempotency.once(request, payload=wanted.model_dump(mode="json"), act=act)
        return Response(status=HTTPStatus.CREATED, body=kept.record, headers=kept.headers)

    def _body(self, owner_id: OwnerId) -> dict[str, Any]:
        shown = self.show(owner_id)
        return {
            "code": shown.code,
            "invited": shown.tally.invited,
            "rewarded": shown.tally.rewarded,
            "pending": shown.tally.pending,
            "claimed": shown.claimed,
            "credits_per_referral": RULES.referral_credits,
        }
