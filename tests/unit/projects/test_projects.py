"""What may happen to a project: order, removal, choice, and whose edit counts."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from echoes.domain.assembly.transitions import Transition
from echoes.domain.clips.attempts import ClipStatus
from echoes.domain.clips.clip import Clip
from echoes.domain.clips.ratios import Ratio
from echoes.domain.credits.accounts import CreditAccount
from echoes.domain.credits.entries import describe
from echoes.domain.credits.holds import divide, place_holds
from echoes.domain.errors import InvalidRequest, StaleEdit
from echoes.domain.identifiers import BatchId, ClipId, Credits, HoldId, ProjectId
from echoes.domain.projects.batches import rest_hold
from echoes.domain.projects.project import (
    MAX_CLIPS,
    Arrangement,
    Edit,
    Look,
    Project,
    ProjectClip,
    add,
    create,
    delete,
    edit,
    require_version,
    without,
)
from tests.support.factories import NOON, a_clip, an_id, an_owner

LATER = NOON + timedelta(minutes=1)


def a_project(*shots: ProjectClip) -> Project:
    made = create(an_owner(), ProjectId(an_id()), title="Summer", look=Look(), at=NOON)
    return add(made, shots, at=NOON) if shots else made


def shot(name: str, day: int | None = None) -> ProjectClip:
    taken = None if day is None else NOON + timedelta(days=day)
    return ProjectClip(clip_id=ClipId(name), taken_at=taken)


def changed(project: Project, **change: object) -> Project:
    clips = change.pop("clips", {})
    return edit(project, Edit(**change), clips=clips, at=LATER)  # type: ignore[arg-type]


def test_clips_come_in_the_order_in_which_their_photos_were_taken() -> None:
    """By date; those without one follow in the order of adding, also in a second batch."""
    project = a_project(shot("late", 9), shot("nameless"), shot("early", 1))
    project = add(project, [shot("between", 5), shot("other")], at=LATER)
    assert project.clip_ids == ("early", "between", "late", "nameless", "other")
    assert project.order is Arrangement.DATE_TAKEN


def test_a_manual_order_stays_when_clips_are_added() -> None:
    """PF5: new clips come last, by date among themselves; the date decides again when asked to."""
    project = changed(a_project(shot("a", 1), shot("b", 2)), clip_ids=("b", "a"))
    project = add(project, [shot("d", 4), shot("c", 0)], at=LATER)
    assert project.clip_ids == ("b", "a", "c", "d")
    assert project.order is Arrangement.OWN
    assert changed(project, order=Arrangement.DATE_TAKEN).clip_ids == ("c", "a", "b", "d")


def test_a_removed_clip_may_come_back_as_it_was() -> None:
    """Removing is no deleting: date and choice are still known."""
    project = a_project(shot("a", 1), replace(shot("b", 2), attempt=3))
    removed = changed(project, clip_ids=("a",))
    assert removed.clip_ids == ("a",)
    assert removed.all_clip_ids == ("a", "b")
    back = changed(removed, clip_ids=("b", "a"))
    assert back.shots == (project.shots[1], project.shots[0])
    assert not back.removed


@pytest.mark.parametrize(
    "clip_ids", [("a", "a"), ("a", "stranger"), tuple(f"c{n}" for n in range(51))]
)
def test_an_order_names_clips_of_the_project_once(clip_ids: tuple[ClipId, ...]) -> None:
    """Anything else is refused, and names the field."""
    with pytest.raises(InvalidRequest) as refused:
        changed(a_project(shot("a"), shot("b")), clip_ids=clip_ids)
    assert refused.value.field == "clip_ids"


def test_a_project_has_fifty_clips_at_most() -> None:
    """One more is refused."""
    project = a_project(*(shot(f"c{number}") for number in range(MAX_CLIPS)))
    with pytest.raises(InvalidRequest):
        add(project, [shot("one more")], at=LATER)


def finished_clip(project: Project) -> Clip:
    clip = a_clip(owner_id=project.owner_id, project_id=project.project_id)
    done = replace(clip.attempt, status=ClipStatus.COMPLETED)
    failed = replace(clip.attempt, number=2, status=ClipStatus.FAILED)
    return replace(clip, attempts=(done, failed))


def test_only_a_completed_attempt_can_be_chosen() -> None:
    """Between attempts the owner chooses; what failed cannot be shown."""
    project = a_project()
    clip = finished_clip(project)
    project = add(project, [ProjectClip(clip_id=clip.clip_id)], at=NOON)
    clips = {clip.clip_id: clip}
    chosen = changed(project, attempts={clip.clip_id: 1}, clips=clips)
    assert chosen.shots[0].attempt == 1
    assert changed(chosen, attempts={clip.clip_id: None}, clips=clips).shots[0].attempt is None
    for number in (2, 3):
        with pytest.raises(InvalidRequest):
            changed(project, attempts={clip.clip_id: number}, clips=clips)
    with pytest.raises(InvalidRequest):
        changed(project, attempts={ClipId("stranger"): None}, clips=clips)


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("title", {"title": ""}),
        ("title", {"title": "  "}),
        ("title", {"title": "t" * 121}),
        ("title_card", {"look": Look(title_card="t" * 81)}),
        ("title_card", {"look": Look(title_card=" ")}),
        ("music_track_id", {"look": Look(music_track_id="")}),
        ("music_track_id", {"look": Look(music_track_id="m" * 65)}),
    ],
)
def test_texts_have_bounds(field: str, change: dict[str, object]) -> None:
    """Refused with the field's name; one character fewer is fine."""
    with pytest.raises(InvalidRequest) as refused:
        changed(a_project(), **change)
    assert refused.value.field == field
    longest = Look(
        title_card="t" * 80,
        music_track_id="m" * 64,
        ratio=Ratio.TALL,
        transition=Transition.DIP,
    )
    assert changed(a_project(), title="t" * 120, look=longest).look == longest


