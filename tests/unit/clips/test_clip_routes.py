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
from tests.support.http_api import Studio, Token


def stored(studio: Studio, owner: Token, clip_id: str) -> Clip:
    return studio.clips.get(owner.subject, ClipId(clip_id))


def finish(studio: Studio, owner: Token, clip_id: str) -> None:
    clip = stored(studio, owner, clip_id)
    at = studio.clock.now()
    taken = accepted(clip, ProviderTaskId("task-of-runway"), at=at)
    studio.clips.save(ClipChange(clip=taken))
    studio.clips.save(ClipChange(clip=complete(taken, clip_media(taken), at=at)))


def failed(studio: Studio, owner: Token, clip_id: str, code: ErrorCode) -> None:
    clip = fail(stored(studio, owner, clip_id), code, at=studio.clock.now())
    studio.clips.save(ClipChange(clip=clip))


def test_an_order_is_accepted_before_anybody_works_on_it(studio: Studio) -> None:
    """AJ1: 202 with Location and Retry-After; the clip waits, created at an ISO-8601 UTC time."""
    user = studio.user(credits_=3)
    reply = studio.call(
        "POST",
        "/v1/clips",
        token=user,
        body={"upload_id": studio.photo(user).upload_id, "duration_seconds": 7, "seed": 5},
    )
    assert reply.status == 202
    assert reply.headers["Location"] == f"/v1/clips/{reply.body['id']}"
    assert reply.headers["Retry-After"] == "5"
    assert (reply.body["status"], reply.body["stage"]) == ("pending", "queued")
    assert reply.body["created_at"] == "2026-01-01T12:00:00.000Z"
    assert (reply.body["credits"], reply.body["seed"]) == (2, 5)
    assert reply.body["preview_url"] is None
    assert len(studio.workflow.started) == 1


def test_an_order_nobody_can_pay_says_what_is_needed_and_where_to_get_it(studio: Studio) -> None:
    """SE6, PF2: 402 insufficient_credits with required, available and checkout_url."""
    user = studio.user(credits_=1)
    reply = studio.call(
        "POST",
        "/v1/clips",
        token=user,
        body={"upload_id": studio.photo(user).upload_id, "duration_seconds": 10},
    )
    assert reply.status == 402
    assert reply.body["code"] == "insufficient_credits"
    assert reply.body["title"] == "You need more credits to generate this clip"
    assert (reply.body["required"], reply.body["available"]) == (2, 1)
    assert reply.body["checkout_url"] == "https://app.echoes.example/credits"
    assert not studio.workflow.started


def test_a_guest_gets_one_clip_and_then_is_told_to_sign_up(studio: Studio) -> None:
    """FF6: the second one is 403 free_clip_used."""
    guest = studio.guest()
    assert studio.order(guest)["credits"] == 0
    second = {"upload_id": studio.photo(guest).upload_id}
    reply = studio.call("POST", "/v1/clips", token=guest, body=second)
    assert (reply.status, reply.body["code"]) == (403, "free_clip_used")


def test_no_free_clips_while_they_are_paused() -> None:
    """FF6: 503 free_clip_paused."""
    studio = Studio(free_clips=False)
    guest = studio.guest()
    wish = {"upload_id": studio.photo(guest).upload_id}
    reply = studio.call("POST", "/v1/clips", token=guest, body=wish)
    assert (reply.status, reply.body["code"]) == (503, "free_clip_paused")
    assert studio.call("GET", "/v1/config").body["free_clip_available"] is False


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"state": UploadState.WAITING, "facts": None}, 422, "invalid_request"),
        ({"state": UploadState.REJECTED, "reason": "bomb"}, 422, "photo_unreadable"),
    ],
)
def test_a_photo_that_cannot_be_animated_is_refused(
    studio: Studio, changes: dict[str, Any], status: int, code: str
) -> None:
    """The upload must be ready."""
    user = studio.user(credits_=1)
    upload = replace(a_ready_upload(owner_id=user.subject), **changes)
    studio.uploads.add([upload])
    reply = studio.call("POST", "/v1/clips", token=user, body={"upload_id": upload.upload_id})
    assert (reply.status, reply.body["code"]) == (status, code)


def test_a_prompt_is_counted_as_browsers_count(studio: Studio) -> None:
    """Six hundred emoji are 1,200 UTF-16 units: too long, and the field is named."""
    user = studio.user(credits_=1)
    wish = {"upload_id": studio.photo(user).upload_id, "prompt": "\N{SPARKLES}" * 600}
    assert studio.call("POST", "/v1/clips", token=user, body=wish).status == 202
    wish = {"upload_id": studio.photo(user).upload_id, "prompt": "\N{RAINBOW}" * 600}
    reply = studio.call("POST", "/v1/clips", token=user, body=wish)
    assert reply.status == 422
    assert [error["field"] for error in reply.body["errors"]] == ["prompt"]


def test_a_clip_can_be_tried_three_times_again(studio: Studio) -> None:
    """ER2: the fourth try is 409 regeneration_limit; while one runs it is 409 clip_busy."""
    user = studio.user(credits_=9)
    clip = studio.order(user)
    again = f"/v1/clips/{clip['id']}/regenerations"
    assert studio.call("POST", again, token=user).body["code"] == "clip_busy"
    for left in (2, 1, 0):
        finish(studio, user, clip["id"])
        reply = studio.call("POST", again, token=user, body={})
        assert reply.status == 202
        assert (reply.body["regenerations_left"], reply.body["status"]) == (left, "pending")
        assert reply.body["preview_url"] is None
    finish(studio, user, clip["id"])
    reply = studio.call("POST", again, token=user)
    assert (reply.status, reply.body["code"]) == (409, "regeneration_limit")


