"""Ordering, trying again, cancelling, fetching and deleting clips over HTTP."""

from dataclasses import replace
from typing import Any

import pytest

from echoes.application.ports.clips import ClipChange
from echoes.domain.clips.clip import Clip, accepted, complete, fail
from echoes.domain.error_catalogue import CATALOGUE, ErrorCode
from echoes.domain.identifiers import ClipId, ProviderTaskId
from echoes.domain.uploads import UploadState
from tests.support.factories import a_ready_upload, an_id, clip_media
from tests.support.http_api import HttpApi, Token


def stored(api: HttpApi, owner: Token, clip_id: str) -> Clip:
    return api.clips.get(owner.subject, ClipId(clip_id))


def finish(api: HttpApi, owner: Token, clip_id: str) -> None:
    clip = stored(api, owner, clip_id)
    at = api.clock.now()
    taken = accepted(clip, ProviderTaskId("task-of-runway"), at=at)
    api.clips.save(ClipChange(clip=taken))
    api.clips.save(ClipChange(clip=complete(taken, clip_media(taken), at=at)))


def failed(api: HttpApi, owner: Token, clip_id: str, code: ErrorCode) -> None:
    clip = fail(stored(api, owner, clip_id), code, at=api.clock.now())
    api.clips.save(ClipChange(clip=clip))


def test_an_order_is_accepted_before_anybody_works_on_it(api: HttpApi) -> None:
    """AJ1: 202 with Location and Retry-After; the clip waits, created at an ISO-8601 UTC time."""
    user = api.user(credits_=3)
    reply = api.call(
        "POST",
        "/v1/clips",
        token=user,
        body={"upload_id": api.photo(user).upload_id, "duration_seconds": 7, "seed": 5},
    )
    assert reply.status == 202
    assert reply.headers["Location"] == f"/v1/clips/{reply.body['id']}"
    assert reply.headers["Retry-After"] == "5"
    assert (reply.body["status"], reply.body["stage"]) == ("pending", "queued")
    assert reply.body["created_at"] == "2026-01-01T12:00:00.000Z"
    assert (reply.body["credits"], reply.body["seed"]) == (2, 5)
    assert reply.body["preview_url"] is None
    assert len(api.workflow.started) == 1


def test_an_order_nobody_can_pay_says_what_is_needed_and_where_to_get_it(api: HttpApi) -> None:
    """SE6, PF2: 402 insufficient_credits with required, available and checkout_url."""
    user = api.user(credits_=1)
    reply = api.call(
        "POST",
        "/v1/clips",
        token=user,
        body={"upload_id": api.photo(user).upload_id, "duration_seconds": 10},
    )
    assert reply.status == 402
    assert reply.body["code"] == "insufficient_credits"
    assert reply.body["title"] == "You need more credits to generate this clip"
    assert (reply.body["required"], reply.body["available"]) == (2, 1)
    assert reply.body["checkout_url"] == "https://app.echoes.example/credits"
    assert not api.workflow.started


def test_a_guest_gets_one_clip_and_then_is_told_to_sign_up(api: HttpApi) -> None:
    """FF6: the second one is 403 free_clip_used."""
    guest = api.guest()
    assert api.order(guest)["credits"] == 0
    second = {"upload_id": api.photo(guest).upload_id}
    reply = api.call("POST", "/v1/clips", token=guest, body=second)
    assert (reply.status, reply.body["code"]) == (403, "free_clip_used")


