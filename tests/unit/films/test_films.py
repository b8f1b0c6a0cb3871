"""A film from its order to its end, on fakes."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from echoes.application.ports.clips import ClipChange
from echoes.domain.assembly.render_plan import RenderPlan
from echoes.domain.assembly.transitions import Transition
from echoes.domain.clips.attempts import ClipStatus
from echoes.domain.clips.ratios import Ratio
from echoes.domain.error_catalogue import ErrorCode
from echoes.domain.errors import (
    ClipBusy,
    Conflict,
    FilmBusy,
    FilmEnded,
    FilmNotPaid,
    FilmUnsound,
    InvalidRequest,
    NotFound,
    TooManyFilms,
    Unavailable,
)
from echoes.domain.films.film import Film, FilmMedia, FilmStage, FilmStatus, ref
from echoes.domain.films.limits import MAX_UNDER_WAY, ActiveFilms
from echoes.domain.films.specification import spec_of
from echoes.domain.identifiers import FilmId
from echoes.domain.music.uploads import Library
from echoes.domain.projects.project import Edit, Look, Project, ProjectClip, edit
from tests.support.factories import a_clip, an_id, an_owner, ready_music
from tests.support.film_harness import FilmHarness


@pytest.fixture
def harness() -> FilmHarness:
    return FilmHarness()


def assembled(harness: FilmHarness, film: Film) -> Film:
    """Carry a film through every step of its workflow."""
    harness.render_missing(film)
    harness.join(ref(film))
    return harness.settle(ref(film)).film


def test_a_film_goes_from_pending_to_completed_and_never_back(harness: FilmHarness) -> None:
    """Status, stage and progress only ever go on, and the file can be had in the end."""
    film = harness.ordered()
    seen = [film]
    save = harness.films.save

    def watched(film: Film) -> None:
        save(film)
        seen.append(film)

    harness.films.save = watched  # type: ignore[method-assign]  # to see every write
    done = assembled(harness, film)

    assert (done.status, done.stage, done.progress) == (FilmStatus.COMPLETED, FilmStage.DONE, 1.0)
    assert [each.progress for each in seen] == sorted(each.progress for each in seen)
    stages = list(FilmStage)
    assert [stages.index(each.stage) for each in seen] == sorted(
        stages.index(each.stage) for each in seen
    )
    assert harness.workflow.started == [ref(film)]
    url = harness.link(harness.owner, film.film_id).url
    assert "X-Amz-Expires=3600" in url


def test_progress_is_written_at_most_once_a_second_but_for_leaps(harness: FilmHarness) -> None:
    """A film of gigabytes costs a few writes, not thousands."""
    film = harness.ordered()
    harness.plan(ref(film))
    before = harness.now(film).version
    join = harness.plain.join

    def slow(film: Film, plan: RenderPlan, *, on_progress: Callable[[float], None]) -> FilmMedia:
        for step in range(1000):
            on_progress(step / 1000)
        return join(film, plan, on_progress=on_progress)

    harness.plain.join = slow  # type: ignore[method-assign]  # many words
    harness.join(ref(film))
    assert harness.now(film).version - before < 30


def test_what_is_ordered_is_written_down(harness: FilmHarness) -> None:
    """Editing the project afterwards changes the next film, not this one."""
    first, second = harness.clip(), harness.clip()
    look = Look(transition=Transition.DIP, title_card="Us", music_track_id="slow-tide")
    project = harness.project(first, second, look=look)
    film = harness.ordered(project)
    turned = edit(
        project,
        Edit(clip_ids=(second.clip_id, first.clip_id), look=Look()),
        clips={},
        at=harness.clock.now(),
    )
    harness.clips.projects.save(turned)

    kept = harness.now(film)
    assert [clip.clip_id for clip in kept.clips] == [first.clip_id, second.clip_id]
    assert (kept.transition, kept.title_card) == (Transition.DIP, "Us")
    assert [clip.clip_id for clip in harness.ordered(turned).clips] == [
        second.clip_id,
        first.clip_id,
    ]


def test_the_chosen_attempt_is_shown(harness: FilmHarness) -> None:
    """PF5: of several attempts the one that was chosen."""
    clip = harness.clip()
    media = clip.attempt.media
    assert media is not None
    again = replace(clip.attempt, number=2, media=replace(media, master_key="second"), progress=1.0)
    harness.clips.save(ClipChange(clip=replace(clip, attempts=(clip.attempt, again), version=2)))
    newest, chosen = harness.project(clip), harness.project(clip)
    picked = replace(
        chosen, shots=(ProjectClip(clip_id=clip.clip_id, attempt=1),), version=chosen.version + 1
    )
    harness.clips.projects.save(picked)

    assert harness.ordered(newest).clips[0].master_key == "second"
    assert harness.ordered(picked).clips[0].master_key == media.master_key


def test_unpaid_clips_are_named_and_nothing_is_made(harness: FilmHarness) -> None:
    """PF7: 402 says which clips, what they cost and what there is."""
    paid, free = harness.clip(), harness.clip(free=True)
    project = harness.project(paid, free)

    with pytest.raises(FilmNotPaid) as refused:
        harness.ordered(project)

    assert refused.value.clip_ids == (free.clip_id,)
    assert (refused.value.required, refused.value.available) == (1, 0)
    assert refused.value.project_id == project.project_id
    assert harness.workflow.started == []


def test_a_film_whose_clip_is_no_longer_paid_is_not_signed(harness: FilmHarness) -> None:
    """PF7: nothing without a watermark is signed for somebody who has not paid."""
    clip = harness.clip()
    film = assembled(harness, harness.ordered(harness.project(clip)))
    harness.clips.save(ClipChange(clip=replace(clip, free=True, version=2)))

    with pytest.raises(FilmNotPaid):
        harness.link(harness.owner, film.film_id)


def test_only_finished_clips_make_a_film(harness: FilmHarness) -> None:
    """Empty, still being made, could not be made: each has its own answer."""
    running = a_clip(owner_id=harness.owner)
    failed = replace(running, clip_id=a_clip().clip_id)
    broken = replace(failed, attempts=(replace(failed.attempt, status=ClipStatus.FAILED),))
    for clip in (running, broken):
        harness.clips.save(ClipChange(clip=clip))

    with pytest.raises(InvalidRequest):
        harness.ordered(harness.project())
    with pytest.raises(ClipBusy):
        harness.ordered(harness.project(running))
    with pytest.raises(InvalidRequest):
        harness.ordered(harness.project(broken))
    with pytest.raises(InvalidRequest) as refused:
        harness.ordered(harness.project(harness.clip(), look=Look(music_track_id="no-such-music")))
    assert refused.value.field == "music_track_id"


def test_a_film_keeps_the_music_it_was_ordered_with(harness: FilmHarness) -> None:
    """One's own music, written down whole: what is edited or deleted later changes nothing here."""
    piece = ready_music(owner_id=harness.owner)
    harness.library.add(piece, library=Library())
    look = Look(music_track_id=piece.music_id)
    film = harness.ordered(harness.project(harness.clip(), look=look))
    harness.library.remove(piece)

    music = spec_of(harness.now(film), signature="plain").track
    assert music is not None
    assert piece.track is not None
    assert (music.handle, music.profile) == (piece.key_of(piece.track), piece.track.profile)
    with pytest.raises(InvalidRequest):
        harness.ordered(harness.project(harness.clip(), look=look))


