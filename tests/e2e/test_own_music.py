"""A film with uploaded music, as a user sees it: a file, a tick, and how the film sounds."""

import io
import wave
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
import requests

from dev.client import Problem
from dev.cloud.ephemeral import EphemeralCloud
from tests.support.users import SAMPLES, User

RATE = 44_100
TONE_HERTZ = 523
REQUEST = {
    "filename": "song.wav",
    "content_type": "audio/wav",
    "bytes": 1000,
    "rights_confirmed": True,
}


def a_tone(path: Path, *, seconds: float, hertz: float = TONE_HERTZ, level: float = 0.1) -> Path:
    """Write a soft tone."""
    sound = level * np.sin(2 * np.pi * hertz * np.arange(round(RATE * seconds)) / RATE)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((sound * 32767).astype("<i2").tobytes())
    return path


def as_mp3(source: Path, target: Path) -> Path:
    """Write *source* as mp3 with a name in it."""
    with av.open(str(source)) as read, av.open(str(target), "w") as written:
        written.metadata["artist"] = "Somebody's name"
        stream = written.add_stream("mp3", rate=RATE)
        for frame in read.decode(audio=0):
            written.mux(stream.encode(frame))
        written.mux(stream.encode(None))
    return target


def loudest_hertz(content: bytes) -> float:
    """Return the frequency that is heard most in the sound of a file."""
    with av.open(io.BytesIO(content), "r") as container:
        rate = container.streams.audio[0].rate
        blocks = [frame.to_ndarray()[0] for frame in container.decode(audio=0)]
    sound = np.concatenate(blocks)
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(len(sound))))
    return float(np.argmax(spectrum) * rate / len(sound))


@pytest.fixture(scope="module")
def owner(make_user: Callable[[int], User]) -> User:
    return make_user(10)


@pytest.fixture(scope="module")
def project(owner: User) -> dict[str, Any]:
    """Return a project with a clip of two seconds."""
    project = owner.api.post("/v1/projects", {"title": "Our song"})
    clip = owner.api.order_clip(owner.ready_upload(), duration_seconds=2, project_id=project["id"])
    assert owner.api.wait_for_clip(clip["id"])["status"] == "completed"
    return project


def film_with(owner: User, project: dict[str, Any], music_id: str) -> dict[str, Any]:
    """Return the film of *project* with that music, once it has ended."""
    path = f"/v1/projects/{project['id']}"
    answer = owner.api.call(
        "PATCH", path, json={"music_track_id": music_id}, headers={"If-Match": "*"}
    )
    assert answer.status_code == 200, answer.text
    film = owner.api.post(f"{path}/films")
    *_, ended = owner.api.follow_film(film["id"], every_seconds=0.3, within_seconds=120)
    return ended


@pytest.mark.parametrize("suffix", ["wav", "mp3"])
def test_a_film_sounds_like_the_uploaded_music(
    owner: User, project: dict[str, Any], tmp_path: Path, suffix: str
) -> None:
    """Sent, prepared, listened to, chosen, joined, deleted; the film keeps its sound."""
    source = a_tone(tmp_path / "song.wav", seconds=4)
    source = as_mp3(source, tmp_path / "song.mp3") if suffix == "mp3" else source
    music_id = owner.api.upload_music(source, title="Our song")
    piece = owner.api.wait_for_music(music_id)
    assert (piece["state"], piece["title"]) == ("ready", "Our song"), piece
    assert piece["duration_seconds"] == pytest.approx(4, abs=0.2)
    heard = requests.get(piece["preview_url"], timeout=10).content
    assert b"Somebody" not in heard
    assert loudest_hertz(heard) == pytest.approx(TONE_HERTZ, abs=2)
    assert music_id in [each["id"] for each in owner.api.get("/v1/music-uploads")["items"]]

    film = film_with(owner, project, music_id)
    assert film["status"] == "completed", film
    gone = owner.api.call("DELETE", f"/v1/music-uploads/{music_id}")
    assert gone.status_code == 204
    owner.api.download_film(film["id"], tmp_path / "film.mp4")

    content = (tmp_path / "film.mp4").read_bytes()
    assert loudest_hertz(content) == pytest.approx(TONE_HERTZ, abs=2)
    assert requests.get(piece["preview_url"], timeout=10).status_code in {403, 404}
    with pytest.raises(Problem) as refused:
        owner.api.post(f"/v1/projects/{project['id']}/films")
    assert (refused.value.status, refused.value.body["errors"][0]["field"]) == (
        422,
        "music_track_id",
    )


