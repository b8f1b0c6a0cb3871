"""Films are looked after until their end, whatever dies, and go with their project."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest

from dev.fakes.state_machine import Killed, busy
from echoes.application.ports.clips import ExecutionState
from echoes.application.projects.sweep_projects import FILMS
from echoes.domain.assembly.render_plan import RenderPlan
from echoes.domain.clips.clip import Clip
from echoes.domain.error_catalogue import ErrorCode
from echoes.domain.errors import EchoesError, FilmEnded, NotFound, Unavailable
from echoes.domain.films.film import (
    FILM_DEADLINE,
    WORKERS_GONE,
    Film,
    FilmMedia,
    FilmStatus,
    ref,
)
from echoes.domain.films.limits import admit
from echoes.domain.identifiers import FilmId
from echoes.domain.projects.project import DELETED_RETENTION, Edit, Project, delete, edit
from tests.support.factories import an_id
from tests.support.film_world import FilmWorld
from tests.support.generation_world import Blow

MOST_CALLS = 200


@pytest.fixture
def world() -> FilmWorld:
    return FilmWorld()


def never_started(world: FilmWorld) -> Film:
    """Return a film that was stored by a process that died before it started the workflow."""
    project, film_id = world.project(world.clip(), world.clip()), FilmId(an_id())
    world.workflow.unavailable = True
    with pytest.raises(Unavailable):
        world.order(world.owner, project.project_id, film_id)
    world.workflow.unavailable = False
    return world.films.get(world.owner, film_id)


def test_a_film_that_was_never_started_is_started_by_the_sweep(world: FilmWorld) -> None:
    """Two minutes later, once, and it becomes a film like every other."""
    film = never_started(world)
    assert world.sweep(after=timedelta(seconds=100)).seen == 0

    report = world.sweep(after=timedelta(seconds=20))

    assert (report.seen, report.started, report.errors) == (1, 1, [])
    assert world.workflow.started == [ref(film)]
    assert world.sweep(after=timedelta(seconds=60)).seen == 0
    world.carry()
    assert world.now(film).status is FilmStatus.COMPLETED
    assert world.sweep().seen == 0, "what has ended is not looked at again"


def test_a_film_nobody_could_start_for_an_hour_fails(world: FilmWorld) -> None:
    """With the code of every film that came to nothing; it cost nothing."""
    film = never_started(world)
    world.workflow.unavailable = True
    assert world.sweep().errors == ["Unavailable"]
    world.workflow.unavailable = False

    report = world.sweep(after=timedelta(hours=1))

    assert (report.started, report.settled) == (0, 1)
    failed = world.now(film)
    assert (failed.status, failed.error_code) == (FilmStatus.FAILED, ErrorCode.FILM_FAILED)
    assert world.workflow.started == []


def test_films_of_busy_functions_queue(world: FilmWorld) -> None:
    """No function has room for a quarter of an hour: everybody waits, and nobody's film fails."""
    films = [world.ordered(world.project(world.clip(), world.clip())) for _ in "ab"]
    world.tasks = {name: busy(task, calls=20) for name, task in world.tasks.items()}
    began = world.clock.now()

    world.carry()

    assert {world.now(film).status for film in films} == {FilmStatus.COMPLETED}
    assert world.clock.now() - began > timedelta(minutes=15)


@pytest.mark.parametrize("verified", [False, True])
def test_a_film_whose_execution_is_gone_is_ended(world: FilmWorld, *, verified: bool) -> None:
    """The event about it was lost: it fails, unless all that was missing was to say it is done."""
    film = world.ordered()
    if verified:
        world.render_missing(film)
        world.join(ref(film))
    world.workflow.end(ref(film))

    report = world.sweep()

    assert (report.seen, report.settled) == (1, 1)
    ended = world.now(film)
    expected = FilmStatus.COMPLETED if verified else FilmStatus.FAILED
    assert (ended.status, ended.media is not None) == (expected, verified)


