"""The whole road to a film, as a user sees it: photos, a project, clips, music, one file."""

import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
import requests

from dev.client import Problem
from dev.cloud.ephemeral import EphemeralCloud
from tests.support.users import User
from tests.support.watched_films import CLIP_SECONDS, FPS, PHOTOS, a_project, film_of


@pytest.fixture(scope="module")
def owner(make_user: Callable[[int], User]) -> User:
    return make_user(30)


@pytest.fixture(scope="module")
def project(owner: User) -> dict[str, Any]:
    return a_project(owner, music_track_id="first-light", transition="cut")


def changed(owner: User, project: dict[str, Any], **change: object) -> None:
    """Edit the project, whatever version it is."""
    path = f"/v1/projects/{project['id']}"
    response = owner.api.call("PATCH", path, json=change, headers={"If-Match": "*"})
    assert response.status_code == 200, response.text


def test_photos_become_one_film_with_music(
    owner: User, project: dict[str, Any], tmp_path: Path
) -> None:
    """PF7: the downloaded file decodes whole, has every frame and the music, and starts at once."""
    before = owner.balance()
    seen = film_of(owner.api, project)

    film = seen[-1]
    assert film["status"] == "completed", film
    progress = [each["progress"] for each in seen]
    assert progress == sorted(progress)
    assert owner.balance() == before, "assembling costs nothing more"
    owner.api.download_film(film["id"], tmp_path / "film.mp4")
    with av.open(str(tmp_path / "film.mp4"), "r") as container:
        frames = list(container.decode(video=0))
    with av.open(str(tmp_path / "film.mp4"), "r") as container:
        blocks = [block.to_ndarray() for block in container.decode(audio=0)]
    assert len(frames) == len(PHOTOS) * CLIP_SECONDS * FPS
    assert sum(block.shape[1] for block in blocks) / 48_000 == pytest.approx(
        len(PHOTOS) * CLIP_SECONDS, abs=0.03
    )
    assert max(float(np.abs(block).max()) for block in blocks) > 0.05, "the music can be heard"
    content = (tmp_path / "film.mp4").read_bytes()
    assert content.index(b"moov") < content.index(b"mdat")
    assert (len(content), film["duration_seconds"]) == (film["bytes"], 15.0)
    for url in (film["poster_url"], film["preview_url"]):
        assert requests.get(url, timeout=10).ok


def test_transitions_and_a_title_are_encoded_once(owner: User, project: dict[str, Any]) -> None:
    """A card and cross-fades; the same pictures by another name encode nothing and are as long."""
    changed(owner, project, transition="cross_fade", title_card="Summer")
    began = time.monotonic()
    first = film_of(owner.api, project)[-1]
    first_seconds = time.monotonic() - began
    changed(owner, project, title="Summer at the lake")
    second = film_of(owner.api, project)[-1]

    assert first["status"] == second["status"] == "completed", (first, second)
    # The card stands four beats of "first-light" and the half second it shares with the first clip.
    card = 4 * 18 / FPS + 0.5
    assert first["duration_seconds"] == second["duration_seconds"] == card + 15 - 3 * 0.5
    assert first["bytes"] == second["bytes"]
    assert first["id"] != second["id"]
    assert first_seconds < 120


def test_an_unchanged_project_has_its_film_made_once(owner: User, project: dict[str, Any]) -> None:
    """Ordered while it is made, and when it is there: the same film; nothing is made twice."""
    changed(owner, project, title_card="Once")
    path = f"/v1/projects/{project['id']}/films"
    first = owner.api.post(path)
    assert owner.api.post(path)["id"] == first["id"]
    *_, done = owner.api.follow_film(first["id"], every_seconds=0.3, within_seconds=180)
    assert done["status"] == "completed", done
    again = owner.api.post(path)
    assert (again["id"], again["status"]) == (first["id"], "completed")


def test_a_link_seeks_and_belongs_to_its_owner(
    owner: User, project: dict[str, Any], make_user: Callable[[int], User]
) -> None:
    """SE1 SE4: Range is answered, the link names its hour, for others there is no such film."""
    film = film_of(owner.api, project)[-1]
    link = owner.api.get(f"/v1/films/{film['id']}/download")["url"]
    part = requests.get(link, headers={"Range": "bytes=0-99"}, timeout=10)
    assert "X-Amz-Expires=3600" in link
    assert (part.status_code, len(part.content)) == (206, 100)
    stranger = make_user(0)
    for path in (f"/v1/films/{film['id']}", f"/v1/films/{film['id']}/download"):
        with pytest.raises(Problem) as refused:
            stranger.api.get(path)
        assert refused.value.status == 404


def test_a_stopped_or_cancelled_film_ends_and_the_next_goes_on(
    cloud: EphemeralCloud, owner: User, project: dict[str, Any]
) -> None:
    """It always ends; what was encoded is found, and the next film is complete."""
    path = f"/v1/projects/{project['id']}"
    changed(owner, project, ratio="1:1", transition="dip", title_card=None)
    stopped = owner.api.post(f"{path}/films")
    machine = cloud.endpoints().outputs["echoes-local-service"]["AssemblyStateMachineArn"]
    execution = f"{machine.replace(':stateMachine:', ':execution:')}:{stopped['id']}"
    cloud.client("stepfunctions").stop_execution(executionArn=execution)
    *_, ended = owner.api.follow_film(stopped["id"], every_seconds=0.5, within_seconds=60)
    assert (ended["status"], ended["error"]["code"]) == ("failed", "film_failed")

    cancelled = owner.api.post(f"{path}/films")
    answer = owner.api.post(f"/v1/films/{cancelled['id']}/cancellation")
    assert (answer["status"], answer["stage"]) == ("failed", "cancelled")

    film = film_of(owner.api, project)[-1]
    assert (film["status"], film["duration_seconds"]) == ("completed", 15.0), film
    assert owner.api.get(path)["film"]["id"] == film["id"]


def test_a_film_without_clips_is_refused(owner: User) -> None:
    """There is nothing to assemble."""
    empty = owner.api.post("/v1/projects", {"title": "Empty"})
    with pytest.raises(Problem) as refused:
        owner.api.post(f"/v1/projects/{empty['id']}/films", key=str(uuid.uuid4()))
    assert (refused.value.status, refused.value.code) == (422, "invalid_request")
