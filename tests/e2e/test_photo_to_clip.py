"""The whole road, as a user sees it: a photo becomes a clip, and credits move."""

import hashlib
import uuid
from collections.abc import Callable
from pathlib import Path

import av
import pytest
import requests

from dev.client import EchoesClient, Problem
from tests.support.users import SAMPLES, RunwayControl, User

CLIP_SECONDS = 5


def frames_of(file: Path) -> int:
    """Decode every frame, failing on the first broken one."""
    with av.open(str(file)) as container:
        return sum(1 for _ in container.decode(video=0))


def test_a_photo_becomes_a_playable_clip_and_costs_its_price(user: User, tmp_path: Path) -> None:
    """AJ1 AJ2 AJ8 CR3: 202 with Location, a master of the right length, balance less the price."""
    before = user.balance()
    upload_id = user.ready_upload("coffee.jpg")
    response = user.api.call(
        "POST",
        "/v1/clips",
        json={"upload_id": upload_id, "duration_seconds": CLIP_SECONDS, "ratio": "16:9"},
        key=str(uuid.uuid4()),
    )
    assert response.status_code == 202
    assert response.headers["Retry-After"] == "5"
    clip = response.json()
    assert response.headers["Location"].endswith(f"/v1/clips/{clip['id']}")
    assert clip["status"] == "pending"
    assert user.balance() == before - clip["credits"], "the price is held at once"

    seen = list(user.api.follow_clip(clip["id"], every_seconds=0.5, within_seconds=180))

    assert seen[-1]["status"] == "completed", seen[-1]
    progress = [clip["progress"] for clip in seen]
    assert progress == sorted(progress), "progress never goes back (P4)"
    order = ["pending", "processing", "completed"]
    ranks = [order.index(clip["status"]) for clip in seen]
    assert ranks == sorted(ranks), "status never goes back"
    link = user.api.download_clip(clip["id"], tmp_path / "clip.mp4")
    assert link["watermarked"] is False
    assert frames_of(tmp_path / "clip.mp4") == CLIP_SECONDS * 24
    content = (tmp_path / "clip.mp4").read_bytes()
    assert content.index(b"moov") < content.index(b"mdat"), "plays before it is whole (PF-L3)"
    assert before - user.balance() == clip["credits"] == 1
    credits_ = user.api.get("/v1/credits")
    assert credits_["held"] == 0
    amounts = [transaction["amount"] for transaction in user.api.transactions()]
    assert sum(amounts) == credits_["balance"], "the balance is the sum of the log (CR3)"


def asked_again(user: User, answered: requests.Response) -> requests.Response:
    """Ask for what was *answered*, if it has changed."""
    tag = {"If-None-Match": answered.headers["ETag"]}
    return user.api.call("GET", f"/v1/clips/{answered.json()['id']}", headers=tag)


def test_status_is_cheap_to_ask_for(user: User) -> None:
    """AJ5: an unchanged clip is 304 without a body; Retry-After only while there is one to wait."""
    clip = user.api.order_clip(user.ready_upload())
    done = user.api.wait_for_clip(clip["id"])
    first = user.api.call("GET", f"/v1/clips/{clip['id']}")
    again = asked_again(user, first)
    if again.status_code == 200:  # its links were renewed in between, as they are twice an hour
        again = asked_again(user, again)

    assert done["stage"] == "done"
    assert first.headers["Cache-Control"] == "no-cache"
    assert "Retry-After" not in first.headers
    assert (again.status_code, again.content) == (304, b"")


def test_signed_links_seek_and_expire_in_an_hour(user: User) -> None:
    """SE4 PF-L3: the link names its lifetime and answers Range with 206."""
    clip = user.api.wait_for_clip(user.api.order_clip(user.ready_upload())["id"])
    link = user.api.get(f"/v1/clips/{clip['id']}/download")["url"]

    part = requests.get(link, headers={"Range": "bytes=0-99"}, timeout=10)

    assert "X-Amz-Expires=3600" in link
    assert (part.status_code, len(part.content)) == (206, 100)
    for url in (clip["preview_url"], clip["poster_url"]):
        assert requests.get(url, timeout=10).ok


