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
from tests.support.clip_harness import Blow
from tests.support.factories import an_id
from tests.support.film_harness import FilmHarness

MOST_CALLS = 200


@pytest.fixture
def harness() -> FilmHarness:
    return FilmHarness()


def never_started(harness: FilmHarness) -> Film:
    """Return a film that was stored by a process that died before it started the workflow."""
    project, film_id = harness.project(harness.clip(), harness.clip()), FilmId(an_id())
    harness.workflow.unavailable = True
    with pytest.raises(Unavailable):
        harness.order(harness.owner, project.project_id, film_id)
    harness.workflow.unavailable = False
    return harness.films.get(harness.owner, film_id)


def test_a_film_that_was_never_started_is_started_by_the_sweep(harness: FilmHarness) -> None:
    """Two minutes later, once, and it becomes a film like every other."""
    film = never_started(harness)
    assert harness.sweep(after=timedelta(seconds=100)).seen == 0

    report = harness.sweep(after=timedelta(seconds=20))

    assert (report.seen, report.started, report.errors) == (1, 1, [])
    assert harness.workflow.started == [ref(film)]
    assert harness.sweep(after=timedelta(seconds=60)).seen == 0
    harness.carry()
    assert harness.now(film).status is FilmStatus.COMPLETED
    assert harness.sweep().seen == 0, "what has ended is not looked at again"


def test_a_film_nobody_could_start_for_an_hour_fails(harness: FilmHarness) -> None:
    """With the code of every film that came to nothing; it cost nothing."""
    film = never_started(harness)
    harness.workflow.unavailable = True
    assert harness.sweep().errors == ["Unavailable"]
    harness.workflow.unavailable = False

    report = harness.sweep(after=timedelta(hours=1))

    assert (report.started, report.settled) == (0, 1)
    failed = harness.now(film)
    assert (failed.status, failed.error_code) == (FilmStatus.FAILED, ErrorCode.FILM_FAILED)
    assert harness.workflow.started == []


def test_films_of_busy_functions_queue(harness: FilmHarness) -> None:
    """No function has room for a quarter of an hour: everybody waits, and nobody's film fails."""
    films = [harness.ordered(harness.project(harness.clip(), harness.clip())) for _ in "ab"]
    harness.tasks = {name: busy(task, calls=20) for name, task in harness.tasks.items()}
    began = harness.clock.now()

    harness.carry()

    assert {harness.now(film).status for film in films} == {FilmStatus.COMPLETED}
    assert harness.clock.now() - began > timedelta(minutes=15)


@pytest.mark.parametrize("verified", [False, True])
def test_a_film_whose_execution_is_gone_is_ended(harness: FilmHarness, *, verified: bool) -> None:
    """The event about it was lost: it fails, unless all that was missing was to say it is done."""
    film = harness.ordered()
    if verified:
        harness.render_missing(film)
        harness.join(ref(film))
    harness.workflow.end(ref(film))

    report = harness.sweep()

    assert (report.seen, report.settled) == (1, 1)
    ended = harness.now(film)
    expected = FilmStatus.COMPLETED if verified else FilmStatus.FAILED
    assert (ended.status, ended.media is not None) == (expected, verified)


def test_a_film_that_runs_is_left_alone_until_it_is_far_too_old(harness: FilmHarness) -> None:
    """Looked at every ten minutes; after six hours its execution is stopped, and it fails."""
    film = harness.ordered()
    harness.plan(ref(film))
    assert harness.sweep().settled == 0
    assert harness.sweep(after=timedelta(minutes=5)).seen == 0
    assert harness.sweep(after=timedelta(minutes=5)).seen == 1
    assert harness.workflow.state(ref(film)) is ExecutionState.RUNNING

    report = harness.sweep(after=FILM_DEADLINE)

    assert (report.stopped, report.settled) == (1, 1)
    assert harness.workflow.state(ref(film)) is ExecutionState.ENDED
    assert harness.now(film).error_code is ErrorCode.FILM_FAILED
    with pytest.raises(FilmEnded):
        harness.join(ref(film))


