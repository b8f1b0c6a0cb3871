"""A film's plan: what is copied, what is encoded, and what a change touches."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from echoes.domain.errors import InvalidRequest
from echoes.domain.films import (
    JOINT_FRAMES,
    MAX_FOOTAGE,
    Copy,
    FilmWish,
    Footage,
    ForeignShots,
    Joint,
    RenderPlan,
    Shot,
    TitleCard,
    Track,
    Transition,
    foreign_shots,
    normalised_key,
    plan_film,
)
from echoes.domain.projects import MAX_CLIPS

SIZE = {"width": 1280, "height": 720}


def shot(name: str, frames: int = 120) -> Shot:
    return Shot(handle=name, sha256=f"sha {name}", signature="ours", frames=frames, **SIZE)


def wish(
    footage: tuple[Footage, ...], kind: Transition = Transition.CUT, track: Track | None = None
) -> FilmWish:
    return FilmWish(
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
        sides = (segment,) if isinstance(segment, Copy) else (segment.before, segment.after)
        for side in sides:
            frames += [
                (side.footage.key, place) for place in range(side.first, side.first + side.frames)
            ]
    return frames


def test_hard_cuts_copy_whole_clips() -> None:
    """Nothing is encoded for a film of hard cuts, and its length is that of its clips."""
    plan = plan_film(wish((shot("a"), shot("b", 48), shot("a"))))
    assert [type(segment) for segment in plan.segments] == [Copy] * 3
    assert (plan.joints, plan.cards, plan.frames) == ((), (), 288)
    assert plan.duration_seconds == 12.0


@pytest.mark.parametrize(("kind", "frames"), [(Transition.CROSS_FADE, 360), (Transition.DIP, 384)])
def test_only_half_a_second_beside_a_joint_is_encoded(kind: Transition, frames: int) -> None:
    """A cross-fade shows two clips at once and shortens the film; a dip does not."""
    plan = plan_film(wish((shot("a"), shot("b"), shot("c", 144)), kind))
    assert plan.frames == frames
    assert sum(joint.before.frames + joint.after.frames for joint in plan.joints) == 48


lengths = st.lists(st.integers(1, 260), min_size=1, max_size=MAX_FOOTAGE)


@given(lengths=lengths, data=st.data())
def test_every_frame_is_in_the_film_once(lengths: list[int], data: st.DataObject) -> None:
    """Whatever the clips and transitions: all frames, in order, none in two segments."""
    footage = tuple(shot(str(place), frames) for place, frames in enumerate(lengths))
    kinds = tuple(
        data.draw(st.sampled_from(Transition), label="transition") for _ in range(len(footage) - 1)
    )
    plan = plan_film(replace(wish(footage), transitions=kinds))
    everything = [(item.key, place) for item in footage for place in range(item.frames)]
    assert seen(plan) == everything
    faded = sum(
        JOINT_FRAMES
        for segment in plan.segments
        if isinstance(segment, Joint) and segment.kind is Transition.CROSS_FADE
    )
    assert plan.frames == len(everything) - faded
    cut_short = sum(kind is not Transition.CUT for kind in kinds) - sum(
        isinstance(segment, Joint) for segment in plan.segments
    )
    assert len(plan.reasons) == cut_short
    assert plan == plan_film(replace(wish(footage), transitions=kinds))


def test_a_project_as_large_as_can_be_has_room_for_its_title() -> None:
    """Fifty clips and a title card are a film; the card does not cost a clip."""
    card: Footage = TitleCard(text="Summer", **SIZE)
    clips = tuple(shot(str(place)) for place in range(MAX_CLIPS))
    assert len(plan_film(wish((card, *clips), Transition.DIP)).joints) == MAX_CLIPS


def test_changing_one_of_twenty_clips_touches_two_joints() -> None:
    """A second assembly encodes what stands beside the change: 1 % of the film's frames."""
    clips = [shot(str(place)) for place in range(20)]
    card: Footage = TitleCard(text="Summer", **SIZE)
    before = plan_film(wish((card, *clips), Transition.CROSS_FADE))
    clips[9] = shot("another")
    after = plan_film(wish((card, *clips), Transition.CROSS_FADE))
    known = {item.key for item in (*before.cards, *before.joints)}
    new = [item for item in (*after.cards, *after.joints) if item.key not in known]
    assert len(new) == 2
    work = sum(item.frames for item in (*after.cards, *after.joints))
    assert sum(item.frames for item in new) <= 0.1 * work
    assert after.key != before.key