def test_the_same_request_makes_one_clip(user: User, runway: RunwayControl) -> None:
    """V2: the same key and body give the first answer again; another body is refused."""
    before = user.balance()
    key, marker = str(uuid.uuid4()), f"marker {uuid.uuid4()}"
    order = {"upload_id": user.ready_upload(), "prompt": marker}
    first = user.api.call("POST", "/v1/clips", json=order, key=key)
    second = user.api.call("POST", "/v1/clips", json=order, key=key)
    other = user.api.call("POST", "/v1/clips", json={**order, "seed": 7}, key=key)

    assert first.json()["id"] == second.json()["id"]
    assert second.headers["Idempotency-Replayed"] == "true"
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_mismatch")
    user.api.wait_for_clip(first.json()["id"])
    assert before - user.balance() == 1
    assert len(runway.tasks(marker)) == 1


def test_three_regenerations_and_not_a_fourth(user: User) -> None:
    """ER2 DEC-D4: each try costs its price, the fourth regeneration is 409 regeneration_limit."""
    clip = user.api.wait_for_clip(user.api.order_clip(user.ready_upload())["id"])
    for left in (2, 1, 0):
        again = user.api.post(f"/v1/clips/{clip['id']}/regenerations")
        assert again["regenerations_left"] == left
        assert again["status"] == "pending"
        assert user.api.wait_for_clip(clip["id"])["status"] == "completed"

    with pytest.raises(Problem) as refused:
        user.api.post(f"/v1/clips/{clip['id']}/regenerations")

    assert (refused.value.status, refused.value.code) == (409, "regeneration_limit")
    assert user.balance() == 10 - 4


def test_a_guest_gets_one_watermarked_clip(guest: EchoesClient) -> None:
    """FF3 FF6 DEC-D7: the free clip needs no credits, is never clean, and there is only one."""
    [upload_id] = guest.upload([SAMPLES / "portrait.jpg"])
    assert guest.wait_for_upload(upload_id)["state"] == "ready"
    clip = guest.wait_for_clip(guest.order_clip(upload_id)["id"])

    assert clip["status"] == "completed", clip
    assert clip["credits"] == 0
    assert guest.get(f"/v1/clips/{clip['id']}/download")["watermarked"] is True
    with pytest.raises(Problem) as refused:
        guest.order_clip(upload_id)
    assert (refused.value.status, refused.value.code) == (403, "free_clip_used")


def test_a_deleted_clip_is_gone(user: User) -> None:
    """Z2: after DELETE the clip is 404 and its bytes can no longer be read."""
    clip = user.api.wait_for_clip(user.api.order_clip(user.ready_upload())["id"])
    link = user.api.get(f"/v1/clips/{clip['id']}/download")["url"]

    assert user.api.call("DELETE", f"/v1/clips/{clip['id']}").status_code == 204

    assert user.api.call("GET", f"/v1/clips/{clip['id']}").status_code == 404
    assert requests.get(link, timeout=10).status_code == 404


def test_what_is_no_photo_is_refused_kindly(user: User, tmp_path: Path) -> None:
    """U9: bytes decide, not names; the order of a refused photo is photo_unreadable."""
    fake = tmp_path / "fake.jpg"
    fake.write_bytes(b"<html>not a photo</html>" * 100)
    [upload_id] = user.api.upload([fake])
    upload = user.api.wait_for_upload(upload_id)

    assert (upload["state"], upload["reason"]) == ("rejected", "unsupported_format")
    with pytest.raises(Problem) as refused:
        user.api.order_clip(upload_id)
    assert (refused.value.status, refused.value.code) == (422, "photo_unreadable")
    assert user.balance() == 10


def test_fifty_photos_in_one_call(user: User) -> None:
    """U1: fifty places in one answer, each of its own; fifty-one are refused."""
    content = (SAMPLES / "cat.jpg").read_bytes()
    photo_request = {
        "filename": "cat.jpg",
        "content_type": "image/jpeg",
        "bytes": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
    }
    uploads = user.api.post("/v1/uploads", {"photos": [photo_request] * 50})["uploads"]

    assert len({upload["upload_id"] for upload in uploads}) == 50
    with pytest.raises(Problem) as refused:
        user.api.post("/v1/uploads", {"photos": [photo_request] * 51})
    assert refused.value.status in {400, 422}


def test_nothing_is_made_without_credits(make_user: Callable[[int], User]) -> None:
    """SE6 CR4: 402 says what is needed and what is there, in the product's own words."""
    poor = make_user(0)
    upload_id = poor.ready_upload()
    with pytest.raises(Problem) as refused:
        poor.api.order_clip(upload_id, duration_seconds=10)

    body = refused.value.body
    assert (refused.value.status, body["code"]) == (402, "insufficient_credits")
    assert body["title"] == "You need more credits to generate this clip"
    assert (body["required"], body["available"]) == (2, 0)
