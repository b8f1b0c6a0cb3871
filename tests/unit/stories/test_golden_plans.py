"""Whole plans, as they were read and found good; `ECHOES_GOLDEN=write pytest …` renews them."""

import json
import os
from pathlib import Path

import pytest

from echoes.domain.assembly.transitions import Transition
from echoes.domain.music.tracks import track_of
from echoes.domain.stories.plan import propose_story
from echoes.domain.stories.selection import StoryPhoto
from echoes.http.stories.views import story_body
from tests.support.story_photos import a_little_other, a_photo, heard, scene

GOLDEN = Path(__file__).parent / "golden"
TALL = (3024, 4032)
WIDE = (6500, 2600)


def a_day_out() -> list[StoryPhoto]:
    """Return a morning and an evening, uploaded in no order, with a burst and a copy."""
    return [
        a_photo("dinner", minutes=620, bits=scene(1)),
        a_photo("breakfast", minutes=0, bits=scene(2)),
        a_photo("harbour", minutes=40, bits=scene(3), size=WIDE),
        a_photo("jump-1", minutes=55, bits=scene(4), sharpness=300),
        a_photo("jump-2", minutes=55.02, bits=a_little_other(scene(4), by=12), sharpness=900),
        a_photo("jump-3", minutes=55.04, bits=a_little_other(scene(4), by=16), sharpness=450),
        a_photo("tower", minutes=70, bits=scene(5), size=TALL),
        a_photo("harbour-from-chat", minutes=None, bits=a_little_other(scene(3), by=2), size=WIDE),
        a_photo("sunset", minutes=600, bits=scene(6)),
        a_photo("sunset-again", minutes=600.5, bits=a_little_other(scene(6), by=8)),
    ]


def a_journey() -> list[StoryPhoto]:
    """Return three days of portraits, the clock on from one day to the next."""
    return [
        a_photo(
            f"day{day}-{number}",
            minutes=1440 * day + 25 * number,
            bits=scene(day * 8 + number),
            size=TALL,
        )
        for day in range(3)
        for number in range(4)
    ]


def without_dates() -> list[StoryPhoto]:
    """Return what messengers leave of photos: no dates, no hashes from before they were made."""
    return [a_photo(name, minutes=None, sharpness=None) for name in ("one", "two", "three")]


SCENARIOS = {
    "a-day-out-bright": (a_day_out, "open-windows", Transition.CUT),
    "a-day-out-warm-fading": (a_day_out, "first-light", Transition.CROSS_FADE),
    "a-journey-calm": (a_journey, "slow-tide", Transition.DIP),
    "a-journey-acoustic-fading": (a_journey, "porch-swing", Transition.CROSS_FADE),
    "without-dates-silent": (without_dates, None, Transition.CUT),
}


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_plan_is_as_it_was(name: str) -> None:
    """The same photos, music and options give the same plan, word for word."""
    photos, track_id, transition = SCENARIOS[name]
    plan = propose_story(
        photos(), soundtrack=heard(track_of(track_id) if track_id else None), transition=transition
    )
    written = json.dumps(story_body(plan), indent=1, ensure_ascii=False) + "\n"
    file = GOLDEN / f"{name}.json"
    if os.environ.get("ECHOES_GOLDEN") == "write":
        file.parent.mkdir(exist_ok=True)
        file.write_text(written, encoding="utf-8")
    assert written == file.read_text(encoding="utf-8")


def test_the_order_of_calls_changes_nothing() -> None:
    """Nothing is remembered between two plans."""
    plans = [
        story_body(propose_story(a_day_out(), soundtrack=heard(track_of("porch-swing"))))
        for _ in range(3)
    ]
    assert plans[0] == plans[1] == plans[2]


def test_the_day_out_is_told_as_a_person_would() -> None:
    """E3, E4: by date; the sharpest of the burst, one harbour, one sunset; the evening apart."""
    plan = propose_story(a_day_out(), soundtrack=heard(track_of("open-windows")))
    chapters = [[shot.upload_id for shot in chapter.shots] for chapter in plan.chapters]
    assert chapters == [["breakfast", "harbour", "jump-2", "tower"], ["sunset", "dinner"]]
    assert {left.upload_id: left.instead for left in plan.set_aside} == {
        "jump-1": "jump-2",
        "jump-3": "jump-2",
        "harbour-from-chat": "harbour",
        "sunset-again": "sunset",
    }
    assert [chapter.card.text if chapter.card else None for chapter in plan.chapters] == [
        None,
        "Evening",
    ]
    assert plan.opening is not None
    assert plan.opening.text == "3 March 2024"
