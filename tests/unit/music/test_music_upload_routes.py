"""People's own music over HTTP."""

from datetime import timedelta
from typing import Any

import pytest

from echoes.domain.music.uploads import (
    CONTENT_TYPES,
    FAULT_TEXTS,
    MAX_MUSIC,
    MAX_MUSIC_BYTES,
    RIGHTS_TEXT,
    RIGHTS_VERSION,
    Library,
    MusicFault,
    reject,
)
from echoes.http.music.schemas import MusicUploadRequest
from tests.support.factories import a_music_upload, ready_music
from tests.support.http_api import HttpApi, Token

SONG = {
    "filename": "our song.mp3",
    "content_type": "audio/mpeg",
    "bytes": 14,
    "rights_confirmed": True,
}


def ask(api: HttpApi, owner: Token, *, key: str | None = None, **changes: object) -> Any:  # noqa: ANN401  # JSON
    body = {name: value for name, value in (SONG | changes).items() if value is not ...}
    return api.call("POST", "/v1/music-uploads", token=owner, body=body, key=key)


def test_music_gets_an_upload_slot(api: HttpApi) -> None:
    """With a form that is valid for half an hour and accepts no more than was declared."""
    user = api.user()
    reply = ask(api, user)
    assert (reply.status, reply.body["state"]) == (201, "waiting")
    assert reply.body["expires_at"] == "2026-01-01T12:30:00.000Z"
    assert api.media.receive(reply.body["post"]["fields"], b"our own music!")
    assert not api.media.receive(reply.body["post"]["fields"], b"our own music!!")
    address = reply.headers["Location"]
    shown = api.call("GET", address, token=user)
    assert (shown.body["state"], shown.body["title"]) == ("waiting", "our song")
    api.clock.advance(timedelta(minutes=30))
    assert api.call("GET", address, token=user).body["state"] == "expired"


@pytest.mark.parametrize("rights", [..., False, None, "true", 1])
def test_without_the_tick_there_is_no_place(api: HttpApi, rights: object) -> None:
    """422 that names the box, and nothing is promised."""
    user = api.user()
    reply = ask(api, user, rights_confirmed=rights)
    assert (reply.status, reply.body["code"]) == (422, "invalid_request")
    assert [error["field"] for error in reply.body["errors"]] == ["rights_confirmed"]
    assert api.call("GET", "/v1/music-uploads", token=user).body["items"] == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("bytes", 0),
        ("bytes", MAX_MUSIC_BYTES + 1),
        ("content_type", "video/mp4"),
        ("title", " "),
        ("filename", ""),
        ("sha256", "A" * 64),
    ],
)
def test_what_cannot_be_used_is_named(api: HttpApi, field: str, value: Any) -> None:  # noqa: ANN401  # JSON
    """Every bound of the configuration is enforced."""
    reply = ask(api, api.user(), **{field: value})
    assert (reply.status, reply.body["errors"][0]["field"]) == (422, field)


def test_guests_have_no_music_of_their_own(api: HttpApi) -> None:
    """It belongs to an account, because rights must be traceable."""
    guest = api.guest()
    assert ask(api, guest).status == 403
    for method, path in (("GET", ""), ("GET", "/a"), ("DELETE", "/a")):
        reply = api.call(method, f"/v1/music-uploads{path}", token=guest)
        assert (reply.status, reply.body["code"]) == (403, "forbidden")
    assert api.call("POST", "/v1/music-uploads", body=SONG).status == 401


def test_the_same_key_is_the_same_piece(api: HttpApi) -> None:
    """With a form that works again; with another body it is refused."""
    user = api.user()
    first, again = ask(api, user, key="one"), ask(api, user, key="one")
    assert (again.body["id"], again.headers["Idempotency-Replayed"]) == (first.body["id"], "true")
    assert api.media.receive(again.body["post"]["fields"], b"our own music!")
    other = ask(api, user, key="one", bytes=15)
    assert (other.status, other.body["code"]) == (422, "idempotency_mismatch")


def test_a_full_library_says_so(api: HttpApi) -> None:
    """409, and the list shows what could go."""
    user = api.user()
    for _ in range(MAX_MUSIC):
        assert ask(api, user).status == 201
    reply = ask(api, user)
    assert (reply.status, reply.body["code"]) == (409, "music_limit")
    listed = api.call("GET", "/v1/music-uploads", token=user).body
    assert (len(listed["items"]), listed["next_cursor"]) == (MAX_MUSIC, None)


def test_ready_music_can_be_heard_and_deleted(api: HttpApi) -> None:
    """Length and a signed link; once deleted, it is nowhere."""
    user = api.user()
    upload = ready_music(owner_id=user.subject)
    api.music.add(upload, library=Library())
    address = f"/v1/music-uploads/{upload.music_id}"
    shown = api.call("GET", address, token=user)
    assert (shown.body["state"], shown.body["reason"]) == ("ready", None)
    assert shown.body["duration_seconds"] == 61.44
    assert ".m4a?X-Amz-Expires=3600" in shown.body["preview_url"]
    assert api.call("GET", "/v1/music-uploads", token=user).body["items"][0]["id"] == (
        upload.music_id
    )
    assert api.call("DELETE", address, token=user).status == 204
    for method in ("GET", "DELETE"):
        assert api.call(method, address, token=user).status == 404
    assert api.call("GET", "/v1/music-uploads", token=user).body["items"] == []


def test_a_rejected_file_says_why(api: HttpApi) -> None:
    """A word for clients and a sentence for people."""
    user = api.user()
    upload = a_music_upload(owner_id=user.subject)
    api.music.add(upload, library=Library())
    api.music.save(reject(upload, MusicFault.SILENT))
    reply = api.call("GET", f"/v1/music-uploads/{upload.music_id}", token=user)
    assert reply.body["state"] == "rejected"
    assert reply.body["reason"] == {"code": "silent", "text": FAULT_TEXTS[MusicFault.SILENT]}


def test_the_configuration_has_the_text_beside_the_box(api: HttpApi) -> None:
    """What is kept of a confirmation is the version of exactly this text."""
    music = api.call("GET", "/v1/config").body["limits"]["music"]
    assert music["rights"] == {"version": RIGHTS_VERSION, "text": RIGHTS_TEXT}
    assert (music["bytes"], music["pieces"]) == (MAX_MUSIC_BYTES, MAX_MUSIC)
    described = api.call("POST", "/v1/music-uploads", token=api.user(), body={}).body
    assert {error["field"] for error in described["errors"]} >= {"rights_confirmed", "filename"}
    assert music["content_types"] == list(CONTENT_TYPES)
    schema = MusicUploadRequest.model_json_schema()["properties"]["content_type"]
    assert schema["enum"] == list(CONTENT_TYPES), "the document says the same"


def test_a_film_with_music_that_is_gone_is_not_ordered(api: HttpApi) -> None:
    """422 that names the project's field: choose another track."""
    user = api.user(credits_=5)
    project = api.call("POST", "/v1/projects", token=user, body={"music_track_id": "a" * 24})
    assert project.status == 201
    path = f"/v1/projects/{project.body['id']}/films"
    reply = api.call("POST", path, token=user)
    assert (reply.status, reply.body["code"]) == (422, "invalid_request")
    assert reply.body["errors"][0]["field"] == "music_track_id"