def test_a_cancelled_clip_gives_its_credits_back(studio: Studio) -> None:
    """Cancelling in the queue ends the clip at once; the balance is as before."""
    user = studio.user(credits_=1)
    clip = studio.order(user)
    assert studio.call("GET", "/v1/credits", token=user).body["balance"] == 0
    reply = studio.call("POST", f"/v1/clips/{clip['id']}/cancellation", token=user)
    assert (reply.status, reply.body["stage"]) == (202, "cancelled")
    assert studio.call("GET", "/v1/credits", token=user).body["balance"] == 1


def test_who_paid_downloads_the_clean_master_and_a_guest_the_watermark(studio: Studio) -> None:
    """DEC-D7: the clean master is never signed for an unpaid owner."""
    user, guest = studio.user(credits_=1), studio.guest()
    for owner, watermarked, file in [(user, False, "master"), (guest, True, "preview")]:
        clip = studio.order(owner)
        address = f"/v1/clips/{clip['id']}/download"
        waiting = studio.call("GET", address, token=owner)
        assert (waiting.status, waiting.body["code"]) == (409, "clip_busy")
        finish(studio, owner, clip["id"])
        link = studio.call("GET", address, token=owner)
        assert link.body["watermarked"] is watermarked
        assert f"/{file}.mp4?" in link.body["url"]
        assert link.body["expires_at"] == "2026-01-01T13:00:00.000Z"
        assert link.headers["Cache-Control"] == "no-store"


def test_a_deleted_clip_is_gone(studio: Studio) -> None:
    """204, and then 404 for everything about it; not while it is being made."""
    user = studio.user(credits_=1)
    address = f"/v1/clips/{studio.order(user)['id']}"
    assert studio.call("DELETE", address, token=user).body["code"] == "clip_busy"
    finish(studio, user, address.rsplit("/", 1)[1])
    assert studio.call("DELETE", address, token=user).status == 204
    assert studio.call("DELETE", address, token=user).status == 404
    assert studio.call("GET", address, token=user).status == 404
    assert studio.call("GET", f"{address}/download", token=user).status == 404


def test_the_status_of_a_clip_is_asked_cheaply(studio: Studio) -> None:
    """AJ5: ETag, 304 when nothing changed, Retry-After only while there is something to come."""
    user = studio.user(credits_=1)
    address = f"/v1/clips/{studio.order(user)['id']}"
    first = studio.call("GET", address, token=user)
    assert (first.status, first.headers["Retry-After"]) == (200, "5")
    etag = first.headers["ETag"]
    for same in (etag, f"W/{etag}", f'"other", {etag}', "*"):
        unchanged = studio.call("GET", address, token=user, headers={"If-None-Match": same})
        assert (unchanged.status, unchanged.body) == (304, None)
        assert (unchanged.headers["ETag"], unchanged.headers["Retry-After"]) == (etag, "5")
    finish(studio, user, address.rsplit("/", 1)[1])
    done = studio.call("GET", address, token=user, headers={"if-none-match": etag})
    assert (done.status, done.body["status"], done.body["progress"]) == (200, "completed", 1.0)
    assert "Retry-After" not in done.headers
    assert done.headers["Cache-Control"] == "no-cache"


def test_a_fresh_signature_is_no_change(studio: Studio) -> None:
    """Signed links differ each time they are made; the ETag does not, until they are renewed."""
    user = studio.user(credits_=1)
    address = f"/v1/clips/{studio.order(user)['id']}"
    finish(studio, user, address.rsplit("/", 1)[1])
    one, two = (studio.call("GET", address, token=user) for _ in range(2))
    assert one.body["preview_url"] != two.body["preview_url"]
    assert "preview.mp4" in one.body["preview_url"]
    assert "poster.jpg" in one.body["poster_url"]
    assert one.headers["ETag"] == two.headers["ETag"]


@pytest.mark.parametrize("code", [ErrorCode.MODERATION_BLOCKED, ErrorCode.GENERATION_FAILED])
def test_a_failed_clip_says_why_in_words_for_people(studio: Studio, code: ErrorCode) -> None:
    """ER5: the words are those of the catalogue; nothing of the provider's shows."""
    user = studio.user(credits_=1)
    address = f"/v1/clips/{studio.order(user)['id']}"
    failed(studio, user, address.rsplit("/", 1)[1], code)
    reply = studio.call("GET", address, token=user)
    assert reply.body["error"] == {
        "code": code.value,
        "title": CATALOGUE[code].title,
        "retryable": CATALOGUE[code].retryable,
    }


def test_only_admins_see_what_the_provider_calls_a_clip(studio: Studio) -> None:
    """``runway_job_id`` is for admins, and their ETag is another one."""
    user, admin = studio.user(credits_=1), studio.admin()
    address = f"/v1/clips/{studio.order(user)['id']}"
    finish(studio, user, address.rsplit("/", 1)[1])
    mine = studio.call("GET", address, token=user)
    theirs = studio.call("GET", address, token=admin)
    assert "runway_job_id" not in mine.body
    assert theirs.body["runway_job_id"] == "task-of-runway"
    assert mine.headers["ETag"] != theirs.headers["ETag"]


def test_what_cannot_be_an_id_is_not_found(studio: Studio) -> None:
    """No id that we did not make reaches a store."""
    user = studio.user()
    for wrong in ("1", "CLIP%23x", "a" * 23, "a" * 25, an_id().upper(), an_id() + "%0A"):
        reply = studio.call("GET", f"/v1/clips/{wrong}", token=user)
        assert (reply.status, reply.body["code"]) == (404, "not_found")