def test_moving_a_clip_keeps_every_joint_whose_neighbours_stay() -> None:
    """The order is the user's to try: only pairs that never stood together are encoded."""
    clips = [shot(str(place)) for place in range(10)]
    before = plan_film(wish(tuple(clips), Transition.DIP))
    moved = plan_film(wish((*clips[5:], *clips[:5]), Transition.DIP))
    known = {joint.key for joint in before.joints}
    assert sum(joint.key not in known for joint in moved.joints) == 1


def test_a_clip_too_short_for_a_transition_is_cut_and_the_plan_says_so() -> None:
    """No frame can be in two joints, so that a clip of 18 frames gives one side to one."""
    plan = plan_film(wish((shot("a"), shot("b", 18), shot("c")), Transition.CROSS_FADE))
    assert [joint.after.footage for joint in plan.joints] == [shot("b", 18)]
    assert len(plan.reasons) == 1
    assert plan.reasons[0].startswith("2: a clip is too short")


def test_what_reaches_the_bytes_reaches_the_key() -> None:
    """Another text, length, order, kind or fade is another film."""
    a, b = shot("a"), shot("b")
    track = Track(handle="m", sha256="m1")
    card = TitleCard(text="one", **SIZE)
    wishes = [
        wish((a, b)),
        wish((b, a)),
        wish((a, b), Transition.DIP),
        wish((a, b), Transition.CROSS_FADE),
        wish((a, b), track=track),
        wish((a, b), track=replace(track, sha256="m2")),
        replace(wish((a, b), track=track), fade_out_seconds=1.0),
        replace(wish((a, b), track=track), fade_in_seconds=1.0),
        wish((card, a, b)),
        wish((replace(card, text="two"), a, b)),
        wish((replace(card, frames=48), a, b)),
    ]
    assert len({plan_film(one).key for one in wishes}) == len(wishes)
    elsewhere = replace(a, handle="copied")
    assert plan_film(wish((elsewhere, b))).key == plan_film(wish((a, b))).key


def test_clips_of_another_kind_are_named_before_anything_is_made() -> None:
    """9:16 among 16:9, or another encoder's clip, is normalised first, once for a size."""
    tall = replace(shot("tall"), width=720, height=1280)
    other = replace(shot("other"), signature="theirs")
    film = wish((shot("a"), tall, other, tall))
    assert foreign_shots(film) == (tall, other)
    with pytest.raises(ForeignShots) as refused:
        plan_film(film)
    assert refused.value.handles == ("tall", "other")
    assert normalised_key(tall, **SIZE) == normalised_key(replace(tall, handle="x"), **SIZE)
    assert normalised_key(tall, **SIZE) != normalised_key(tall, width=640, height=360)


def test_music_lasts_as_long_as_the_film_and_its_fades_fit() -> None:
    """Fades never meet: each has at most half of the film."""
    track = Track(handle="m", sha256="m")
    film = replace(wish((shot("a", 24),), track=track), fade_in_seconds=3.0, fade_out_seconds=3.0)
    sound = plan_film(film).sound
    assert sound is not None
    assert (sound.frames, sound.fade_in_frames, sound.fade_out_frames) == (24, 12, 12)


@pytest.mark.parametrize(
    "film",
    [
        wish((shot("a"),) * (MAX_FOOTAGE + 1)),
        wish((shot("a", 24 * 20),) * 50),
        wish((shot("a", 0),)),
        replace(wish((shot("a"), shot("b"))), transitions=()),
        replace(wish((shot("a"),)), fade_out_seconds=-1.0),
        replace(wish((shot("a"),)), fade_in_seconds=11.0),
        wish((TitleCard(text=" ", **SIZE),)),
        wish((TitleCard(text="x" * 81, **SIZE),)),
        wish((TitleCard(text="x", frames=5, **SIZE),)),
        wish((TitleCard(text="x", width=64, height=64),)),
        FilmWish(signature="ours", footage=(), transitions=(), **SIZE),
    ],
)
def test_what_no_film_can_be_is_refused(film: FilmWish) -> None:
    """Every number of a wish has a bound, and beyond it nothing is planned."""
    with pytest.raises(InvalidRequest):
        plan_film(film)
