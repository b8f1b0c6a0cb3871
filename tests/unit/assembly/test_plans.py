"""A film's plan: what is copied, what is encoded, and what a change touches."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from echoes.domain.assembly.planning import MAX_FOOTAGE, ForeignMasters, foreign_masters, plan_film
from echoes.domain.assembly.render_plan import (
    JOINT_FRAMES,
    Copy,
    Direction,
    Fade,
    FilmSpec,
    Footage,
    Joint,
    Master,
    RenderPlan,
    TitleCard,
    Track,
    normalised_key,
    pieces_of,
)
from echoes.domain.assembly.transitions import Transition
from echoes.domain.errors import InvalidRequest
from echoes.domain.projects.project import MAX_CLIPS

SIZE = {"width": 1280, "height": 720}


def master(name: str, frames: int = 120) -> Master:
    return Master(handle=name, sha256=f"sha {name}", signature="ours", frames=frames, **SIZE)


def spec(
    footage: tuple[Footage, ...], kind: Transition = Transition.CUT, track: Track | None = None
) -> FilmSpec:
    return FilmSpec(
        signature="ours",
        footage=footage,
        transitions=(kind,) * (len(footage) - 1),
        track=track,
        **SIZE,
    )


def seen(plan: RenderPlan) -> list[tuple[str, int]]:
    """Every frame of every piece of footage, in the order in which it is first needed."""
    frames = []
    for segment in plan.segments:
        for side in pieces_of(segment):
            frames += [
                (side.footage.key, place) for place in range(side.first, side.first + side.frames)
            ]
    return frames


def test_hard_cuts_copy_whole_clips() -> None:
    """Nothing is encoded for a film of hard cuts, and its length is that of its clips."""
    plan = plan_film(spec((master("a"), master("b", 48), master("a"))))
    assert [type(segment) for segment in plan.segments] == [Copy] * 3
    assert (plan.encoded, plan.cards, plan.frames) == ((), (), 288)
    assert plan.duration_seconds == 12.0


@pytest.mark.parametrize(("kind", "frames"), [(Transition.CROSS_FADE, 360), (Transition.DIP, 384)])
def test_only_half_a_second_beside_a_joint_is_encoded(kind: Transition, frames: int) -> None:
    """A cross-fade shows two clips at once and shortens the film; dips and fades do not."""
    plan = plan_film(spec((master("a"), master("b"), master("c", 144)), kind))
    assert plan.frames == frames
    pieces = [piece.frames for item in plan.encoded for piece in pieces_of(item)]
    assert pieces == [12] * 6


lengths = st.lists(st.integers(1, 260), min_size=1, max_size=MAX_FOOTAGE)


@given(lengths=lengths, data=st.data())
def test_every_frame_is_in_the_film_once(lengths: list[int], data: st.DataObject) -> None:
    """Whatever the clips and transitions: all frames, in order, none in two segments."""
    footage = tuple(master(str(place), frames) for place, frames in enumerate(lengths))
    kinds = tuple(
        data.draw(st.sampled_from(Transition), label="transition") for _ in range(len(footage) - 1)
    )
    plan = plan_film(replace(spec(footage), transitions=kinds))
    everything = [(item.key, place) for item in footage for place in range(item.frames)]
    assert seen(plan) == everything
    faded = sum(
        JOINT_FRAMES
        for segment in plan.segments
        if isinstance(segment, Joint) and segment.kind is Transition.CROSS_FADE
    )
    assert plan.frames == len(everything) - faded
    wanted = sum(kind is not Transition.CUT for kind in kinds)
    ends = 2 if wanted else 0
    made = sum(not isinstance(segment, Copy) for segment in plan.segments)
    assert len(plan.reasons) == wanted + ends - made
    assert plan == plan_film(replace(spec(footage), transitions=kinds))


def test_a_project_as_large_as_can_be_has_room_for_its_title() -> None:
    """Fifty clips and a title card are a film; the card does not cost a clip."""
    card: Footage = TitleCard(text="Summer", **SIZE)
    clips = tuple(master(str(place)) for place in range(MAX_CLIPS))
    assert len(plan_film(spec((card, *clips), Transition.DIP)).encoded) == MAX_CLIPS + 2


def test_changing_one_of_twenty_clips_touches_two_joints() -> None:
    """A second assembly encodes what stands beside the change: 2 of 21 pieces, below a tenth."""
    clips = [master(str(place)) for place in range(20)]
    before = plan_film(spec(tuple(clips), Transition.CROSS_FADE))
    clips[9] = master("another")
    after = plan_film(spec(tuple(clips), Transition.CROSS_FADE))
    known = {item.key for item in before.encoded}
    new = [item for item in after.encoded if item.key not in known]
    assert (len(new), len(after.encoded)) == (2, 21)
    work = sum(item.frames for item in after.encoded)
    assert sum(item.frames for item in new) <= 0.1 * work
    assert after.key != before.key


def test_moving_a_clip_keeps_every_joint_whose_neighbours_stay() -> None:
    """The order is the user's to try: only pairs that never stood together, and new ends."""
    clips = [master(str(place)) for place in range(10)]
    before = plan_film(spec(tuple(clips), Transition.DIP))
    moved = plan_film(spec((*clips[5:], *clips[:5]), Transition.DIP))
    known = {item.key for item in before.encoded}
    new = [type(item) for item in moved.encoded if item.key not in known]
    assert new == [Fade, Joint, Fade]