def test_a_card_shows_only_letters_it_has() -> None:
    """A project may be called anything; words that a card cannot write are refused for the card."""
    project = changed(a_project(), title="夏休み")
    with pytest.raises(InvalidRequest, match="夏, 休, み") as refused:
        changed(project, look=Look(title_card="夏休み"))
    assert refused.value.field == "title_card"
    with pytest.raises(InvalidRequest, match="夏"):
        create(an_owner(), ProjectId(an_id()), title="x", look=Look(title_card="夏"), at=NOON)
    assert changed(project, look=Look(title_card="Été 1987 🏖️")).title == "夏休み"


def test_a_card_from_before_its_letters_were_checked_is_in_nobodys_way() -> None:
    """Everything else can still be changed, and the card as well."""
    old = replace(a_project(), look=Look(title_card="夏休み"))
    tall = changed(old, look=replace(old.look, ratio=Ratio.TALL))
    assert tall.look == Look(title_card="夏休み", ratio=Ratio.TALL)
    assert changed(tall, look=Look(title_card="Summer")).look.title_card == "Summer"


def test_an_edit_that_changes_nothing_is_no_new_version() -> None:
    """Saving twice makes no other edit stale."""
    project = a_project(shot("a", 1))
    assert changed(project, title="Summer", clip_ids=("a",), look=Look()) is project
    assert changed(project, title="Autumn").version == project.version + 1


def test_an_edit_of_another_version_is_stale() -> None:
    """An edit needs the current version, or says that any version is fine."""
    project = a_project()
    require_version(project, {project.version})
    require_version(project, None)
    for versions in (set[int](), {project.version + 1}):
        with pytest.raises(StaleEdit):
            require_version(project, versions)


def test_a_deleted_project_is_kept_for_a_day() -> None:
    """PF5: after that its clips and their bytes go."""
    gone = delete(a_project(), at=NOON)
    assert gone.erase_at == NOON + timedelta(days=1)
    assert a_project().erase_at is None


def test_what_is_said_of_a_batchs_rest_is_not_that_a_clip_failed() -> None:
    """CR7: the credits are passed on; it does not say that a clip failed."""
    rest = rest_hold(BatchId(an_id()))
    start = CreditAccount(owner_id=an_owner(), available=Credits(2))
    (held,) = place_holds(start, {rest: Credits(2)}, expires_at=LATER, at=NOON)
    assert held.hold is not None
    parts = {HoldId("a-1"): Credits(1), HoldId("b-1"): Credits(1)}
    divided = divide(held.after, held.hold, parts, expires_at=LATER, at=LATER)
    assert [describe(posting.entry) for posting in (held, *divided)] == [
        "Reserved for the other clips of your order",
        "Moved to the other clips of your order",
        "Reserved for a clip",
        "Reserved for a clip",
    ]


@given(st.lists(st.none() | st.integers(0, 400), max_size=MAX_CLIPS), st.randoms())
def test_no_clip_is_ever_lost_or_doubled(days: list[int | None], chance: object) -> None:
    """After adding, arranging, removing and adding back, each clip is there once."""
    project = a_project()
    for number, day in enumerate(days):
        project = add(project, [shot(f"c{number}", day)] * 2, at=NOON)
    names = {f"c{number}" for number in range(len(days))}
    assert set(project.clip_ids) == names
    assert len(project.clip_ids) == len(names)
    kept = [name for name in project.clip_ids if chance.random() < 0.5]  # type: ignore[attr-defined]
    chance.shuffle(kept)  # type: ignore[attr-defined]
    edited = changed(project, clip_ids=tuple(kept))
    assert list(edited.clip_ids) == kept
    assert sorted(edited.all_clip_ids) == sorted(names)
    for name in names:
        edited = without(edited, ClipId(name), at=LATER)
    assert edited.all_clip_ids == ()


def test_an_order_may_say_that_its_clips_come_as_they_are_listed() -> None:
    """PF5, E1: the order of a plan is kept; from then on the project has its own arrangement."""
    listed = [shot("dinner", 9), shot("nameless"), shot("breakfast", 1)]
    project = add(a_project(), listed, at=LATER, order=Arrangement.OWN)
    assert project.clip_ids == ("dinner", "nameless", "breakfast")
    assert project.order is Arrangement.OWN
    later = add(a_project(shot("z", 5), shot("a", 3)), listed, at=LATER, order=Arrangement.OWN)
    assert later.clip_ids == ("a", "z", "dinner", "nameless", "breakfast")
    back = add(later, [shot("lunch", 4)], at=LATER, order=Arrangement.DATE_TAKEN)
    assert back.clip_ids == ("breakfast", "a", "lunch", "z", "dinner", "nameless")
    assert back.order is Arrangement.DATE_TAKEN
