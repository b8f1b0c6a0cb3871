"""What holds for every plan, whatever people photograph, choose and change."""

import random
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from echoes.domain.assembly.planning import CARD_SECONDS, plan_film
from echoes.domain.assembly.render_plan import FPS, FilmSpec, Master, TitleCard, Track
from echoes.domain.assembly.transitions import Transition
from echoes.domain.clips.clip import DURATIONS, Motion
from echoes.domain.clips.ratios import Ratio
from echoes.domain.errors import InvalidRequest
from echoes.domain.music.beats import BeatGrid, frames_on_beat, lengths_on_beat, overlap_of
from echoes.domain.music.tracks import TRACKS, MusicTrack
from echoes.domain.stories.plan import LONGEST_STORY_SECONDS, Soundtrack, StoryPlan, propose_story
from echoes.domain.stories.selection import (
    MAX_CHAPTERS,
    NEAR_DUPLICATE_BITS,
    Likeness,
    StoryPhoto,
    differing_bits,
    in_order,
    select_photos,
)
from echoes.http.stories.views import story_body
from tests.support.cuts import cuts
from tests.support.story_photos import MORNING, a_little_other, a_photo, heaps, heard, scene

SAID_OF_CAMERA = {
    "draws back": {Motion.ZOOM_OUT},
    "draws in": {Motion.ZOOM_IN},
    "tilts": {Motion.TILT_UP, Motion.TILT_DOWN},
    "pans": {Motion.PAN_LEFT, Motion.PAN_RIGHT},
    "moves gently": {Motion.ZOOM_IN, Motion.ZOOM_OUT, Motion.PAN_LEFT, Motion.PAN_RIGHT},
}

tracks = st.sampled_from(TRACKS)
transitions = st.sampled_from(Transition)


@settings(max_examples=50)
@given(photos=heaps, track=st.none() | tracks, transition=transitions)
def test_every_photo_is_there_exactly_once(
    photos: list[StoryPhoto], track: MusicTrack | None, transition: Transition
) -> None:
    """Each photo is a shot or set aside for a shot that is in the film; none is lost or doubled."""
    plan = propose_story(photos, soundtrack=heard(track), transition=transition)
    kept = [shot.upload_id for shot in plan.shots]
    aside = [left.upload_id for left in plan.set_aside]
    assert sorted(kept + aside) == sorted(photo.upload_id for photo in photos)
    assert {left.instead for left in plan.set_aside} <= set(kept)
    assert 1 <= len(plan.chapters) <= MAX_CHAPTERS
    assert all(chapter.shots for chapter in plan.chapters)


@settings(max_examples=50)
@given(photos=heaps, track=tracks, transition=transitions)
def test_every_cut_is_on_the_beat(
    photos: list[StoryPhoto], track: MusicTrack | None, transition: Transition
) -> None:
    """M6: for each track and transition no cut of a whole film is even one frame off."""
    plan = propose_story(photos, soundtrack=heard(track), transition=transition)
    assert plan.transition is transition
    assert plan.cut_error_frames == 0
    for shot in plan.shots:
        assert shot.first_frame == shot.beat * plan.soundtrack.grid.beat_frames  # type: ignore[operator, union-attr]  # there is music
        assert shot.duration_seconds in DURATIONS
        assert shot.frames == shot.duration_seconds * FPS


def film_cuts(plan: StoryPlan, shots: list[int], *, card: bool) -> list[int]:
    """Return the frames at which shots begin in the film that is really assembled."""
    width, height = plan.ratio.size
    footage: list[Master | TitleCard] = [
        Master(
            handle=plan.shots[number].upload_id,
            sha256=plan.shots[number].upload_id,
            signature="x",
            frames=plan.shots[number].frames,
            width=width,
            height=height,
        )
        for number in shots
    ]
    if card:
        assert plan.opening is not None
        footage.insert(
            0,
            TitleCard(
                text=plan.opening.text, width=width, height=height, frames=plan.opening.frames
            ),
        )
    film = plan_film(
        FilmSpec(
            width=width,
            height=height,
            signature="x",
            footage=tuple(footage),
            transitions=(plan.transition,) * (len(footage) - 1),
            track=Track(handle="music", sha256="music"),
        )
    )
    assert film.reasons == ()
    assert film.frames == sum(item.frames for item in footage) - overlap_of(plan.transition) * (
        len(footage) - 1
    )
    found = cuts(film)
    assert len(found) == len(footage)
    return found


