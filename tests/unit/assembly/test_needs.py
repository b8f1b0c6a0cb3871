"""What a film needs encoded follows from its specification alone: no store, no encoder."""

from dataclasses import replace

import pytest

from echoes.domain.assembly.planning import (
    ForeignMasters,
    Normalised,
    needs_of,
    plan_film,
    plan_needs,
)
from echoes.domain.assembly.render_plan import FilmSpec, Footage, Master, TitleCard
from echoes.domain.assembly.transitions import Transition

WIDTH, HEIGHT = 1280, 720
CARD = TitleCard(text="Summer", width=WIDTH, height=HEIGHT)


def master(name: str, **changes: object) -> Master:
    ours = Master(
        handle=name, sha256=name, signature="ours", frames=120, width=WIDTH, height=HEIGHT
    )
    return replace(ours, **changes)  # type: ignore[arg-type]  # any field


def spec(*footage: Footage, transition: Transition = Transition.CUT) -> FilmSpec:
    return FilmSpec(
        width=WIDTH,
        height=HEIGHT,
        signature="ours",
        footage=footage,
        transitions=(transition,) * (len(footage) - 1),
    )


def test_hard_cuts_between_our_clips_need_nothing() -> None:
    """Every frame is copied."""
    needs = needs_of(spec(master("a"), master("b")))
    assert (needs.keys, needs.total) == ((), 0)
    assert plan_needs(needs, {}) == plan_film(needs.spec)


@pytest.mark.parametrize(
    "changes", [{"width": 720, "height": 1280}, {"signature": "theirs"}], ids=["size", "encoding"]
)
def test_clips_of_another_size_or_encoding_are_needed_first(changes: dict[str, object]) -> None:
    """Once each, also when two photos came back in the same bytes; then the cards."""
    foreign = master("tall", **changes)
    twin = replace(foreign, handle="twin")
    needs = needs_of(spec(CARD, foreign, master("a"), twin, foreign))
    assert len(needs.foreign) == 1
    assert needs.keys == (*needs.foreign, CARD.key)
    assert needs.total == 2


def test_the_total_counts_joints_and_both_ends() -> None:
    """People see the share of all that is encoded, from the first step on."""
    film = spec(CARD, master("a"), master("tall", width=720), transition=Transition.DIP)
    assert needs_of(film).total == 2 + 2 + 2
    assert len(plan_film(spec(CARD, master("a"), transition=Transition.DIP)).encoded) == 1 + 2


def test_a_normalised_clip_takes_the_place_of_the_foreign_one() -> None:
    """Wherever it is seen, with the length it has now, so that the plan fits the file."""
    foreign = master("tall", width=720, frames=130)
    needs = needs_of(spec(foreign, master("a"), replace(foreign, handle="twin")))
    (key,) = needs.foreign
    plan = plan_needs(needs, {key: Normalised(handle="segments/tall", frames=121)})
    assert [each.handle for each in plan.masters] == ["segments/tall", "a"]
    assert plan.masters[0] == master("segments/tall", sha256=key, frames=121)
    assert plan.frames == 121 + 120 + 121


def test_a_foreign_clip_that_was_not_normalised_is_named() -> None:
    """A plan never holds a clip that cannot be joined."""
    with pytest.raises(ForeignMasters) as raised:
        plan_needs(needs_of(spec(master("a"), master("tall", width=720))), {})
    assert raised.value.handles == ("tall",)


def test_a_part_of_a_plan_encodes_some_joints() -> None:
    """One call encodes a few; what it does not know it leaves out."""
    plan = plan_film(spec(*map(master, "abc"), transition=Transition.CROSS_FADE))
    keys = [each.key for each in plan.encoded]
    assert len(keys) == 4
    assert [each.key for each in plan.only([keys[2], keys[1], "unknown"]).segments] == keys[1:3]
    assert plan.only([]).segments == ()
