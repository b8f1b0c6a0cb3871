"""What is missing for a film is asked of the store; nothing is encoded to find out."""

import os
import subprocess
import sys
from dataclasses import replace

import pytest

from dev.fakes.films import InMemorySegments
from echoes.application.films.plan_film import SEGMENTS_PER_CALL
from echoes.domain.assembly.transitions import Transition
from echoes.domain.clips.clip import Clip
from echoes.domain.films.film import Film, FilmStatus, ref
from echoes.domain.projects.project import Look
from tests.support.factories import a_clip, clip_media
from tests.support.film_harness import FilmHarness


@pytest.fixture
def harness() -> FilmHarness:
    return FilmHarness()


def foreign(harness: FilmHarness) -> Clip:
    """Return a stored clip of another encoding than films have today."""
    media = clip_media(a_clip(owner_id=harness.owner))
    return harness.clip(
        media=replace(media, signature="hevc", master_key="theirs", sha256="c" * 64)
    )


def dipping(harness: FilmHarness) -> Film:
    """Return a film that needs a clip normalised, a card, three joints and two fades."""
    look = Look(transition=Transition.DIP, title_card="Summer")
    return harness.ordered(
        harness.project(harness.clip(), foreign(harness), harness.clip(), look=look)
    )


def test_clips_and_cards_are_missing_first_and_then_joints(harness: FilmHarness) -> None:
    """Joints fade into cards and normalised clips, so there are two rounds and no order."""
    film = dipping(harness)
    assert harness.plan(ref(film)).total == 7
    assert harness.render_missing(film) == [2, 5]
    assert harness.plan(ref(film)).batches == []
    assert len(set(harness.plain.rendered)) == 7


def test_planning_encodes_nothing(harness: FilmHarness) -> None:
    """It may be repeated as often as anybody likes."""
    film = dipping(harness)
    assert harness.plan(ref(film)) == harness.plan(ref(film))
    assert harness.plain.rendered == []


def test_each_call_gets_a_few_segments(harness: FilmHarness) -> None:
    """Many calls at once: none is longer than a function may run."""
    clips = [harness.clip() for _ in range(9)]
    missing = harness.plan(ref(harness.ordered(harness.project(*clips))))
    assert [len(batch) for batch in missing.batches] == [4, 4, 2]
    assert SEGMENTS_PER_CALL == 4


def test_hard_cuts_miss_nothing(harness: FilmHarness) -> None:
    """The film can be joined at once."""
    film = harness.ordered(harness.project(harness.clip(), harness.clip(), look=Look()))
    missing = harness.plan(ref(film))
    assert (missing.batches, missing.total) == ([], 0)


def test_the_next_film_of_the_project_misses_only_what_is_new(harness: FilmHarness) -> None:
    """Segments are found by their content; those of other projects are not."""
    first = dipping(harness)
    harness.render_missing(first)
    project = harness.clips.projects.get(harness.owner, first.project_id)
    look = Look(transition=Transition.DIP, title_card="Winter")
    changed = replace(project, look=look, version=project.version + 1)
    harness.clips.projects.save(changed)
    assert harness.render_missing(harness.ordered(changed)) == [1, 2], (
        "the card, its fade and joint"
    )
    elsewhere = harness.project(*(harness.clip() for _ in range(2)))
    assert harness.render_missing(harness.ordered(elsewhere)) == [3]


def test_segments_whose_week_is_over_are_missing_again(harness: FilmHarness) -> None:
    """The plan starts again from what is there."""
    film = dipping(harness)
    harness.render_missing(film)
    harness.media.let_week_pass()
    assert harness.render_missing(film) == [2, 5]


def test_joints_need_a_clip_that_passed_between_two_steps(harness: FilmHarness) -> None:
    """It is normalised again, in the middle of rendering and of joining."""
    film = dipping(harness)
    for batch in harness.plan(ref(film)).batches:
        harness.render(ref(film), batch, total=7)
    joints = harness.plan(ref(film))
    harness.media.let_week_pass()
    for batch in joints.batches:
        harness.render(ref(film), batch, total=7)
    assert harness.plan(ref(film)).batches == []
    harness.media.let_week_pass()

    harness.join(ref(film))

    assert harness.settle(ref(film)).film.status is FilmStatus.COMPLETED


def test_segments_of_another_encoding_are_made_anew(
    harness: FilmHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the encoder changes, our own clips are foreign."""
    film = harness.ordered(harness.project(harness.clip(), look=Look()))
    assert harness.plan(ref(film)).total == 0
    monkeypatch.setattr(InMemorySegments, "signature", lambda *_: "h266")
    assert harness.plan(ref(film)).total == 1


def test_asking_needs_no_encoder() -> None:
    """The rules and use cases of a film load neither PyAV nor Pillow."""
    program = (
        "import sys\n"
        "from echoes.application.films import join_film, plan_film, render_segments\n"
        "print(*({'av', 'PIL', 'numpy'} & sys.modules.keys()))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={"PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert done.stdout.strip() == ""