@settings(max_examples=50)
@given(data=st.data(), track=tracks, transition=transitions)
def test_what_people_change_stays_on_the_beat(
    data: st.DataObject, track: MusicTrack, transition: Transition
) -> None:
    """E1, M6: leave out, add the title card, reorder: the film's cuts are still on beats."""
    photos = [a_photo(f"p{number}", minutes=7 * number, bits=scene(number)) for number in range(20)]
    plan = propose_story(photos, soundtrack=heard(track), transition=transition)
    chosen = data.draw(st.lists(st.integers(0, 19), min_size=1, max_size=20, unique=True))
    for card in (False, True):
        for frame in film_cuts(plan, chosen, card=card):
            assert plan.soundtrack.grid.error_at(frame) == 0  # type: ignore[union-attr]  # there is music
    begins = [shot.first_frame for shot in plan.shots]
    assert film_cuts(plan, list(range(20)), card=False) == begins


@settings(max_examples=50)
@given(photos=heaps, ratio=st.none() | st.sampled_from(Ratio))
def test_neighbours_move_differently(photos: list[StoryPhoto], ratio: Ratio | None) -> None:
    """No two shots in a row move alike; tall photos are tilted along, wide ones panned along."""
    plan = propose_story(photos, ratio=ratio)
    motions = [shot.motion for shot in plan.shots]
    assert all(one is not other for one, other in pairwise(motions))
    assert Motion.AUTO not in motions
    sizes = {photo.upload_id: photo.width / photo.height for photo in photos}
    width, height = plan.ratio.size
    for shot in plan.shots:
        across = sizes[shot.upload_id] / (width / height)
        if across >= 1.4:
            assert shot.motion in {Motion.PAN_LEFT, Motion.PAN_RIGHT}
        elif across < 1 / 1.4:
            assert shot.motion in {Motion.TILT_UP, Motion.TILT_DOWN}
        else:
            assert shot.motion not in {Motion.TILT_UP, Motion.TILT_DOWN}
        (said,) = [reason.text for reason in shot.reasons if reason.because == "fits_shape"]
        moves = [motions for words, motions in SAID_OF_CAMERA.items() if words in said]
        assert moves, said
        assert all(shot.motion in motions for motions in moves), (said, shot.motion)


def test_a_chapter_after_a_chapter_of_one_opens_otherwise() -> None:
    """E1: where the camera drew back just before, it draws in, and the plan says that."""
    photos = [a_photo(f"p{number}", minutes=90 * number, bits=scene(number)) for number in range(2)]
    # A pause must be longer than pauses usually are: two photos of one minute come after it.
    photos += [
        a_photo(f"q{number}", minutes=92 + number, bits=scene(9 + number)) for number in (0, 1)
    ]
    plan = propose_story(photos)
    openers = [chapter.shots[0] for chapter in plan.chapters]
    assert [shot.motion for shot in openers] == [Motion.ZOOM_OUT, Motion.ZOOM_IN]
    assert [shot.reasons[1].text for shot in openers] == [
        "opens a chapter: the camera draws back to show the scene",
        "opens a chapter: the camera draws in, because it has just drawn back",
    ]


@settings(max_examples=50)
@given(photos=heaps, track=st.none() | tracks, transition=transitions)
def test_a_plan_depends_on_its_facts_alone(
    photos: list[StoryPhoto], track: MusicTrack | None, transition: Transition
) -> None:
    """The same facts give the same plan, and every decision in it says why."""
    plan = propose_story(photos, soundtrack=heard(track), transition=transition)
    assert propose_story(list(photos), soundtrack=heard(track), transition=transition) == plan
    assert story_body(plan)["credits"] == sum(shot.credits for shot in plan.shots)
    assert all(reason.text for shot in plan.shots for reason in shot.reasons)
    assert all(shot.reasons for shot in plan.shots)
    assert all(left.text for left in plan.set_aside)


@settings(max_examples=50)
@given(photos=heaps, seed=st.integers(0, 1000))
def test_dates_count_and_not_the_order_of_uploading(photos: list[StoryPhoto], seed: int) -> None:
    """E3: dated photos are in the order of their dates, however they were uploaded."""
    dated = [photo for photo in photos if photo.taken_at is not None]
    dated = [
        replace(photo, taken_at=MORNING + timedelta(minutes=number))
        for number, photo in enumerate(dated)
    ]
    shuffled = list(dated)
    random.Random(seed).shuffle(shuffled)
    assert in_order(shuffled) == dated


