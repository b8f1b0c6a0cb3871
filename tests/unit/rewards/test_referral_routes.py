"""Inviting friends over HTTP."""

from datetime import timedelta

import pytest

from echoes.application.rewards.review_referral import FindFirstPurchase, ReviewReferral
from echoes.domain.rewards import REFERRAL_AGE, RULES
from tests.support.http_api import HttpApi, Token
from tests.support.rewards_harness import RewardsHarness

ADDRESS = "/v1/referrals"


def code_of(api: HttpApi, user: Token) -> str:
    code: str = api.call("GET", ADDRESS, token=user).body["code"]
    return code


def buy(api: HttpApi, user: Token) -> None:
    harness = RewardsHarness(clock=api.clock, memory=api.rewards)
    harness.ledger = api.ledger
    api.clock.advance(timedelta(seconds=1))
    harness.buy(user.subject)


def test_everybody_has_a_code_and_can_see_what_came_of_it(api: HttpApi) -> None:
    """RF3: invited, pending, rewarded; nothing of it may be cached."""
    user = api.user()
    first = api.call("GET", ADDRESS, token=user)
    assert first.status == 200
    assert {**first.body, "code": ""} == {
        "code": "",
        "invited": 0,
        "rewarded": 0,
        "pending": 0,
        "claimed": False,
        "credits_per_referral": RULES.referral_credits,
    }
    assert api.call("GET", ADDRESS, token=user).body == first.body


def test_an_invitation_becomes_a_reward(api: HttpApi) -> None:
    """RF1, RF2: claimed, bought, aged, rewarded; it is in the list of transactions."""
    user, friend = api.user(), api.user()
    code = code_of(api, user).lower()
    reply = api.call("POST", ADDRESS, token=friend, body={"code": f"{code[:4]}-{code[4:]}"})
    assert (reply.status, reply.body["claimed"]) == (201, True)
    assert reply.body["code"] != code.upper()
    assert api.call("GET", ADDRESS, token=user).body["pending"] == 1
    buy(api, friend)
    api.clock.advance(REFERRAL_AGE)
    review(api)(friend.subject)
    seen = api.call("GET", ADDRESS, token=user).body
    assert (seen["invited"], seen["rewarded"], seen["pending"]) == (1, 1, 0)
    (entry,) = api.call("GET", "/v1/credits/transactions", token=user).body["items"]
    assert (entry["type"], entry["amount"]) == ("referral", RULES.referral_credits)
    assert entry["description"] == "Thank you for inviting a friend"


def review(api: HttpApi) -> ReviewReferral:
    return ReviewReferral(
        rewards=api.rewards,
        first_purchase=FindFirstPurchase(history=api.ledger, purchases=api.ledger),
        ledger=api.ledger,
        clock=api.clock,
    )


def test_a_claim_may_be_repeated_and_not_changed(api: HttpApi) -> None:
    """With or without a key; another code is 409."""
    user, other, friend = api.user(), api.user(), api.user()
    body = {"code": code_of(api, user)}
    for key in ("one", "one", None):
        assert api.call("POST", ADDRESS, token=friend, body=body, key=key).status == 201
    assert api.call("GET", ADDRESS, token=user).body["invited"] == 1
    body = {"code": code_of(api, other)}
    reply = api.call("POST", ADDRESS, token=friend, body=body)
    assert (reply.status, reply.body["code"]) == (409, "referral_refused")


def test_the_callers_own_code_and_a_late_claim_are_refused(api: HttpApi) -> None:
    """409: users cannot invite themselves, and customers cannot be invited."""
    user, customer = api.user(), api.user()
    code = code_of(api, user)
    buy(api, customer)
    for token in (user, customer):
        reply = api.call("POST", ADDRESS, token=token, body={"code": code})
        assert (reply.status, reply.body["code"]) == (409, "referral_refused")
    assert api.call("GET", ADDRESS, token=user).body["invited"] == 0


@pytest.mark.parametrize("code", ["", "x", "ABCDEFGH", "A" * 41, 5, None])
def test_a_code_that_is_none_is_refused(api: HttpApi, code: object) -> None:
    """422 with the field, so existing codes cannot be distinguished from possible ones."""
    reply = api.call("POST", ADDRESS, token=api.user(), body={"code": code})
    assert (reply.status, reply.body["code"]) == (422, "invalid_request")
    assert reply.body["errors"][0]["field"] == "code"


def test_guests_invite_nobody(api: HttpApi) -> None:
    """403: it takes an account."""
    guest = api.guest()
    assert api.call("GET", ADDRESS, token=guest).status == 403
    assert api.call("POST", ADDRESS, token=guest, body={"code": "ABCDEFGH"}).status == 403
