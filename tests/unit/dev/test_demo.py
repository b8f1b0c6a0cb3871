"""What the demo says and leaves behind."""

from pathlib import Path

import pytest
from rich.console import Console

from dev import demo
from echoes.domain.music.tracks import track_of
from echoes.domain.stories.plan import propose_story
from echoes.http.stories.views import story_body
from tests.support.story_photos import a_little_other, a_photo, heard, scene


def test_the_demo_tells_the_plan_so_that_people_understand(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """E1, E4: order, camera, seconds, the beat in the film with its title, what was left out."""
    page = Console(record=True, width=200)
    monkeypatch.setattr(demo, "console", page)
    plan = story_body(
        propose_story(
            [
                a_photo("sea", minutes=0, bits=scene(1)),
                a_photo("sea-again", minutes=0.5, bits=a_little_other(scene(1), by=2), sharpness=9),
                a_photo("hut", minutes=9, bits=scene(2)),
            ],
            soundtrack=heard(track_of("open-windows")),
        )
    )
    demo._print_plan(plan, {name: Path(f"{name}.jpg") for name in ("sea", "sea-again", "hut")})
    lines = page.export_text().splitlines()
    (sea,) = [line for line in lines if "zoom out" in line]
    assert [cell.strip() for cell in sea.split("│")][1:7] == [
        *("1", "sea.jpg", "zoom out", "5", "6", "1"),
    ]
    told = "\n".join(lines)
    assert "Set aside, and not ordered: sea-again.jpg" in told
    assert "It opens with the title “3 March 2024”, for 6 beats" in told
    assert "13 s with the music “open-windows”" in told
    assert "2 credits" in told


def test_the_demo_clears_away_its_own_files_only(tmp_path: Path) -> None:
    """In a directory of somebody's own nothing else is touched."""
    kept, old = tmp_path / "kept.txt", tmp_path / "film.mp4"
    for file in (kept, old):
        file.write_text("mine")
    demo._clear(tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["kept.txt"]


def test_clips_of_photos_with_one_name_are_files_of_their_own() -> None:
    """E1: in the film's order; a photo called film is not taken for the film."""
    photos = ("b/IMG_1.jpg", "a/IMG_1.jpg", "film.jpg", "a/IMG_1.png")
    names = demo._clip_names([(f"upload-{name}", Path(name)) for name in photos])
    assert list(names.items()) == [
        ("upload-b/IMG_1.jpg", "01-IMG_1.mp4"),
        ("upload-a/IMG_1.jpg", "02-IMG_1.mp4"),
        ("upload-film.jpg", "03-film.mp4"),
        ("upload-a/IMG_1.png", "04-IMG_1.mp4"),
    ]


def test_photos_that_are_too_many_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """E1: nothing is left out without a word."""
    page = Console(record=True, width=200)
    monkeypatch.setattr(demo, "console", page)
    photos = [Path(f"[{number}].jpg") for number in range(52)]
    assert demo._as_many_as_fit(photos) == photos[:50]
    assert page.export_text().splitlines() == [
        "Leaving out [50].jpg: a film has at most 50 photos",
        "Leaving out [51].jpg: a film has at most 50 photos",
    ]