def test_a_photo_without_a_date_stays_behind_the_one_before_it() -> None:
    """E3: messengers remove dates; what was picked together stays together."""
    late, early = a_photo("late", minutes=50), a_photo("early", minutes=10)
    lost = [a_photo(f"lost-{number}", minutes=None) for number in range(3)]
    order = in_order([lost[0], late, lost[1], lost[2], early])
    assert order == [lost[0], early, late, lost[1], lost[2]]


@pytest.mark.parametrize(
    ("bits", "seconds", "likeness"),
    [
        (0, None, Likeness.SAME_PICTURE),
        (5, 86_400, Likeness.SAME_PICTURE),
        (6, 86_400, None),
        (10, 60, Likeness.NEAR_DUPLICATE),
        (10, 61, None),
        (11, 60, None),
        (18, 3, Likeness.BURST),
        (18, 4, None),
        (19, 0, None),
    ],
)
def test_what_counts_as_alike(bits: int, seconds: int | None, likeness: Likeness | None) -> None:
    """E4: the nearer in time, the less alike a photo has to be to be set aside."""
    one = a_photo("one", minutes=0, bits=scene(1))
    minutes = None if seconds is None else seconds / 60
    other = a_photo("other", minutes=minutes, bits=a_little_other(scene(1), by=bits))
    aside = select_photos([one, other]).set_aside
    assert [left.likeness for left in aside] == ([likeness] if likeness else [])
    assert [left.upload_id for left in aside] == (["other"] if likeness else [])


def test_a_long_burst_does_not_swallow_what_it_ends_with() -> None:
    """A camera that turns slowly ends on another picture, which is kept."""
    steps = [a_little_other(scene(1), by=number * 6) for number in range(9)]
    photos = [a_photo(f"p{n}", minutes=n / 60, bits=bits) for n, bits in enumerate(steps)]
    kept = [photo for chapter in select_photos(photos).chapters for photo in chapter.photos]
    assert len(kept) >= 2
    for left in select_photos(photos).set_aside:
        best = next(photo for photo in photos if photo.upload_id == left.instead)
        mine = next(photo for photo in photos if photo.upload_id == left.upload_id)
        bits = differing_bits(best, mine)
        assert bits is not None
        assert bits <= 2 * 18 + NEAR_DUPLICATE_BITS


def test_a_long_story_has_shorter_shots() -> None:
    """Fifty photos take no more than three minutes where the music allows it; the plan says so."""
    photos = [a_photo(f"p{number}", minutes=number, bits=scene(number)) for number in range(50)]
    plan = propose_story(
        photos,
        soundtrack=heard(next(track for track in TRACKS if track.grid.beat_frames == 12)),
    )
    assert plan.frames / FPS <= LONGEST_STORY_SECONDS
    assert "long_story" in [reason.because for reason in plan.reasons]