def test_what_is_no_music_is_rejected_and_leaves_nothing(
    cloud: EphemeralCloud, owner: User, tmp_path: Path
) -> None:
    """A picture, half a file, silence: each says why, and no file of it is kept."""
    whole = a_tone(tmp_path / "whole.wav", seconds=4).read_bytes()
    (tmp_path / "picture.mp3").write_bytes((SAMPLES / "cat.jpg").read_bytes())
    (tmp_path / "half.wav").write_bytes(whole[: len(whole) // 2])
    a_tone(tmp_path / "silent.wav", seconds=4, level=0)
    wanted = {"picture.mp3": "unsupported_format", "half.wav": "truncated", "silent.wav": "silent"}
    sent = {name: owner.api.upload_music(tmp_path / name) for name in wanted}
    pieces = {name: owner.api.wait_for_music(music_id) for name, music_id in sent.items()}

    assert {name: each["reason"]["code"] for name, each in pieces.items()} == wanted
    assert all(each["reason"]["text"] for each in pieces.values())
    assert {(each["state"], each["preview_url"]) for each in pieces.values()} == {
        ("rejected", None)
    }
    s3, subject = cloud.client("s3"), owner.person.subject
    for bucket in (each["Name"] for each in s3.list_buckets()["Buckets"]):
        found = s3.list_objects_v2(Bucket=bucket).get("Contents", [])
        left = [each["Key"] for each in found if any(m in each["Key"] for m in sent.values())]
        assert not left, (subject, left)


def test_nobody_else_has_it(
    owner: User, project: dict[str, Any], make_user: Callable[[int], User], tmp_path: Path
) -> None:
    """SE1: for others it is not there, neither to be looked at nor for a film."""
    stranger = make_user(0)
    theirs = stranger.api.upload_music(a_tone(tmp_path / "song.wav", seconds=3))
    assert stranger.api.wait_for_music(theirs)["state"] == "ready"
    for method in ("GET", "DELETE"):
        assert owner.api.call(method, f"/v1/music-uploads/{theirs}").status_code == 404
    path = f"/v1/projects/{project['id']}"
    details = set()
    for music_id in (theirs, "a" * 24):
        owner.api.call("PATCH", path, json={"music_track_id": music_id}, headers={"If-Match": "*"})
        with pytest.raises(Problem) as refused:
            owner.api.post(f"{path}/films")
        details.add((refused.value.status, refused.value.body["detail"]))
    assert len(details) == 1
    assert stranger.api.wait_for_music(theirs)["state"] == "ready"


def test_without_the_tick_nothing_can_be_sent(owner: User) -> None:
    """422 that names the box; and the form takes nothing but what was declared."""
    with pytest.raises(Problem) as refused:
        owner.api.post("/v1/music-uploads", REQUEST | {"rights_confirmed": False})
    assert (refused.value.status, refused.value.body["errors"][0]["field"]) == (
        422,
        "rights_confirmed",
    )
    place = owner.api.post("/v1/music-uploads", REQUEST)
    for fields, content in (
        (place["post"]["fields"], bytes(1001)),
        (place["post"]["fields"] | {"key": "owners/x/music/y/track.m4a"}, bytes(1000)),
        (place["post"]["fields"] | {"Content-Type": "text/html"}, bytes(1000)),
    ):
        answer = requests.post(
            place["post"]["url"], data=fields, files={"file": content}, timeout=10
        )
        assert answer.status_code in {400, 403}, answer.text
    waiting = owner.api.get(f"/v1/music-uploads/{place['id']}")
    assert (waiting["state"], waiting["preview_url"]) == ("waiting", None)


def test_a_guest_has_no_music(anonymous: Any, guest: Any) -> None:  # noqa: ANN401  # clients
    """It belongs to an account."""
    assert guest.call("GET", "/v1/music-uploads").status_code == 403
    assert anonymous.call("GET", "/v1/music-uploads").status_code == 401


def test_a_plan_with_uploaded_music_claims_no_beats(owner: User, tmp_path: Path) -> None:
    """M6: its beats are unknown, so a story has the usual lengths and names none."""
    music_id = owner.api.upload_music(a_tone(tmp_path / "song.wav", seconds=4), title="Our song")
    assert owner.api.wait_for_music(music_id)["state"] == "ready"
    request = {"upload_ids": [owner.ready_upload()], "music_track_id": music_id}
    story = owner.api.post("/v1/stories", request)
    assert (story["music_track_id"], story["beat_frames"]) == (music_id, None)
    assert story["chapters"][0]["shots"][0]["beat"] is None
