"""
A film that Echoes made plays in a browser: the one behind a signed link, and the demo's.

The browser is a real Chromium; what it shows is compared, frame by frame, with what another decoder
finds in the film and in the clips it was made from.
"""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from playwright.sync_api import Browser

from dev.browser import PROJECT, chromium
from dev.cloud.ephemeral import EphemeralCloud
from tests.support import watched_films as films
from tests.support.player import FPS, Film, Library, Player, Shot, frame_at, pictures_of
from tests.support.users import SAMPLES, User

pytestmark = pytest.mark.alone  # a player drops frames while others are busy

FADED_SECONDS = 3
AUDIBLE = 0.01
"""Of full scale, as a root mean square: 40 dB below it."""
TIES = 0.2
"""Levels of 255: neighbours of a frame that hardly moves are no farther apart."""
OVERLAP_FRAMES = 12
"""A cross-fade shows both clips for half a second."""
LONGEST_DEMO_SECONDS = 240
MOST_TRIES = 5


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def library() -> Iterator[Library]:
    library = Library()
    threading.Thread(target=library.server.serve_forever, daemon=True).start()
    yield library
    library.server.stop()


@pytest.fixture
def player(browser: Browser, library: Library) -> Iterator[Player]:
    with browser.new_page() as page:
        yield Player(page=page, url=f"{library.server.url}/player.html")


@pytest.fixture(scope="module")
def linked(make_user: Callable[[int], User], tmp_path_factory: pytest.TempPathFactory) -> Film:
    """Order a film with a title and cross-fades, and take the link that its owner gets."""
    owner, home = make_user(30), tmp_path_factory.mktemp("linked")
    look = {"music_track_id": "first-light", "transition": "cross_fade", "title_card": "Summer"}
    project = films.a_project(owner, **look)
    film = films.film_of(owner.api, project)[-1]
    assert film["status"] == "completed", film
    frames, clip_frames = round(film["duration_seconds"] * FPS), films.CLIP_SECONDS * FPS
    step = clip_frames - OVERLAP_FRAMES
    first = frames - clip_frames - step * (len(film["clip_ids"]) - 1)  # the title comes before
    shots = []
    for number, clip_id in enumerate(film["clip_ids"]):
        clip = home / f"{number}.mp4"
        owner.api.download_clip(clip_id, clip)
        shots.append(Shot(first_frame=first + number * step, frames=clip_frames, clip=clip))
    link = owner.api.download_film(film["id"], home / "film.mp4")
    return Film(
        url=link["url"],
        frames=frames,
        shots=tuple(shots),
        pictures=pictures_of(home / "film.mp4"),
    )


@pytest.fixture(scope="module")
def demonstrated(
    cloud: EphemeralCloud, library: Library, tmp_path_factory: pytest.TempPathFactory
) -> Film:
    """Run what `make demo` runs, on the sample photos."""
    home = tmp_path_factory.mktemp("demo")
    photos = [str(photo) for photo in sorted(SAMPLES.glob("*.jpg"))]
    done = subprocess.run(
        [sys.executable, "-m", "dev.demo", "--output", str(home), *photos],
        cwd=PROJECT,
        env={
            **os.environ,
            "ECHOES_ENDPOINTS": str(cloud.instance.endpoints.resolve()),
            "PYTHONPATH": os.pathsep.join(("layers/core/python", ".")),
        },
        capture_output=True,
        text=True,
        timeout=LONGEST_DEMO_SECONDS,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    story = json.loads((home / "story.json").read_text(encoding="utf-8"))
    plan, card = story["plan"], story["plan"]["title_card"]
    opening = card["frames"] if card else 0
    shots = tuple(
        Shot(
            first_frame=opening + shot["first_frame"],
            frames=shot["frames"],
            clip=home / story["clips"][shot["upload_id"]],
        )
        for chapter in plan["chapters"]
        for shot in chapter["shots"]
    )
    return Film(
        url=library.put(home / "film.mp4"),
        frames=opening + plan["frames"],
        shots=shots,
        pictures=pictures_of(home / "film.mp4"),
    )


@pytest.fixture(params=["linked", "demonstrated"])
def film(request: pytest.FixtureRequest) -> Film:
    film: Film = request.getfixturevalue(request.param)
    return film


def test_it_plays_from_the_beginning_to_the_end(film: Film, player: Player) -> None:
    """
    PF7: as long as it should be, at its own speed, each frame in its turn, none broken.

    A busy machine may drop a frame, each time another; a frame that nobody ever sees is the film's
    own fault.
    """
    assert len(film.pictures) == film.frames
    unseen = set(range(film.frames))
    for _ in range(MOST_TRIES):
        opened = player.show(film)
        assert opened["seconds"] == film.frames / FPS
        played = player.play(opened["seconds"] + 1)
        assert (played["error"], played["corrupted"], played["ended"]) == (None, 0, True)
        assert played["to_seconds"] == opened["seconds"]
        assert played["took_seconds"] > 0.9 * opened["seconds"], "nothing was skipped"
        assert played["audio_bytes"] > 0
        numbers = [round(frame_at(seconds)) for seconds in played["frame_seconds"]]
        assert numbers == sorted(set(numbers))
        unseen -= set(numbers)
        if not unseen:
            break
    assert not unseen


def test_a_seek_shows_the_very_frame(film: Film, player: Player) -> None:
    """Anywhere, backwards too, and on either side of every joint: what is shown is that frame."""
    joints = [shot.first_frame for shot in film.shots if shot.first_frame]
    steps = (-1, 0, 1, OVERLAP_FRAMES // 2, OVERLAP_FRAMES - 1, OVERLAP_FRAMES)
    around = [joint + step for joint in joints for step in steps]
    across = [frame for pair in zip(reversed(joints), joints, strict=True) for frame in pair]
    places = [film.frames // 2 + 7, 0, *around, film.frames - 1, 10, *across, film.frames // 3]
    player.show(film)
    last = 0
    for place in places:
        if place == last:
            continue
        last = place
        shown = player.seek((place + 0.5) / FPS)
        assert abs(frame_at(shown.frame_seconds) - place) < 0.01
        assert abs(shown.current_seconds * FPS - place) < 1
        distances = shown.distances(film.pictures)
        near = distances[max(0, place - 1) : place + 2].min()
        assert near <= distances.min() + TIES, f"{place} looks like {distances.argmin()}"


def test_every_shot_shows_its_own_clip(film: Film, player: Player) -> None:
    """In the film's order: the middle of each shot is nearest to the middle of its clip."""
    middles = []
    for shot in film.shots:
        pictures = pictures_of(shot.clip)
        middles.append(pictures[min(shot.frames, len(pictures)) // 2])
    player.show(film)
    seen = [
        int(player.seek((shot.middle + 0.5) / FPS).distances(np.stack(middles)).argmin())
        for shot in film.shots
    ]
    assert seen == list(range(len(film.shots)))


def test_the_music_is_heard_all_along(film: Film, player: Player) -> None:
    """As long as the film, in every second, until it fades at the end."""
    player.show(film)
    heard = player.listen(film)
    assert heard["channels"] == 2
    assert heard["seconds"] == pytest.approx(film.frames / FPS, abs=0.05)
    assert len(heard["loudness"]) >= film.frames // FPS - 1
    before_the_fade = heard["loudness"][: film.frames // FPS - FADED_SECONDS]
    assert min(before_the_fade) > AUDIBLE, heard["loudness"]
