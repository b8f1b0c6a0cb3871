"""The autopilot as a user meets it: photos in, a plan for nothing, and the film it promised."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image

from dev.client import EchoesClient, Problem, shots_of
from tests.support.users import SAMPLES, User

Body = dict[str, Any]
EXIF_IFD, DATE_TAKEN = 0x8769, 0x9003
MUSIC = "open-windows"
TIMES = {"rocket": "19:30:00", "coffee": "09:40:00", "cat": "09:00:00", "portrait": None}
"""When each photo was taken, in the order in which they are picked."""


def photographed(name: str, at: str | None, directory: Path) -> Path:
    """Return a sample photo as a camera would have stored it, on the third of March."""
    file = directory / f"{name}.jpg"
    with Image.open(SAMPLES / file.name) as photo:
        exif = photo.getexif()
        if at is not None:
            exif.get_ifd(EXIF_IFD)[DATE_TAKEN] = f"2024:03:03 {at}"
        photo.save(file, quality=92, exif=exif)
    return file


@pytest.fixture(scope="module")
def owner(make_user: Callable[[int], User]) -> User:
    return make_user(10)


@pytest.fixture(scope="module")
def album(owner: User, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Return the uploads by name: four photos, and one of them as a messenger passed it on."""
    directory = tmp_path_factory.mktemp("photos")
    files = [photographed(name, at, directory) for name, at in TIMES.items()]
    with Image.open(SAMPLES / "cat.jpg") as cat:
        width, height = cat.size
        passed_on = cat.crop((4, 3, width - 4, height - 3)).resize(
            (width * 2 // 3, height * 2 // 3)
        )
        passed_on.save(directory / "cat-from-chat.jpg", quality=70)
    files.append(directory / "cat-from-chat.jpg")
    uploads = owner.api.upload(files)
    for upload_id in uploads:
        assert owner.api.wait_for_upload(upload_id)["state"] == "ready"
    return dict(zip([file.stem for file in files], uploads, strict=True))


def plan(api: EchoesClient, uploads: list[str], **fields: object) -> Body:
    return api.post("/v1/stories", {"upload_ids": uploads, **fields})


def test_a_plan_sets_the_copy_aside_and_costs_nothing(owner: User, album: dict[str, str]) -> None:
    """E1, E3, E4: by date, the copy left out with its reason; no credit, clip or project moved."""
    entries = list(owner.api.transactions())
    first = plan(owner.api, list(album.values()), music_track_id=MUSIC)
    second = plan(owner.api, list(album.values()), music_track_id=MUSIC)

    names = {upload_id: name for name, upload_id in album.items()}
    told = [names[shot["upload_id"]] for shot in shots_of(first)]
    assert told == ["cat", "portrait", "coffee", "rocket"], "what has no date stays where it was"
    (left,) = first["set_aside"]
    assert (names[left["upload_id"]], names[left["instead"]]) == ("cat-from-chat", "cat")
    assert left["text"]
    assert first["title_card"]["text"] == "3 March 2024"
    assert first == second
    assert list(owner.api.transactions()) == entries
    assert owner.api.get("/v1/projects")["items"] == []


def test_strangers_and_guests_plan_with_their_own_photos_only(
    owner: User, album: dict[str, str], guest: EchoesClient
) -> None:
    """SE1, PF1: another owner's photo is not found; a guest may plan a story with theirs."""
    (own,) = guest.upload([SAMPLES / "coffee.jpg"])
    assert guest.wait_for_upload(own)["state"] == "ready"
    assert [shot["upload_id"] for shot in shots_of(plan(guest, [own]))] == [own]
    for api, uploads in ((guest, [own, album["cat"]]), (owner.api, [album["cat"], own])):
        with pytest.raises(Problem) as refused:
            plan(api, uploads)
        assert (refused.value.status, refused.value.code) == (404, "not_found")
        assert "upload_ids.1" in refused.value.body["detail"]


def test_the_film_of_a_plan_is_cut_on_the_beat(
    owner: User, album: dict[str, str], tmp_path: Path
) -> None:
    """M6, E1: ordered as it stands, the film shows what was planned, and its cuts are on beats."""
    before = owner.balance()
    story = plan(owner.api, list(album.values()), music_track_id=MUSIC)
    project, ordered = owner.api.order_story(story, title="Summer")
    assert ordered["credits"] == story["credits"]
    for clip in ordered["items"]:
        assert owner.api.wait_for_clip(clip["id"])["status"] == "completed"
    assert before - owner.balance() == story["credits"]
    shown = owner.api.get(f"/v1/projects/{project['id']}")
    assert [clip["upload_id"] for clip in shown["clips"]] == [
        shot["upload_id"] for shot in shots_of(story)
    ]

    film = owner.api.post(f"/v1/projects/{project['id']}/films")
    *_, film = owner.api.follow_film(film["id"], every_seconds=0.5, within_seconds=180)
    assert film["status"] == "completed", film
    owner.api.download_film(film["id"], tmp_path / "film.mp4")

    card = story["title_card"]["frames"]
    expected = [card + shot["first_frame"] for shot in shots_of(story)]
    assert all(cut % story["beat_frames"] == 0 for cut in expected)
    changes, frames = changes_of(tmp_path / "film.mp4")
    assert frames == card + story["frames"]
    assert film["duration_seconds"] == pytest.approx(frames / story["frames_per_second"], abs=0.001)
    strongest = sorted(np.argsort(changes)[-len(expected) :] + 1)
    assert strongest == expected


def changes_of(file: Path) -> tuple[np.ndarray[Any, Any], int]:
    """Return how much each frame but the first differs from the one before, and how many."""
    with av.open(str(file), "r") as container:
        small = [
            frame.reformat(width=64, height=36, format="gray").to_ndarray().astype(np.int16)
            for frame in container.decode(video=0)
        ]
    pictures = np.stack(small)
    return np.abs(np.diff(pictures, axis=0)).mean(axis=(1, 2)), len(small)