def test_the_same_order_makes_one_film(harness: FilmHarness) -> None:
    """V2: and starts its workflow if the first time could not."""
    project, film_id = harness.project(harness.clip()), FilmId(an_id())
    harness.workflow.unavailable = True
    with pytest.raises(Unavailable):
        harness.order(harness.owner, project.project_id, film_id)
    harness.workflow.unavailable = False

    film = harness.order(harness.owner, project.project_id, film_id)

    assert harness.order(harness.owner, project.project_id, film_id) == film
    assert harness.workflow.started == [ref(film)]
    newest = harness.films.newest(harness.owner, project.project_id)
    assert newest == film


def test_two_orders_at_once_both_end_with_a_film(harness: FilmHarness) -> None:
    """DynamoDB refuses one of two transactions on one project: nothing of it was stored."""
    add = harness.films.add
    refused: list[Film] = []

    def crossed(film: Film, active_films: ActiveFilms) -> None:
        if len(refused) < 2:
            refused.append(film)
            raise Conflict("another request changed this first")
        add(film, active_films)

    harness.films.add = crossed  # type: ignore[method-assign]  # to refuse some writes
    film = harness.ordered()

    assert harness.now(film) == film
    assert harness.workflow.started == [ref(film)]


def test_an_order_whose_answer_was_lost_finds_its_own_film(harness: FilmHarness) -> None:
    """V2: written, and refused when the write is repeated: the film is there."""
    add = harness.films.add

    def heard_twice(film: Film, active_films: ActiveFilms) -> None:
        add(film, active_films)
        add(film, active_films)

    harness.films.add = heard_twice  # type: ignore[method-assign]  # to write everything twice
    film = harness.ordered()

    assert harness.films.all() == [film]
    assert harness.workflow.started == [ref(film)]


