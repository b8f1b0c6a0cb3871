"""What travels over HTTP about rewards."""

from typing import Annotated

from pydantic import StringConstraints

from echoes.http.schemas import Schema, Whole

MAX_WRITTEN_CODE = 40
"""Room for dashes and blanks, as people write codes down."""


class ReferralClaim(Schema):
    """Who invited me: their code, in any case, with or without dashes."""

    code: Annotated[str, StringConstraints(min_length=1, max_length=MAX_WRITTEN_CODE)]


class Referrals(Schema):
    """My code and what came of it. `claimed`: whether I have said who invited me."""

    code: str
    invited: Whole
    rewarded: Whole
    pending: Whole
    claimed: bool
    credits_per_referral: Whole