def test_no_free_clips_while_they_are_paused() -> None:
    """FF6: 503 free_clip_paused."""
    api = HttpApi(free_clips=False)
    guest = api.guest()
    request = {"upload_id": api.photo(guest).upload_id}
    reply = api.call("POST", "/v1/clips", token=guest, body=request)
    assert (reply.status, reply.body["code"]) == (503, "free_clip_paused")
    assert api.call("GET", "/v1/config").body["free_clip_available"] is False


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"state": UploadState.WAITING, "facts": None}, 422, "invalid_request"),
        ({"state": UploadState.REJECTED, "reason": "bomb"}, 422, "photo_unreadable"),
    ],
)
def test_a_photo_that_cannot_be_animated_is_refused(
    api: HttpApi, changes: dict[str, Any], status: int, code: str
) -> None:
    """The upload must be ready."""
    user = api.user(credits_=1)
    upload = replace(a_ready_upload(owner_id=user.subject), **changes)
    api.uploads.add([upload])
    reply = api.call("POST", "/v1/clips", token=user, body={"upload_id": upload.upload_id})
    assert (reply.status, reply.body["code"]) == (status, code)


def test_a_prompt_is_counted_as_browsers_count(api: HttpApi) -> None:
    """Six hundred emoji are 1,200 UTF-16 units: too long, and the field is named."""
    user = api.user(credits_=1)
    request = {"upload_id": api.photo(user).upload_id, "prompt": "\N{SPARKLES}" * 600}
    assert api.call("POST", "/v1/clips", token=user, body=request).status == 202
    request = {"upload_id": api.photo(user).upload_id, "prompt": "\N{RAINBOW}" * 600}
    reply = api.call("POST", "/v1/clips", token=user, body=request)
    assert reply.status == 422
    assert [error["field"] for error in reply.body["errors"]] == ["prompt"]


def test_a_clip_can_be_tried_three_times_again(api: HttpApi) -> None:
    """ER2: the fourth try is 409 regeneration_limit; while one runs it is 409 clip_busy."""
    user = api.user(credits_=9)
    clip = api.order(user)
    again = f"/v1/clips/{clip['id']}/regenerations"
    assert api.call("POST", again, token=user).body["code"] == "clip_busy"
    for left in (2, 1, 0):
        finish(api, user, clip["id"])
        reply = api.call("POST", again, token=user, body={})
        assert reply.status == 202
        assert (reply.body["regenerations_left"], reply.body["status"]) == (left, "pending")
        assert reply.body["preview_url"] is None
    finish(api, user, clip["id"])
    reply = api.call("POST", again, token=user)
    assert (reply.status, reply.body["code"]) == (409, "regeneration_limit")


def test_a_cancelled_clip_gives_its_credits_back(api: HttpApi) -> None:
    """Cancelling in the queue ends the clip at once; the balance is as before."""
    user = api.user(credits_=1)
    clip = api.order(user)
    assert api.call("GET", "/v1/credits", token=user).body["balance"] == 0
    reply = api.call("POST", f"/v1/clips/{clip['id']}/cancellation", token=user)
    assert (reply.status, reply.body["stage"]) == (202, "cancelled")
    assert api.call("GET", "/v1/credits", token=user).body["balance"] == 1


def test_who_paid_downloads_the_clean_master_and_a_guest_the_watermark(api: HttpApi) -> None:
    """DEC-D7: the clean master is never signed for an unpaid owner."""
    user, guest = api.user(credits_=1), api.guest()
    for owner, watermarked, file in [(user, False, "master"), (guest, True, "preview")]:
        clip = api.order(owner)
        address = f"/v1/clips/{clip['id']}/download"
        waiting = api.call("GET", address, token=owner)
        assert (waiting.status, waiting.body["code"]) == (409, "clip_busy")
        finish(api, owner, clip["id"])
        link = api.call("GET", address, token=owner)
        assert link.body["watermarked"] is watermarked
        assert f"/{file}.mp4?" in link.body["url"]
        assert link.body["expires_at"] == "2026-01-01T13:00:00.000Z"
        assert link.headers["Cache-Control"] == "no-store"