def test_an_order_that_is_always_refused_gives_up(harness: FilmHarness) -> None:
    """Every repetition has a bound; nothing is stored and nothing starts."""

    def refuse(film: Film, active_films: ActiveFilms) -> None:
        raise Conflict(f"somebody else wrote {film.film_id} to {active_films.version} first")

    harness.films.add = refuse  # type: ignore[method-assign]  # to refuse every write
    with pytest.raises(Conflict):
        harness.ordered()
    assert (harness.films.all(), harness.workflow.started) == ([], [])


def test_an_unchanged_project_has_its_film_made_once(harness: FilmHarness) -> None:
    """While it is made and when it is there, another order is answered with the same film."""
    project = harness.project(harness.clip(), harness.clip(), look=Look(title_card="Us"))
    film = harness.ordered(project)

    assert harness.ordered(project) == film
    done = assembled(harness, film)

    assert harness.ordered(project) == done
    assert harness.films.all() == [done]
    assert harness.workflow.started == [ref(film)]


def test_an_order_of_a_film_that_was_never_started_starts_it(harness: FilmHarness) -> None:
    """Though it comes with another name."""
    project = harness.project(harness.clip())
    harness.workflow.unavailable = True
    with pytest.raises(Unavailable):
        harness.ordered(project)
    harness.workflow.unavailable = False
    (film,) = harness.films.all()

    assert harness.ordered(project) == film
    assert harness.workflow.started == [ref(film)]


@pytest.mark.parametrize("failure", [ErrorCode.FILM_FAILED, ErrorCode.FILM_CANCELLED])
def test_a_film_that_came_to_nothing_is_made_anew(harness: FilmHarness, failure: ErrorCode) -> None:
    """By the next order of the project, though nothing about it changed."""
    project = harness.project(harness.clip())
    film = harness.ordered(project)
    harness.settle(ref(film), failure=failure)

    again = harness.ordered(project)

    assert again.film_id != film.film_id
    assert assembled(harness, again).status is FilmStatus.COMPLETED


def test_a_film_that_was_cancelled_when_it_lay_there_is_made_anew(harness: FilmHarness) -> None:
    """Cancelled between verified and shown: it has a file, and nobody may see it."""
    project = harness.project(harness.clip())
    film = harness.ordered(project)
    harness.join(ref(film))
    assert harness.cancel(harness.owner, film.film_id).media is not None

    assert harness.ordered(project).film_id != film.film_id


def changes() -> dict[str, Callable[[FilmHarness, Project], None]]:
    """Return what people may do that shows in the film, its sound, or the name of its file."""

    def saved(harness: FilmHarness, project: Project, change: Edit) -> None:
        harness.clips.projects.save(edit(project, change, clips={}, at=harness.clock.now()))

    def regenerated(harness: FilmHarness, project: Project) -> None:
        clip = harness.clips.get(harness.owner, project.clip_ids[0])
        media = clip.attempt.media
        assert media is not None
        again = replace(clip.attempt, number=2, media=replace(media, master_key="second"))
        both = (clip.attempt, again)
        harness.clips.save(ClipChange(clip=replace(clip, attempts=both, version=clip.version + 1)))

    return {
        "title": lambda harness, project: saved(harness, project, Edit(title="Winter")),
        "card": lambda harness, project: saved(harness, project, Edit(look=Look(title_card="Us"))),
        "music": lambda harness, project: saved(
            harness, project, Edit(look=Look(music_track_id="slow-tide"))
        ),
        "transition": lambda harness, project: saved(
            harness, project, Edit(look=Look(transition=Transition.CROSS_FADE))
        ),
        "ratio": lambda harness, project: saved(
            harness, project, Edit(look=Look(ratio=Ratio.SQUARE))
        ),
        "order": lambda harness, project: saved(
            harness, project, Edit(clip_ids=project.clip_ids[::-1])
        ),
        "fewer": lambda harness, project: saved(
            harness, project, Edit(clip_ids=project.clip_ids[:1])
        ),
        "regenerated": regenerated,
    }


@pytest.mark.parametrize("change", changes())
@pytest.mark.parametrize("ended", [False, True], ids=["under way", "completed"])
def test_what_shows_in_the_film_makes_another(
    harness: FilmHarness, change: str, *, ended: bool
) -> None:
    """A clip's new attempt as well, of which the project's version knows nothing."""
    project = harness.project(harness.clip(), harness.clip())
    film = harness.ordered(project)
    if ended:
        assembled(harness, film)
    changes()[change](harness, project)

    another = harness.ordered(project)

    assert another.film_id != film.film_id
    assert harness.ordered(project) == another