def test_a_film_that_runs_is_left_alone_until_it_is_far_too_old(world: FilmWorld) -> None:
    """Looked at every ten minutes; after six hours its execution is stopped, and it fails."""
    film = world.ordered()
    world.plan(ref(film))
    assert world.sweep().settled == 0
    assert world.sweep(after=timedelta(minutes=5)).seen == 0
    assert world.sweep(after=timedelta(minutes=5)).seen == 1
    assert world.workflow.state(ref(film)) is ExecutionState.RUNNING

    report = world.sweep(after=FILM_DEADLINE)

    assert (report.stopped, report.settled) == (1, 1)
    assert world.workflow.state(ref(film)) is ExecutionState.ENDED
    assert world.now(film).error_code is ErrorCode.FILM_FAILED
    with pytest.raises(FilmEnded):
        world.join(ref(film))


def test_the_trouble_of_one_film_keeps_no_other_waiting(world: FilmWorld) -> None:
    """Each is told by its name; the next round tries again."""
    films = [never_started(world), never_started(world)]
    start = world.workflow.start
    failed: list[object] = []

    def fails_once(film: object) -> None:
        if not failed:
            failed.append(film)
            raise Unavailable("throttled")
        start(film)  # type: ignore[arg-type]  # what the sweep gave

    world.workflow.start = fails_once  # type: ignore[method-assign]  # once only
    report = world.sweep()
    assert (report.seen, report.started, report.errors) == (2, 1, ["Unavailable"])
    assert world.sweep().started == 1
    world.carry()
    assert {world.now(film).status for film in films} == {FilmStatus.COMPLETED}


def unreadable(monkeypatch: pytest.MonkeyPatch, store: object, method: str, *bad: object) -> None:
    """Let *store* fail to read what is named in *bad*, as for a word of a newer version."""
    read = getattr(store, method)

    def fails(*asked: object) -> object:
        if set(asked) & set(bad):
            raise ValueError("'of-tomorrow' is not a valid word")
        return read(*asked)

    monkeypatch.setattr(store, method, fails)


