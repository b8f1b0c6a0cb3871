"""Whatever fails at the provider, the credits are released and the user gets a kind message."""

import uuid
from collections.abc import Callable

import pytest

from tests.support.users import RunwayControl, User

OUTCOMES = {
    "safety_input": "moderation_blocked",
    "safety_output": "moderation_blocked",
    "bad_output": "generation_failed",
    "asset_invalid": "photo_unreadable",
    "third_party_unavailable": "provider_unavailable",
    "no_credits": "provider_unavailable",
    "empty_output": "generation_failed",
    "corrupt_output": "generation_failed",
    "cancelled": "generation_failed",
    "lost_reply": "provider_unavailable",
    "error_before_accept": "provider_unavailable",
    "no_id": "provider_unavailable",
}


@pytest.mark.parametrize("fault", OUTCOMES)
def test_a_failed_clip_gives_its_credits_back(
    make_user: Callable[[int], User], runway: RunwayControl, fault: str
) -> None:
    """AJ3 AJ4 G3: one task at the most, the hold released, a text without provider's words."""
    user = make_user(1)
    marker = f"[[fault:{fault}]] {uuid.uuid4()}"
    clip = user.api.order_clip(user.ready_upload(), prompt=marker)
    assert user.balance() == 0

    ended = user.api.wait_for_clip(clip["id"], within_seconds=240)

    assert (ended["status"], ended["error"]["code"]) == ("failed", OUTCOMES[fault])
    assert "SAFETY" not in str(ended)
    assert user.api.get("/v1/credits") | {"version": 0} == {
        "balance": 1,
        "available": 1,
        "held": 0,
        "debt": 0,
        "version": 0,
    }
    assert len(runway.tasks(marker)) <= 1


def test_a_result_whose_address_expired_is_asked_for_again(
    user: User, runway: RunwayControl
) -> None:
    """AJ8: an expired output URL is no failure, a fresh one is fetched."""
    marker = f"[[fault:expired_url]] {uuid.uuid4()}"
    clip = user.api.wait_for_clip(user.api.order_clip(user.ready_upload(), prompt=marker)["id"])

    assert clip["status"] == "completed", clip
    assert len(runway.tasks(marker)) == 1


def test_a_waiting_clip_can_be_cancelled(user: User, runway: RunwayControl) -> None:
    """G9: a queued task is cancelled, and its credits are released; the clip says cancelled."""
    marker = f"[[fault:throttled=300]] {uuid.uuid4()}"
    clip = user.api.order_clip(user.ready_upload(), prompt=marker)
    response = user.api.call("POST", f"/v1/clips/{clip['id']}/cancellation", key=str(uuid.uuid4()))
    ended = user.api.wait_for_clip(clip["id"])

    assert response.status_code == 202
    assert (ended["status"], ended["stage"]) == ("failed", "cancelled")
    assert ended["error"]["code"] == "clip_cancelled"
    assert user.balance() == 10
    assert all(task["status"] != "RUNNING" for task in runway.tasks(marker))