def test_a_few_films_of_one_owner_are_made_at_once(harness: FilmHarness) -> None:
    """The next is refused and changes nothing, until one has ended; others' are not held up."""
    films = [harness.ordered() for _ in range(MAX_UNDER_WAY)]
    project = harness.project(harness.clip())
    for _ in "ab":
        with pytest.raises(TooManyFilms):
            harness.ordered(project)
    assert len(harness.films.all()) == len(harness.workflow.started) == MAX_UNDER_WAY
    assert harness.films.newest(harness.owner, project.project_id) is None
    other = FilmHarness(films=harness.films, workflow=harness.workflow)
    assert other.ordered() in harness.films.all()

    harness.cancel(harness.owner, films[1].film_id)

    film = harness.ordered(project)
    assert harness.now(film) == film
    with pytest.raises(TooManyFilms):
        harness.ordered()
    for each in (films[0], films[2], film):
        assembled(harness, each)
    for _ in range(MAX_UNDER_WAY):
        harness.ordered()


def test_orders_at_once_are_not_more_than_a_few(harness: FilmHarness) -> None:
    """Each looks at the others before it is written down: what was counted is what is there."""
    projects = [harness.project(harness.clip()) for _ in range(2 * MAX_UNDER_WAY)]
    behind = projects[MAX_UNDER_WAY:]
    add = harness.films.add

    def while_others_order(film: Film, active_films: ActiveFilms) -> None:
        if behind:
            harness.ordered(behind.pop())
        add(film, active_films)

    harness.films.add = while_others_order  # type: ignore[method-assign]  # the worst moment
    refused = 0
    for project in projects[:MAX_UNDER_WAY]:
        try:
            harness.ordered(project)
        except TooManyFilms:
            refused += 1

    assert not behind
    assert refused == MAX_UNDER_WAY
    assert len(harness.films.all()) == MAX_UNDER_WAY


def test_films_that_are_gone_do_not_count(harness: FilmHarness) -> None:
    """Erased with their project, whatever became of them: nothing has to be counted down."""
    for _ in range(MAX_UNDER_WAY):
        film = harness.ordered()
        harness.films.erase(harness.owner, film.project_id, [film])
    for _ in range(MAX_UNDER_WAY):
        harness.ordered()


def test_a_cancelled_film_stops_running_steps(harness: FilmHarness) -> None:
    """Its next word of progress is refused, and it stays cancelled."""
    film = harness.ordered()
    harness.plan(ref(film))
    cancelled = harness.cancel(harness.owner, film.film_id)

    for step in (
        lambda: harness.plan(ref(film)),
        lambda: harness.render(ref(film), ["joint"], total=1),
        lambda: harness.join.report(ref(film), 0.5),
        lambda: harness.join(ref(film)),
    ):
        with pytest.raises(FilmEnded):
            step()
    assert harness.settle(ref(film), failure=ErrorCode.FILM_FAILED).first is False
    assert harness.cancel(harness.owner, film.film_id) == cancelled == harness.now(film)
    assert (cancelled.stage, cancelled.error_code) == (
        FilmStage.CANCELLED,
        ErrorCode.FILM_CANCELLED,
    )


def test_a_crash_at_any_step_goes_on_where_it_stopped(harness: FilmHarness) -> None:
    """What was made is not made again: two joints and the fades at both ends, each once."""
    film = harness.ordered()
    work = harness.plan(ref(film))
    (batch,) = work.batches
    harness.render(ref(film), batch, total=work.total)
    harness.plain.error = RuntimeError("the machine died")
    with pytest.raises(RuntimeError):
        harness.join(ref(film))
    harness.plain.error = None

    assert assembled(harness, film).status is FilmStatus.COMPLETED
    assert len(harness.plain.rendered) == len(set(harness.plain.rendered)) == 4


def test_an_unsound_film_is_shown_to_nobody(harness: FilmHarness) -> None:
    """What was written is not what was planned: failed, without a file."""
    film = harness.ordered()
    harness.plain.error = FilmUnsound("wrong_frame_count")
    with pytest.raises(FilmUnsound):
        harness.join(ref(film))
    with pytest.raises(FilmBusy):
        harness.link(harness.owner, film.film_id)

    settled = harness.settle(ref(film)).film

    assert (settled.status, settled.error_code) == (FilmStatus.FAILED, ErrorCode.FILM_FAILED)
    with pytest.raises(NotFound):
        harness.link(harness.owner, film.film_id)


def test_a_film_is_its_owners_alone(harness: FilmHarness) -> None:
    """SE1: for others it is not there."""
    film = assembled(harness, harness.ordered())
    harness.clock.sleep(timedelta(minutes=1).total_seconds())
    for look in (harness.link, harness.cancel):
        with pytest.raises(NotFound):
            look(an_owner(), film.film_id)