def a_row(count: int, *, chapters: int = 1) -> list[StoryPhoto]:
    """Return photos a minute apart, in chapters with two hours between them."""
    return [
        a_photo(
            f"p{number}", minutes=number + 120 * (number * chapters // count), bits=scene(number)
        )
        for number in range(count)
    ]


@pytest.mark.parametrize(
    ("count", "chapters", "transition", "seconds", "shortened"),
    [
        (44, 1, Transition.CUT, 178, False),
        (45, 1, Transition.CUT, 139, True),
        (46, 1, Transition.CROSS_FADE, 163.5, False),
        (50, 1, Transition.CROSS_FADE, 177.5, False),
        (43, 6, Transition.CUT, 179, False),
        (45, 5, Transition.CUT, 147, True),
        (50, 6, Transition.CROSS_FADE, 139.5, True),
    ],
)
def test_a_story_is_long_by_what_is_really_seen(
    *, count: int, chapters: int, transition: Transition, seconds: float, shortened: bool
) -> None:
    """Shared halves of a second count once, long shots as they are; one reason, and only if so."""
    plan = propose_story(
        a_row(count, chapters=chapters),
        soundtrack=heard(next(track for track in TRACKS if track.grid.beat_frames == 12)),
        transition=transition,
    )
    assert len(plan.chapters) == chapters
    assert plan.frames / FPS == seconds
    long = [reason.text for reason in plan.reasons if reason.because == "long_story"]
    assert long == (
        [f"{count} shots would last over 180 seconds, so they are shorter"] if shortened else []
    )


@settings(max_examples=50)
@given(
    count=st.integers(30, 50),
    chapters=st.integers(1, 6),
    track=st.none() | tracks,
    transition=transitions,
)
def test_shots_are_shorter_only_if_the_film_is_too_long(
    count: int, chapters: int, track: MusicTrack | None, transition: Transition
) -> None:
    """Three minutes are kept where the music allows, and no shot is shortened without need."""
    plan = propose_story(
        a_row(count, chapters=chapters), soundtrack=heard(track), transition=transition
    )
    lengths = list(lengths_on_beat(track.grid, transition)) if track else list(DURATIONS)
    paid = [length for length in lengths if length <= 5] or lengths[:1]
    (usual,) = {
        shot.duration_seconds
        for chapter in plan.chapters
        for shot in chapter.shots[1:]
        if shot is not plan.shots[-1]
    }
    few = len(plan.chapters) + (len(plan.chapters[-1].shots) > 1)
    if usual != paid[0]:
        assert plan.frames / FPS <= LONGEST_STORY_SECONDS
    if "long_story" in [reason.because for reason in plan.reasons]:
        longer = paid[paid.index(usual) + 1]
        assert plan.frames / FPS + (count - few) * (longer - usual) > LONGEST_STORY_SECONDS


def test_where_no_fade_meets_the_beat_shots_are_cut() -> None:
    """At 90 beats a minute half a second of overlap never fits: the plan cuts, and says so."""
    grid = BeatGrid(beat_frames=16)
    assert lengths_on_beat(grid, Transition.CROSS_FADE) == ()
    track = replace(TRACKS[0], grid=grid)
    plan = propose_story(
        [a_photo("one"), a_photo("two")], soundtrack=heard(track), transition=Transition.CROSS_FADE
    )
    assert plan.transition is Transition.CUT
    assert plan.cut_error_frames == 0
    assert [reason.because for reason in plan.reasons][-1] == "no_fade_on_beat"


def test_our_music_meets_every_transition() -> None:
    """M6: each track has lengths for cuts, dips and fades; cards last whole beats, 1 to 10 s."""
    for track in TRACKS:
        for transition in Transition:
            assert lengths_on_beat(track.grid, transition), (track.track_id, transition)
        frames = frames_on_beat(track.grid, near=72)
        assert frames % track.grid.beat_frames == 0
        assert CARD_SECONDS[0] * FPS <= frames <= CARD_SECONDS[-1] * FPS


def test_the_most_frequent_shape_is_the_film_s() -> None:
    """E7: mostly portraits make a tall film, others a wide one; a requested ratio comes first."""
    tall = [a_photo(f"t{number}", size=(3024, 4032), bits=scene(number)) for number in range(3)]
    wide = [a_photo(f"w{number}", bits=scene(8 + number)) for number in range(2)]
    assert propose_story([*tall, *wide]).ratio is Ratio.TALL
    assert propose_story([*tall[:2], *wide]).ratio is Ratio.WIDE
    assert propose_story(tall, ratio=Ratio.SQUARE).ratio is Ratio.SQUARE


@pytest.mark.parametrize("count", [0, 51])
def test_a_story_has_one_to_fifty_photos(count: int) -> None:
    """InvalidRequest names the field."""
    photos = [a_photo(f"p{number}") for number in range(count)]
    with pytest.raises(InvalidRequest) as refused:
        propose_story(photos)
    assert refused.value.field == "upload_ids"


def test_a_photo_cannot_be_there_twice() -> None:
    """InvalidRequest: a plan has each photo once."""
    with pytest.raises(InvalidRequest):
        propose_story([a_photo("one"), a_photo("one")])


def test_a_burst_may_last_longer_than_its_pauses() -> None:
    """E4: ten photos in twenty seconds are one burst, though the last is far from the first."""
    looks = [scene(1), *(scene(1) ^ 0xFFF << 4 * number for number in range(9))]
    photos = [
        a_photo(f"p{number}", minutes=number / 30, bits=look) for number, look in enumerate(looks)
    ]
    assert len(select_photos(photos).set_aside) == 9


def test_music_whose_beats_nobody_knows_gives_a_plan_without_beats() -> None:
    """M6: the film has that music and the usual lengths; nothing is claimed about beats."""
    photos = [a_photo(f"p{number}", minutes=number, bits=scene(number)) for number in range(3)]
    plan = propose_story(photos, soundtrack=Soundtrack(music_track_id="my-own-song", grid=None))
    silent = propose_story(photos)
    body = story_body(plan)
    assert (body["music_track_id"], body["tempo_bpm"], body["beat_frames"]) == (
        "my-own-song",
        None,
        None,
    )
    assert plan.shots == silent.shots
    assert {shot.beat for shot in plan.shots} == {None}
    assert plan.opening == silent.opening
