"""What operators do, and how users invite each other, on the deployed system."""

import uuid
from collections.abc import Callable
from typing import Final

import pytest

from dev.client import Problem
from dev.cloud.endpoints import Endpoints
from tests.support import users
from tests.support.users import User

WHY: Final = {"reason": "Looked suspicious", "ticket": "SUP-1"}
MUCH: Final = 101


@pytest.fixture(scope="module")
def second(endpoints: Endpoints) -> User:
    return users.sign_up_user(endpoints, admin=True)


def test_much_takes_two_operators(user: User, admin: User, second: User) -> None:
    """Nothing moves before the second agrees; the journal names both."""
    subject = user.person.subject
    request = {"user_id": subject, "amount": MUCH, "reason": "A lot", "ticket": str(uuid.uuid4())}
    asked = admin.api.post("/admin/v1/credits/adjustments", request)
    before = user.balance()
    approval = f"/admin/v1/credits/adjustments/{asked['id']}/approval"
    with pytest.raises(Problem) as refused:
        admin.api.post(approval)
    assert refused.value.code == "second_operator_needed"
    assert user.balance() == before
    second.api.post(approval)
    second.api.post(approval)
    assert user.balance() == before + MUCH
    journal = admin.api.get(f"/admin/v1/accounts/{subject}/transactions")
    both = f"{admin.person.subject}&{second.person.subject}"
    assert journal["items"][0]["actor"] == both


def test_a_frozen_account_orders_nothing_until_it_is_thawed(user: User, admin: User) -> None:
    """Its owner gets an error, keeps the credits, and can order again once it is thawed."""
    address = f"/admin/v1/accounts/{user.person.subject}"
    upload_id = user.ready_upload()
    assert admin.api.post(f"{address}/freeze", WHY)["status"] == "frozen"
    before = user.balance()
    with pytest.raises(Problem) as refused:
        user.api.order_clip(upload_id, duration_seconds=2)
    assert refused.value.code == "forbidden"
    assert user.balance() == before
    assert admin.api.post(f"{address}/thaw", WHY)["status"] == "active"
    clip = user.api.order_clip(upload_id, duration_seconds=2)
    assert user.api.wait_for_clip(clip["id"])["status"] == "completed"


def test_a_friend_says_who_invited_them(make_user: Callable[[int], User]) -> None:
    """RF3: once; the inviter sees it waiting."""
    inviter, friend = make_user(0), make_user(0)
    code = inviter.api.get("/v1/referrals")["code"]
    assert friend.api.post("/v1/referrals", {"code": code.lower()})["claimed"] is True
    with pytest.raises(Problem) as refused:
        inviter.api.post("/v1/referrals", {"code": code})
    assert refused.value.code == "referral_refused"
    seen = inviter.api.get("/v1/referrals")
    assert (seen["invited"], seen["pending"], seen["rewarded"]) == (1, 1, 0)