def test_the_trouble_of_one_film_keeps_no_other_waiting(harness: FilmHarness) -> None:
    """Each is told by its name; the next round tries again."""
    films = [never_started(harness), never_started(harness)]
    start = harness.workflow.start
    failed: list[object] = []

    def fails_once(film: object) -> None:
        if not failed:
            failed.append(film)
            raise Unavailable("throttled")
        start(film)  # type: ignore[arg-type]  # what the sweep gave

    harness.workflow.start = fails_once  # type: ignore[method-assign]  # once only
    report = harness.sweep()
    assert (report.seen, report.started, report.errors) == (2, 1, ["Unavailable"])
    assert harness.sweep().started == 1
    harness.carry()
    assert {harness.now(film).status for film in films} == {FilmStatus.COMPLETED}


def unreadable(monkeypatch: pytest.MonkeyPatch, store: object, method: str, *bad: object) -> None:
    """Let *store* fail to read what is named in *bad*, as for a word of a newer version."""
    read = getattr(store, method)

    def fails(*asked: object) -> object:
        if set(asked) & set(bad):
            raise ValueError("'of-tomorrow' is not a valid word")
        return read(*asked)

    monkeypatch.setattr(store, method, fails)


def test_a_film_nobody_can_read_keeps_no_other_waiting(
    harness: FilmHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a step back to a former version: told by its id; the others become films."""
    first, bad, last = (never_started(harness) for _ in "abc")
    unreadable(monkeypatch, harness.films, "get", bad.film_id)

    report = harness.sweep()

    assert (report.seen, report.started, report.errors) == (3, 2, ["ValueError"])
    assert [error.about for error in report.unexpected] == [bad.film_id]
    harness.carry()
    assert {harness.now(film).status for film in (first, last)} == {FilmStatus.COMPLETED}


def check(harness: FilmHarness, *, balance: int) -> None:
    """Assert what must be true whatever happened: an end, a whole film or none, no credits."""
    for film in harness.films.all():
        assert film.ended
        if film.status is FilmStatus.COMPLETED:
            assert film.media is not None
            assert {film.media.key, film.media.poster_key, film.media.preview_key} <= set(
                harness.media.files
            )
        else:
            assert film.error_code is not None
    assert harness.ledger.account(harness.owner).available == balance
    assert not harness.ledger.entries(harness.owner, before=None, limit=100).entries


def road(harness: FilmHarness, project: Project, *, dies: bool, repeats: bool) -> None:
    """Order a film and carry it; with *dies* the execution ends with the first process killed."""
    film_id = FilmId(an_id())
    for _ in range(2 if repeats else 1):
        try:
            harness.order(harness.owner, project.project_id, film_id)
            break
        except (Killed, EchoesError):
            continue
    harness.carry(stop=lambda: dies and harness.gate.struck is not None)


@pytest.mark.parametrize("blow", Blow)
@pytest.mark.parametrize("dies", [False, True], ids=["carried on", "execution dies too"])
def test_a_blow_anywhere_leaves_no_film_without_an_end(*, blow: Blow, dies: bool) -> None:
    """AJ3: at every call across a port; nothing is charged, and the next order makes the film."""
    at = 0
    while True:
        harness = FilmHarness()
        project = harness.project(harness.clip(), harness.clip(), harness.clip())
        harness.gate.strike(at, blow)
        road(harness, project, dies=dies, repeats=bool(at % 2))
        struck = harness.gate.struck
        if struck is None:
            break
        harness.gate.lift()
        harness.come_to_rest()
        try:
            check(harness, balance=0)
            again = harness.ordered(project)
            harness.carry()
            assert harness.now(again).status is FilmStatus.COMPLETED
            if not dies:
                assert all(film.error_code is None for film in harness.films.all())
        except AssertionError as error:
            raise AssertionError(f"{blow} at call {at}: {struck}") from error
        at += 1
        assert at < MOST_CALLS
    assert at > 30
    (film,) = harness.films.all()
    assert film.status is FilmStatus.COMPLETED


@pytest.mark.parametrize("blow", Blow)
@pytest.mark.parametrize("state", ["never started", "execution gone", "verified", "too old"])
def test_a_blow_to_the_sweep_is_mended_by_the_next_sweep(blow: Blow, state: str) -> None:
    """The sweep may die as well, at any call, and be repeated."""
    for at in range(MOST_CALLS):
        harness = FilmHarness()
        film = never_started(harness) if state == "never started" else harness.ordered()
        if state == "verified":
            harness.join(ref(film))
        if state in {"execution gone", "verified"}:
            harness.workflow.end(ref(film))
        if state == "too old":
            harness.clock.advance(FILM_DEADLINE)
        harness.gate.strike(at, blow)
        with suppress(Killed, EchoesError):
            harness.sweep()
        struck = harness.gate.struck
        harness.gate.lift()
        if state == "too old":  # nobody will carry it any further
            harness.sweep()
        else:
            harness.come_to_rest()
        check(harness, balance=0)
        completes = state in {"never started", "verified"}
        expected = FilmStatus.COMPLETED if completes else FilmStatus.FAILED
        assert harness.now(film).status is expected, struck
        if struck is None:
            return
    raise AssertionError("the sweep never ends")


def deleted(harness: FilmHarness, project: Project) -> None:
    """Delete *project*, and let its retention pass."""
    found = harness.clips.projects.get(harness.owner, project.project_id)
    harness.clips.projects.save(delete(found, at=harness.clock.now()))
    harness.clock.advance(DELETED_RETENTION)


def left_of(harness: FilmHarness, project: Project) -> list[str]:
    return [key for key in harness.media.files if f"/projects/{project.project_id}/" in key]


def two_films(harness: FilmHarness, project: Project) -> list[Film]:
    """Return two films of *project*, made one after the other, the second by another name."""
    first = harness.ordered(project)
    harness.carry()
    renamed = edit(project, Edit(title="Winter"), clips={}, at=harness.clock.now())
    harness.clips.projects.save(renamed)
    second = harness.ordered(project)
    harness.carry()
    return [first, second]


def test_films_and_segments_go_with_their_project(harness: FilmHarness) -> None:
    """PF5: rows and files of all its films, a day after it was deleted; other projects' stay."""
    project, other = (harness.project(harness.clip(), harness.clip()) for _ in "ab")
    films = two_films(harness, project)
    kept = harness.ordered(other)
    harness.carry()
    # Each film has three files. Both share three segments: one joint and the fades at both ends.
    assert len(left_of(harness, project)) == 2 * 3 + 3
    before = left_of(harness, other)

    found = harness.clips.projects.get(harness.owner, project.project_id)
    harness.clips.projects.save(delete(found, at=harness.clock.now()))
    harness.clock.advance(DELETED_RETENTION - timedelta(minutes=1))
    assert harness.sweep_projects().erased == 0
    assert left_of(harness, project)
    harness.clock.advance(timedelta(minutes=1))
    assert harness.sweep_projects().erased == 1

    assert not left_of(harness, project)
    for film in films:
        with pytest.raises(NotFound):
            harness.now(film)
    assert harness.films.newest(harness.owner, project.project_id) is None
    assert (harness.now(kept).status, left_of(harness, other)) == (FilmStatus.COMPLETED, before)
    assert harness.sweep_projects().erased == 0


def test_a_project_of_very_many_films_goes_in_several_rounds(harness: FilmHarness) -> None:
    """Each round takes as many as it can; those of other projects stay."""
    project, other = harness.project(harness.clip()), harness.project(harness.clip())
    film, kept = harness.ordered(project), harness.ordered(other)
    harness.carry()
    for _ in range(2 * FILMS):
        further = replace(film, film_id=FilmId(an_id()))
        harness.films.add(further, admit(harness.films.of_owner(harness.owner), further))
        harness.settle(ref(further), failure=ErrorCode.FILM_FAILED)
    deleted(harness, project)

    reports = [harness.sweep_projects() for _ in range(4)]

    assert [report.waiting for report in reports] == [1, 1, 0, 0]
    assert [report.erased for report in reports] == [0, 0, 1, 0]
    assert not left_of(harness, project)
    assert harness.films.all() == [harness.now(kept)]


def test_a_film_that_is_joined_while_its_project_goes_leaves_nothing(harness: FilmHarness) -> None:
    """It is ended first, and nothing is erased before running steps must have noticed."""
    project = harness.project(harness.clip(), harness.clip())
    late = harness.ordered(project)
    deleted(harness, project)
    join = harness.plain.join

    def meanwhile(
        film: Film, plan: RenderPlan, *, on_progress: Callable[[float], None]
    ) -> FilmMedia:
        """Erase the project behind the back of a join that was just told that all is well."""
        report = harness.sweep_projects()
        assert (report.erased, report.waiting, report.errors) == (0, 1, [])
        on_progress(0.0)  # less than a second ago it was told, so this is not passed on
        return join(film, plan, on_progress=lambda _: None)

    harness.plain.join = meanwhile  # type: ignore[method-assign]  # the worst moment
    with pytest.raises(FilmEnded):
        harness.join(ref(late))
    assert left_of(harness, project), "written after it was ended"
    assert harness.now(late).error_code is ErrorCode.FILM_CANCELLED
    harness.clock.advance(WORKERS_GONE - timedelta(seconds=1))
    assert harness.sweep_projects().waiting == 1
    harness.clock.advance(timedelta(seconds=1))

    assert harness.sweep_projects().erased == 1
    assert not left_of(harness, project)
    with pytest.raises(NotFound):
        harness.join(ref(late))
    assert not left_of(harness, project)


def with_files(harness: FilmHarness) -> Clip:
    """Return a clip whose master and poster are stored."""
    clip = harness.clip()
    for name in ("master.mp4", "poster.jpg"):
        harness.media.write(f"{clip.media_prefix}{name}", b"a clip", content_type="video/mp4")
    return clip


@pytest.mark.parametrize("blow", Blow)
def test_a_blow_to_the_erasure_is_mended_by_the_next_one(blow: Blow) -> None:
    """PF5: whatever it had done, in the end no row and no file of project, films or clips."""
    for at in range(MOST_CALLS):
        harness = FilmHarness()
        clips = [with_files(harness) for _ in "ab"]
        project = harness.project(*clips)
        two_films(harness, project)
        deleted(harness, project)
        harness.gate.strike(at, blow)
        with suppress(Killed, EchoesError):
            harness.sweep_projects()
        struck = harness.gate.struck
        harness.gate.lift()
        harness.sweep_projects()
        assert not harness.films.all(), struck
        assert not harness.media.files, struck
        for clip in clips:
            with pytest.raises(NotFound):
                harness.clips.get(clip.owner_id, clip.clip_id)
        assert not harness.clips.projects.due(at=harness.clock.now(), limit=1), struck
        if struck is None:
            return
    raise AssertionError("the erasure never ends")


def test_a_project_nobody_can_read_keeps_no_other_waiting(
    harness: FilmHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PF5: whether it is its own row or that of a clip; the others go with all of theirs."""
    clips = [with_files(harness) for _ in "abcd"]
    projects = [harness.project(clip) for clip in clips]
    for project in projects:
        harness.clips.projects.save(delete(project, at=harness.clock.now()))
    harness.clock.advance(DELETED_RETENTION)
    unreadable(monkeypatch, harness.clips.projects, "get_deleted", projects[0].project_id)
    unreadable(monkeypatch, harness.clips, "get", clips[2].clip_id)

    report = harness.sweep_projects()

    bad = [projects[0].project_id, projects[2].project_id]
    assert (report.erased, report.errors) == (2, ["ValueError"] * 2)
    assert [error.about for error in report.unexpected] == bad
    waiting = harness.clips.projects.due(at=harness.clock.now(), limit=9)
    assert [each.project_id for each in waiting] == bad
    left = {key.split("/clips/")[1].split("/")[0] for key in harness.media.files}
    assert left == {clips[0].clip_id, clips[2].clip_id}


def test_projects_are_erased_although_batches_cannot_be_listed(
    harness: FilmHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the round says that something was wrong."""
    deleted(harness, harness.project(harness.clip()))

    def fails(**_: object) -> object:
        raise ValueError("unknown index")

    monkeypatch.setattr(harness.clips.batches, "due", fails)
    report = harness.sweep_projects()
    assert (report.erased, report.errors) == (1, ["ValueError"])