def test_a_film_nobody_can_read_keeps_no_other_waiting(
    world: FilmWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a step back to a former version: told by its id; the others become films."""
    first, bad, last = (never_started(world) for _ in "abc")
    unreadable(monkeypatch, world.films, "get", bad.film_id)

    report = world.sweep()

    assert (report.seen, report.started, report.errors) == (3, 2, ["ValueError"])
    assert [error.about for error in report.unexpected] == [bad.film_id]
    world.carry()
    assert {world.now(film).status for film in (first, last)} == {FilmStatus.COMPLETED}


def check(world: FilmWorld, *, balance: int) -> None:
    """Assert what must be true whatever happened: an end, a whole film or none, no credits."""
    for film in world.films.all():
        assert film.ended
        if film.status is FilmStatus.COMPLETED:
            assert film.media is not None
            assert {film.media.key, film.media.poster_key, film.media.preview_key} <= set(
                world.media.files
            )
        else:
            assert film.error_code is not None
    assert world.ledger.account(world.owner).available == balance
    assert not world.ledger.entries(world.owner, before=None, limit=100).entries


def road(world: FilmWorld, project: Project, *, dies: bool, repeats: bool) -> None:
    """Order a film and carry it; with *dies* the execution ends with the first process killed."""
    film_id = FilmId(an_id())
    for _ in range(2 if repeats else 1):
        try:
            world.order(world.owner, project.project_id, film_id)
            break
        except (Killed, EchoesError):
            continue
    world.carry(stop=lambda: dies and world.gate.struck is not None)


@pytest.mark.parametrize("blow", Blow)
@pytest.mark.parametrize("dies", [False, True], ids=["carried on", "execution dies too"])
def test_a_blow_anywhere_leaves_no_film_without_an_end(*, blow: Blow, dies: bool) -> None:
    """AJ3: at every call across a port; nothing is charged, and the next order makes the film."""
    at = 0
    while True:
        world = FilmWorld()
        project = world.project(world.clip(), world.clip(), world.clip())
        world.gate.strike(at, blow)
        road(world, project, dies=dies, repeats=bool(at % 2))
        struck = world.gate.struck
        if struck is None:
            break
        world.gate.lift()
        world.come_to_rest()
        try:
            check(world, balance=0)
            again = world.ordered(project)
            world.carry()
            assert world.now(again).status is FilmStatus.COMPLETED
            if not dies:
                assert all(film.error_code is None for film in world.films.all())
        except AssertionError as error:
            raise AssertionError(f"{blow} at call {at}: {struck}") from error
        at += 1
        assert at < MOST_CALLS
    assert at > 30
    (film,) = world.films.all()
    assert film.status is FilmStatus.COMPLETED


@pytest.mark.parametrize("blow", Blow)
@pytest.mark.parametrize("state", ["never started", "execution gone", "verified", "too old"])
def test_a_blow_to_the_sweep_is_mended_by_the_next_sweep(blow: Blow, state: str) -> None:
    """The sweep may die as well, at any call, and be repeated."""
    for at in range(MOST_CALLS):
        world = FilmWorld()
        film = never_started(world) if state == "never started" else world.ordered()
        if state == "verified":
            world.join(ref(film))
        if state in {"execution gone", "verified"}:
            world.workflow.end(ref(film))
        if state == "too old":
            world.clock.advance(FILM_DEADLINE)
        world.gate.strike(at, blow)
        with suppress(Killed, EchoesError):
            world.sweep()
        struck = world.gate.struck
        world.gate.lift()
        if state == "too old":  # nobody will carry it any further
            world.sweep()
        else:
            world.come_to_rest()
        check(world, balance=0)
        completes = state in {"never started", "verified"}
        expected = FilmStatus.COMPLETED if completes else FilmStatus.FAILED
        assert world.now(film).status is expected, struck
        if struck is None:
            return
    raise AssertionError("the sweep never ends")


def deleted(world: FilmWorld, project: Project) -> None:
    """Delete *project*, and let its retention pass."""
    found = world.clips.projects.get(world.owner, project.project_id)
    world.clips.projects.save(delete(found, at=world.clock.now()))
    world.clock.advance(DELETED_RETENTION)


def left_of(world: FilmWorld, project: Project) -> list[str]:
    return [key for key in world.media.files if f"/projects/{project.project_id}/" in key]


def two_films(world: FilmWorld, project: Project) -> list[Film]:
    """Return two films of *project*, made one after the other, the second by another name."""
    first = world.ordered(project)
    world.carry()
    renamed = edit(project, Edit(title="Winter"), clips={}, at=world.clock.now())
    world.clips.projects.save(renamed)
    second = world.ordered(project)
    world.carry()
    return [first, second]


def test_films_and_segments_go_with_their_project(world: FilmWorld) -> None:
    """PF5: rows and files of all its films, a day after it was deleted; other projects' stay."""
    project, other = (world.project(world.clip(), world.clip()) for _ in "ab")
    films = two_films(world, project)
    kept = world.ordered(other)
    world.carry()
    assert len(left_of(world, project)) == 2 * 3 + 3
    before = left_of(world, other)

    found = world.clips.projects.get(world.owner, project.project_id)
    world.clips.projects.save(delete(found, at=world.clock.now()))
    world.clock.advance(DELETED_RETENTION - timedelta(minutes=1))
    assert world.sweep_projects().erased == 0
    assert left_of(world, project)
    world.clock.advance(timedelta(minutes=1))
    assert world.sweep_projects().erased == 1

    assert not left_of(world, project)
    for film in films:
        with pytest.raises(NotFound):
            world.now(film)
    assert world.films.newest(world.owner, project.project_id) is None
    assert (world.now(kept).status, left_of(world, other)) == (FilmStatus.COMPLETED, before)
    assert world.sweep_projects().erased == 0


def test_a_project_of_very_many_films_goes_in_several_rounds(world: FilmWorld) -> None:
    """Each round takes as many as it can; those of other projects stay."""
    project, other = world.project(world.clip()), world.project(world.clip())
    film, kept = world.ordered(project), world.ordered(other)
    world.carry()
    for _ in range(2 * FILMS):
        further = replace(film, film_id=FilmId(an_id()))
        world.films.add(further, admit(world.films.of_owner(world.owner), further))
        world.settle(ref(further), failure=ErrorCode.FILM_FAILED)
    deleted(world, project)

    reports = [world.sweep_projects() for _ in range(4)]

    assert [report.waiting for report in reports] == [1, 1, 0, 0]
    assert [report.erased for report in reports] == [0, 0, 1, 0]
    assert not left_of(world, project)
    assert world.films.all() == [world.now(kept)]


def test_a_film_that_is_joined_while_its_project_goes_leaves_nothing(world: FilmWorld) -> None:
    """It is ended first, and nothing is erased before whoever works at it must have noticed."""
    project = world.project(world.clip(), world.clip())
    late = world.ordered(project)
    deleted(world, project)
    join = world.plain.join

    def meanwhile(
        film: Film, plan: RenderPlan, *, on_progress: Callable[[float], None]
    ) -> FilmMedia:
        """Erase the project behind the back of a join that was just told that all is well."""
        report = world.sweep_projects()
        assert (report.erased, report.waiting, report.errors) == (0, 1, [])
        on_progress(0.0)  # less than a second ago it was told, so this is not passed on
        return join(film, plan, on_progress=lambda _: None)

    world.plain.join = meanwhile  # type: ignore[method-assign]  # the worst moment
    with pytest.raises(FilmEnded):
        world.join(ref(late))
    assert left_of(world, project), "written after it was ended"
    assert world.now(late).error_code is ErrorCode.FILM_CANCELLED
    world.clock.advance(WORKERS_GONE - timedelta(seconds=1))
    assert world.sweep_projects().waiting == 1
    world.clock.advance(timedelta(seconds=1))

    assert world.sweep_projects().erased == 1
    assert not left_of(world, project)
    with pytest.raises(NotFound):
        world.join(ref(late))
    assert not left_of(world, project)


def with_files(world: FilmWorld) -> Clip:
    """Return a clip whose master and poster are stored."""
    clip = world.clip()
    for name in ("master.mp4", "poster.jpg"):
        world.media.write(f"{clip.media_prefix}{name}", b"a clip", content_type="video/mp4")
    return clip


@pytest.mark.parametrize("blow", Blow)
def test_a_blow_to_the_erasure_is_mended_by_the_next_one(blow: Blow) -> None:
    """PF5: whatever it had done, in the end no row and no file of project, films or clips."""
    for at in range(MOST_CALLS):
        world = FilmWorld()
        clips = [with_files(world) for _ in "ab"]
        project = world.project(*clips)
        two_films(world, project)
        deleted(world, project)
        world.gate.strike(at, blow)
        with suppress(Killed, EchoesError):
            world.sweep_projects()
        struck = world.gate.struck
        world.gate.lift()
        world.sweep_projects()
        assert not world.films.all(), struck
        assert not world.media.files, struck
        for clip in clips:
            with pytest.raises(NotFound):
                world.clips.get(clip.owner_id, clip.clip_id)
        assert not world.clips.projects.due(at=world.clock.now(), limit=1), struck
        if struck is None:
            return
    raise AssertionError("the erasure never ends")


def test_a_project_nobody_can_read_keeps_no_other_waiting(
    world: FilmWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PF5: whether it is its own row or that of a clip; the others go with all of theirs."""
    clips = [with_files(world) for _ in "abcd"]
    projects = [world.project(clip) for clip in clips]
    for project in projects:
        world.clips.projects.save(delete(project, at=world.clock.now()))
    world.clock.advance(DELETED_RETENTION)
    unreadable(monkeypatch, world.clips.projects, "get_deleted", projects[0].project_id)
    unreadable(monkeypatch, world.clips, "get", clips[2].clip_id)

    report = world.sweep_projects()

    bad = [projects[0].project_id, projects[2].project_id]
    assert (report.erased, report.errors) == (2, ["ValueError"] * 2)
    assert [error.about for error in report.unexpected] == bad
    waiting = world.clips.projects.due(at=world.clock.now(), limit=9)
    assert [each.project_id for each in waiting] == bad
    left = {key.split("/clips/")[1].split("/")[0] for key in world.media.files}
    assert left == {clips[0].clip_id, clips[2].clip_id}


def test_projects_are_erased_although_batches_cannot_be_listed(
    world: FilmWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the round says that something was wrong."""
    deleted(world, world.project(world.clip()))

    def fails(**_: object) -> object:
        raise ValueError("unknown index")

    monkeypatch.setattr(world.clips.batches, "due", fails)
    report = world.sweep_projects()
    assert (report.erased, report.errors) == (1, ["ValueError"])
