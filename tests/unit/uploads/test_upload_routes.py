"""Places for photos."""

from dataclasses import replace
from datetime import timedelta

import pytest

from echoes.domain.uploads import UploadState
from tests.support.factories import a_ready_upload, an_upload
from tests.support.http_api import HttpApi

PHOTO = {"filename": "a.jpg", "content_type": "image/jpeg", "bytes": 1000}


def test_each_photo_gets_an_upload_slot(api: HttpApi) -> None:
    """PF3: fifty places in one call, in the order of the request, each with a working form."""
    user = api.user()
    reply = api.call("POST", "/v1/uploads", token=user, body={"photos": [PHOTO] * 50})
    assert reply.status == 201
    places = reply.body["uploads"]
    assert len({place["upload_id"] for place in places}) == 50
    assert places[0]["expires_at"] == "2026-01-01T12:15:00.000Z"
    assert api.media.receive(places[0]["post"]["fields"], b"photo")
    shown = api.call("GET", f"/v1/uploads/{places[0]['upload_id']}", token=user)
    assert (shown.body["state"], shown.body["preview_url"]) == ("waiting", None)
    api.clock.advance(timedelta(minutes=15))
    late = api.call("GET", f"/v1/uploads/{places[0]['upload_id']}", token=user)
    assert late.body["state"] == "expired"


def test_a_ready_photo_shows_its_preview(api: HttpApi) -> None:
    """PF-L2: width, height, placeholder and a signed preview, which must not be cached."""
    user = api.user()
    upload = a_ready_upload(owner_id=user.subject)
    api.uploads.add([upload])
    reply = api.call("GET", f"/v1/uploads/{upload.upload_id}", token=user)
    assert (reply.body["state"], reply.body["width"], reply.body["height"]) == ("ready", 4032, 3024)
    assert "preview.jpg" in reply.body["preview_url"]
    assert reply.body["taken_at"] == "2024-11-27T12:00:00.000Z"
    assert reply.headers["Cache-Control"] == "no-store"


def test_when_the_photo_was_taken_may_be_told_beforehand(api: HttpApi) -> None:
    """A client that strips EXIF says it itself; the file, if it knows, has the last word."""
    user = api.user()
    photo = {**PHOTO, "taken_at": "2020-02-29T23:59:59+01:00", "sha256": "a" * 64}
    reply = api.call("POST", "/v1/uploads", token=user, body={"photos": [photo]})
    address = f"/v1/uploads/{reply.body['uploads'][0]['upload_id']}"
    shown = api.call("GET", address, token=user)
    assert shown.body["taken_at"] == "2020-02-29T22:59:59.000Z"


def test_a_rejected_photo_says_why(api: HttpApi) -> None:
    """The reason is a word clients can switch on."""
    user = api.user()
    upload = replace(
        an_upload(owner_id=user.subject), state=UploadState.REJECTED, reason="too_many_pixels"
    )
    api.uploads.add([upload])
    reply = api.call("GET", f"/v1/uploads/{upload.upload_id}", token=user)
    assert (reply.body["state"], reply.body["reason"]) == ("rejected", "too_many_pixels")


@pytest.mark.parametrize(
    "at",
    [
        "2026-02-30T00:00:00Z",
        "0001-01-01T00:00:00+23:59",
        "9999-12-31T23:59:59-01:00",
        "2026-01-01T00:00:00",
        "2026-01-01",
        "1767225600",
        1767225600,
        "2026-01-01T00:00:00Z\n",
    ],
)
def test_what_is_no_time_is_refused(api: HttpApi, at: object) -> None:
    """422, and the field is named."""
    body = {"photos": [{**PHOTO, "taken_at": at}]}
    reply = api.call("POST", "/v1/uploads", token=api.user(), body=body)
    assert reply.status == 422
    assert reply.body["errors"][0]["field"] == "photos.0.taken_at"
