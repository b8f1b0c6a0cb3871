"""Request and response models for rewards."""

from typing import Annotated

from pydantic import StringConstraints

from echoes.http.contract.schema import Schema, Whole

MAX_WRITTEN_CODE = 40
"""Leaves room for dashes and spaces, which people add to codes."""


class ReferralClaim(Schema):
    """The code of the person who invited you. Case and dashes do not matter."""

    code: Annotated[str, StringConstraints(min_length=1, max_length=MAX_WRITTEN_CODE)]


class Referrals(Schema):
    """Your invitation code and its results. `claimed`: you have claimed another user's code."""

    code: str
    invited: Whole
    rewarded: Whole
    pending: Whole
    claimed: bool
    credits_per_referral: Whole