def test_a_deleted_clip_is_gone(api: HttpApi) -> None:
    """204, and then 404 for everything about it; not while it is being made."""
    user = api.user(credits_=1)
    address = f"/v1/clips/{api.order(user)['id']}"
    assert api.call("DELETE", address, token=user).body["code"] == "clip_busy"
    finish(api, user, address.rsplit("/", 1)[1])
    assert api.call("DELETE", address, token=user).status == 204
    assert api.call("DELETE", address, token=user).status == 404
    assert api.call("GET", address, token=user).status == 404
    assert api.call("GET", f"{address}/download", token=user).status == 404


def test_the_status_of_a_clip_is_asked_cheaply(api: HttpApi) -> None:
    """AJ5: ETag, 304 when nothing changed, Retry-After only while there is something to come."""
    user = api.user(credits_=1)
    address = f"/v1/clips/{api.order(user)['id']}"
    first = api.call("GET", address, token=user)
    assert (first.status, first.headers["Retry-After"]) == (200, "5")
    etag = first.headers["ETag"]
    for same in (etag, f"W/{etag}", f'"other", {etag}', "*"):
        unchanged = api.call("GET", address, token=user, headers={"If-None-Match": same})
        assert (unchanged.status, unchanged.body) == (304, None)
        assert (unchanged.headers["ETag"], unchanged.headers["Retry-After"]) == (etag, "5")
    finish(api, user, address.rsplit("/", 1)[1])
    done = api.call("GET", address, token=user, headers={"if-none-match": etag})
    assert (done.status, done.body["status"], done.body["progress"]) == (200, "completed", 1.0)
    assert "Retry-After" not in done.headers
    assert done.headers["Cache-Control"] == "no-cache"


def test_a_fresh_signature_is_no_change(api: HttpApi) -> None:
    """Signed links differ each time they are made; the ETag does not, until they are renewed."""
    user = api.user(credits_=1)
    address = f"/v1/clips/{api.order(user)['id']}"
    finish(api, user, address.rsplit("/", 1)[1])
    one, two = (api.call("GET", address, token=user) for _ in range(2))
    assert one.body["preview_url"] != two.body["preview_url"]
    assert "preview.mp4" in one.body["preview_url"]
    assert "poster.jpg" in one.body["poster_url"]
    assert one.headers["ETag"] == two.headers["ETag"]


@pytest.mark.parametrize("code", [ErrorCode.MODERATION_BLOCKED, ErrorCode.GENERATION_FAILED])
def test_a_failed_clip_says_why_in_words_for_people(api: HttpApi, code: ErrorCode) -> None:
    """ER5: the words are those of the catalogue; nothing of the provider's shows."""
    user = api.user(credits_=1)
    address = f"/v1/clips/{api.order(user)['id']}"
    failed(api, user, address.rsplit("/", 1)[1], code)
    reply = api.call("GET", address, token=user)
    assert reply.body["error"] == {
        "code": code.value,
        "title": CATALOGUE[code].title,
        "retryable": CATALOGUE[code].retryable,
    }


def test_only_admins_see_what_the_provider_calls_a_clip(api: HttpApi) -> None:
    """``runway_job_id`` is for admins, and their ETag is another one."""
    user, admin = api.user(credits_=1), api.admin()
    address = f"/v1/clips/{api.order(user)['id']}"
    finish(api, user, address.rsplit("/", 1)[1])
    mine = api.call("GET", address, token=user)
    theirs = api.call("GET", address, token=admin)
    assert "runway_job_id" not in mine.body
    assert theirs.body["runway_job_id"] == "task-of-runway"
    assert mine.headers["ETag"] != theirs.headers["ETag"]


def test_what_cannot_be_an_id_is_not_found(api: HttpApi) -> None:
    """No id that we did not make reaches a store."""
    user = api.user()
    for wrong in ("1", "CLIP%23x", "a" * 23, "a" * 25, an_id().upper(), an_id() + "%0A"):
        reply = api.call("GET", f"/v1/clips/{wrong}", token=user)
        assert (reply.status, reply.body["code"]) == (404, "not_found")
