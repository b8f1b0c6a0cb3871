"""The film that is really assembled is cut on the beat, with a title card and without one."""

from dataclasses import replace
from itertools import product

import pytest

from echoes.domain.assembly.planning import plan_film
from echoes.domain.assembly.render_plan import FPS
from echoes.domain.assembly.transitions import Transition
from echoes.domain.clips.ratios import Ratio
from echoes.domain.films.film import Film, FilmClip
from echoes.domain.films.specification import music_of, spec_of
from echoes.domain.identifiers import ClipId, FilmId, ProjectId
from echoes.domain.music.beats import lengths_on_beat
from echoes.domain.music.tracks import TRACKS, MusicTrack
from tests.support.cuts import cuts
from tests.support.factories import NOON, an_id, an_owner


def a_film(track: MusicTrack | None, transition: Transition, seconds: tuple[int, ...]) -> Film:
    width, height = Ratio.WIDE.size
    clips = tuple(
        FilmClip(
            clip_id=ClipId(an_id()),
            attempt=1,
            master_key=f"master-{number}",
            sha256=f"{number}",
            signature="ours",
            frames=each * FPS,
            width=width,
            height=height,
        )
        for number, each in enumerate(seconds)
    )
    return Film(
        owner_id=an_owner(),
        film_id=FilmId(an_id()),
        project_id=ProjectId(an_id()),
        project_version=1,
        title="Summer",
        ratio=Ratio.WIDE,
        clips=clips,
        transition=transition,
        title_card="Summer",
        music_track_id=track.track_id if track else None,
        music=music_of(track) if track else None,
        created_at=NOON,
        updated_at=NOON,
        due_at=None,
    )


@pytest.mark.parametrize(
    ("track", "transition"),
    list(product(TRACKS, Transition)),
    ids=lambda each: getattr(each, "track_id", None) or str(each),
)
def test_a_card_leaves_every_cut_on_the_beat(track: MusicTrack, transition: Transition) -> None:
    """M6: each track, each transition: no cut is even a frame off, with the card or without."""
    seconds = lengths_on_beat(track.grid, transition)
    film = a_film(track, transition, seconds * 2)
    for wanted in (film, replace(film, title_card=None)):
        plan = plan_film(spec_of(wanted, signature="ours"))
        found = cuts(plan)
        assert len(found) == len(plan.cards) + len(film.clips)
        assert [track.grid.error_at(frame) for frame in found] == [0] * len(found)


@pytest.mark.parametrize("transition", Transition)
def test_without_music_a_card_is_read_for_three_seconds(transition: Transition) -> None:
    """What it shares with the first clip comes on top."""
    plan = plan_film(spec_of(a_film(None, transition, (5, 5)), signature="ours"))
    assert cuts(plan)[:2] == [0, 3 * FPS]
