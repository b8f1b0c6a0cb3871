"""Many at once, and one credit."""

import uuid
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.support.users import RunwayControl, User

pytestmark = pytest.mark.alone  # nobody else has room meanwhile

ORDERS = 50


def test_fifty_orders_on_a_balance_of_one(
    make_user: Callable[[int], User], runway: RunwayControl
) -> None:
    """CR4: exactly one 202, 49 x 402, one task at the provider, balance 0."""
    user = make_user(1)
    upload_id, marker = user.ready_upload(), f"marker {uuid.uuid4()}"

    def order(_: int) -> int:
        response = user.api.call(
            "POST",
            "/v1/clips",
            json={"upload_id": upload_id, "prompt": marker},
            key=str(uuid.uuid4()),
        )
        if response.status_code == 202:
            clips.append(response.json()["id"])
        return response.status_code

    clips: list[str] = []
    with ThreadPoolExecutor(max_workers=ORDERS) as pool:
        answers = Counter(pool.map(order, range(ORDERS)))

    assert answers == {202: 1, 402: ORDERS - 1}
    assert user.api.wait_for_clip(clips[0])["status"] == "completed"
    assert len(runway.tasks(marker)) == 1
    assert user.balance() == 0
    assert user.api.get("/v1/credits")["held"] == 0