def test_a_clip_too_short_for_a_transition_is_cut_and_the_plan_says_so() -> None:
    """No frame can be in two joints, so that a clip of 18 frames gives one side to one."""
    plan = plan_film(spec((master("a"), master("b", 18), master("c")), Transition.CROSS_FADE))
    joints = [item for item in plan.encoded if isinstance(item, Joint)]
    assert [joint.after.footage for joint in joints] == [master("b", 18)]
    assert len(plan.reasons) == 1
    assert plan.reasons[0].startswith("2: a clip is too short")


def test_a_film_of_joints_rises_out_of_black_and_sinks_into_it() -> None:
    """Half a second at either end, of the length that the film has anyway; hard cuts stay."""
    clips = (master("a"), master("b"))
    for kind in (Transition.CROSS_FADE, Transition.DIP):
        first, *_, last = plan_film(spec(clips, kind)).segments
        assert first == Fade(
            direction=Direction.UP, piece=Copy(footage=clips[0], first=0, frames=12)
        )
        assert last == Fade(
            direction=Direction.DOWN, piece=Copy(footage=clips[1], first=108, frames=12)
        )
        assert first.key != last.key
    assert plan_film(spec(clips)).encoded == ()
    assert plan_film(spec(clips[:1])).encoded == ()


def test_a_clip_too_short_for_a_fade_stays_as_it_is() -> None:
    """The transition goes first; what is left is less than half a second, and the plan says so."""
    plan = plan_film(spec((master("a", 23), master("b", 24)), Transition.CROSS_FADE))
    assert [type(segment) for segment in plan.segments] == [Copy, Joint, Fade]
    assert plan.reasons == ("a clip is too short to begin the film with black",)
    assert plan.frames == 35
    alone = plan_film(spec((master("a", 5), master("b", 6)), Transition.DIP))
    assert alone.encoded == ()
    assert len(alone.reasons) == 3


def test_what_reaches_the_bytes_reaches_the_key() -> None:
    """Another text, length, order, kind or fade is another film."""
    a, b = master("a"), master("b")
    track = Track(handle="m", sha256="m1")
    card = TitleCard(text="one", **SIZE)
    specs = [
        spec((a, b)),
        spec((b, a)),
        spec((a, b), Transition.DIP),
        spec((a, b), Transition.CROSS_FADE),
        spec((a, b), track=track),
        spec((a, b), track=replace(track, sha256="m2")),
        replace(spec((a, b), track=track), fade_out_seconds=1.0),
        replace(spec((a, b), track=track), fade_in_seconds=1.0),
        spec((card, a, b)),
        spec((replace(card, text="two"), a, b)),
        spec((replace(card, frames=48), a, b)),
    ]
    assert len({plan_film(each).key for each in specs}) == len(specs)
    elsewhere = replace(a, handle="copied")
    assert plan_film(spec((elsewhere, b))).key == plan_film(spec((a, b))).key


def test_clips_of_another_kind_are_named_before_anything_is_made() -> None:
    """9:16 among 16:9, or another encoder's clip, is normalised first, once for a size."""
    tall = replace(master("tall"), width=720, height=1280)
    other = replace(master("other"), signature="theirs")
    film = spec((master("a"), tall, other, tall))
    assert foreign_masters(film) == (tall, other)
    with pytest.raises(ForeignMasters) as refused:
        plan_film(film)
    assert refused.value.handles == ("tall", "other")
    assert normalised_key(tall, **SIZE) == normalised_key(replace(tall, handle="x"), **SIZE)
    assert normalised_key(tall, **SIZE) != normalised_key(tall, width=640, height=360)


def test_music_lasts_as_long_as_the_film_and_its_fades_fit() -> None:
    """Fades never meet: each has at most half of the film."""
    track = Track(handle="m", sha256="m")
    film = replace(spec((master("a", 24),), track=track), fade_in_seconds=3.0, fade_out_seconds=3.0)
    sound = plan_film(film).sound
    assert sound is not None
    assert (sound.frames, sound.fade_in_frames, sound.fade_out_frames) == (24, 12, 12)


@pytest.mark.parametrize(
    "film",
    [
        spec((master("a"),) * (MAX_FOOTAGE + 1)),
        spec((master("a", 24 * 20),) * 50),
        spec((master("a", 0),)),
        replace(spec((master("a"), master("b"))), transitions=()),
        replace(spec((master("a"),)), fade_out_seconds=-1.0),
        replace(spec((master("a"),)), fade_in_seconds=11.0),
        spec((TitleCard(text=" ", **SIZE),)),
        spec((TitleCard(text="x" * 81, **SIZE),)),
        spec((TitleCard(text="x", frames=5, **SIZE),)),
        spec((TitleCard(text="x", width=64, height=64),)),
        replace(spec((master("a"),)), footage=()),
    ],
)
def test_what_no_film_can_be_is_refused(film: FilmSpec) -> None:
    """Every number of a film has a bound, and beyond it nothing is planned."""
    with pytest.raises(InvalidRequest):
        plan_film(film)
