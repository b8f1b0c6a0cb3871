"""A project from its first photo to its end, on the deployed system."""

import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from dev.client import EchoesClient, Json, Problem
from tests.support.users import User

WITHIN_SECONDS = 240


def begin(user: User, **fields: object) -> Json:
    return user.api.post("/v1/projects", {"title": "Summer", **fields})


def look(user: User, project_id: str) -> tuple[Json, str]:
    """Return the project, and the tag of what was seen."""
    response = user.api.call("GET", f"/v1/projects/{project_id}")
    assert response.status_code == 200, response.text
    return response.json(), response.headers["ETag"]


def edit(api: EchoesClient, project_id: str, etag: str, change: Json) -> requests.Response:
    path = f"/v1/projects/{project_id}"
    return api.call("PATCH", path, json=change, headers={"If-Match": etag})


def order(user: User, project_id: str, photos: list[Json], *, key: str | None = None) -> Json:
    return user.api.post(f"/v1/projects/{project_id}/clips", {"photos": photos}, key=key)


def ended(user: User, project_id: str) -> Json:
    """Return the project once none of its clips is being made any more."""
    deadline = time.monotonic() + WITHIN_SECONDS
    while time.monotonic() < deadline:
        project, _ = look(user, project_id)
        if all(clip["status"] in {"completed", "failed"} for clip in project["clips"]):
            return project
        time.sleep(0.5)
    raise TimeoutError(f"{project_id}: {[clip['stage'] for clip in project['clips']]}")


def test_one_faulty_photo_of_a_batch_costs_nothing(make_user: Callable[[int], User]) -> None:
    """PF4: of three exactly one credit comes back; the others can be seen, in the right order."""
    user = make_user(3)
    project = begin(user, music_track_id=None, transition="cross_fade")
    photos: list[Json] = [{"upload_id": user.ready_upload(), "duration_seconds": 2} for _ in "abc"]
    photos[1]["prompt"] = f"[[fault:bad_output]] {uuid.uuid4()}"

    ordered = order(user, project["id"], photos)

    assert [clip["upload_id"] for clip in ordered["items"]] == [p["upload_id"] for p in photos]
    credits_ = user.api.get("/v1/credits")
    assert (credits_["balance"], credits_["held"], ordered["credits"]) == (0, 3, 3)
    done = ended(user, project["id"])
    states = {clip["upload_id"]: clip["status"] for clip in done["clips"]}
    assert [states[photo["upload_id"]] for photo in photos] == ["completed", "failed", "completed"]
    credits_ = user.api.get("/v1/credits")
    assert (credits_["balance"], credits_["held"]) == (1, 0)
    for clip in done["clips"]:
        if clip["status"] == "completed":
            for url in (clip["preview_url"], clip["poster_url"]):
                assert requests.get(url, timeout=30).status_code == 200
    # The one that failed is tried again, and chosen like the others.
    failed = next(clip for clip in done["clips"] if clip["status"] == "failed")
    user.api.post(f"/v1/clips/{failed['id']}/regenerations")
    again = next(c for c in ended(user, project["id"])["clips"] if c["id"] == failed["id"])
    assert again["attempts"][0]["status"] == "failed"


def test_a_batch_nobody_can_pay_for_is_not_begun(make_user: Callable[[int], User]) -> None:
    """PF2: 402 with what all of it takes; no clip, no hold."""
    user = make_user(2)
    project = begin(user)
    photo = {"upload_id": user.ready_upload()}
    with pytest.raises(Problem) as refused:
        order(user, project["id"], [photo] * 3)
    problem = refused.value
    assert (problem.status, problem.code) == (402, "insufficient_credits")
    assert (problem.body["required"], problem.body["available"]) == (3, 2)
    assert user.balance() == 2
    assert look(user, project["id"])[0]["clips"] == []


def test_fifty_photos_are_one_order(make_user: Callable[[int], User]) -> None:
    """Two commits, one answer; the same order twice at once is one order."""
    user = make_user(50)
    project, key = begin(user), str(uuid.uuid4())
    photo = {"upload_id": user.ready_upload(), "duration_seconds": 2}

    def once(_: int) -> int:
        path = f"/v1/projects/{project['id']}/clips"
        return user.api.call("POST", path, json={"photos": [photo] * 50}, key=key).status_code

    with ThreadPoolExecutor(2) as pool:
        answers = set(pool.map(once, range(2)))
    assert 202 in answers
    assert answers <= {202, 409}
    credits_ = user.api.get("/v1/credits")
    assert credits_["balance"] == 0
    found, _ = look(user, project["id"])
    assert len({clip["id"] for clip in found["clips"]}) == 50
    for clip in found["clips"]:
        user.api.call("POST", f"/v1/clips/{clip['id']}/cancellation", key=str(uuid.uuid4()))
    done = ended(user, project["id"])
    made = sum(clip["status"] == "completed" for clip in done["clips"])
    credits_ = user.api.get("/v1/credits")
    assert (credits_["balance"], credits_["held"]) == (50 - made, 0)


def test_two_people_in_two_tabs_lose_nothing(make_user: Callable[[int], User]) -> None:
    """PF5: of two edits of one version one is a 412; looked at again, both are there."""
    user = make_user(2)
    project_id = begin(user)["id"]
    order(user, project_id, [{"upload_id": user.ready_upload()}] * 2)
    before, etag = look(user, project_id)
    ended(user, project_id)  # clips that get on make nobody's edit stale

    changes: list[Json] = [{"title": "1987"}, {"clip_ids": before["clip_ids"][::-1]}]
    with ThreadPoolExecutor(2) as pool:
        replies = list(pool.map(lambda change: edit(user.api, project_id, etag, change), changes))

    statuses = [reply.status_code for reply in replies]
    assert sorted(statuses) == [200, 412]
    late = statuses.index(412)
    assert replies[late].json()["code"] == "stale_edit"
    _, fresh = look(user, project_id)
    assert edit(user.api, project_id, fresh, changes[late]).status_code == 200
    after, _ = look(user, project_id)
    assert (after["title"], after["clip_ids"]) == ("1987", before["clip_ids"][::-1])


def test_projects_are_listed_renamed_and_deleted(make_user: Callable[[int], User]) -> None:
    """Newest first, page by page; nothing unchanged is sent twice; gone is gone."""
    user = make_user(0)
    made = [begin(user, title=f"number {number}") for number in range(3)]
    first = user.api.call("GET", "/v1/projects", params={"limit": "2"})
    assert [item["title"] for item in first.json()["items"]] == ["number 2", "number 1"]
    assert first.headers["Cache-Control"] == "private, max-age=300"
    cursor = first.json()["next_cursor"]
    rest = user.api.get("/v1/projects", limit="2", cursor=cursor)
    assert ([item["title"] for item in rest["items"]], rest["next_cursor"]) == (["number 0"], None)
    seen = {"If-None-Match": first.headers["ETag"]}
    again = user.api.call("GET", "/v1/projects", params={"limit": "2"}, headers=seen)
    assert again.status_code == 304
    project_id = made[0]["id"]
    path = f"/v1/projects/{project_id}"
    assert user.api.call("DELETE", path).status_code == 428
    _, etag = look(user, project_id)
    assert edit(user.api, project_id, etag, {"title": "renamed"}).json()["title"] == "renamed"
    assert user.api.call("DELETE", path, headers={"If-Match": etag}).status_code == 412
    _, etag = look(user, project_id)
    assert user.api.call("DELETE", path, headers={"If-Match": etag}).status_code == 204
    assert user.api.call("GET", path).status_code == 404
    assert len(user.api.get("/v1/projects")["items"]) == 2
