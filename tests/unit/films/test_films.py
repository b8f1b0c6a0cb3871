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
from tests.support.film_world import FilmWorld


@pytest.fixture
def world() -> FilmWorld:
    return FilmWorld()


def assembled(world: FilmWorld, film: Film) -> Film:
    """Carry a film through every step of its workflow."""
    world.render_missing(film)
    world.join(ref(film))
    return world.settle(ref(film)).film


def test_a_film_goes_from_pending_to_completed_and_never_back(world: FilmWorld) -> None:
    """Status, stage and progress only ever go on, and the file can be had in the end."""
    film = world.ordered()
    seen = [film]
    save = world.films.save

    def watched(film: Film) -> None:
        save(film)
        seen.append(film)

    world.films.save = watched  # type: ignore[method-assign]  # to see every write
    done = assembled(world, film)

    assert (done.status, done.stage, done.progress) == (FilmStatus.COMPLETED, FilmStage.DONE, 1.0)
    assert [each.progress for each in seen] == sorted(each.progress for each in seen)
    stages = list(FilmStage)
    assert [stages.index(each.stage) for each in seen] == sorted(
        stages.index(each.stage) for each in seen
    )
    assert world.workflow.started == [ref(film)]
    url = world.link(world.owner, film.film_id).url
    assert "X-Amz-Expires=3600" in url


def test_progress_is_written_at_most_once_a_second_but_for_leaps(world: FilmWorld) -> None:
    """A film of gigabytes costs a few writes, not thousands."""
    film = world.ordered()
    world.plan(ref(film))
    before = world.now(film).version
    join = world.plain.join

    def slow(film: Film, plan: RenderPlan, *, on_progress: Callable[[float], None]) -> FilmMedia:
        for step in range(1000):
            on_progress(step / 1000)
        return join(film, plan, on_progress=on_progress)

    world.plain.join = slow  # type: ignore[method-assign]  # many words
    world.join(ref(film))
    assert world.now(film).version - before < 30


def test_what_is_ordered_is_written_down(world: FilmWorld) -> None:
    """Editing the project afterwards changes the next film, not this one."""
    first, second = world.clip(), world.clip()
    look = Look(transition=Transition.DIP, title_card="Us", music_track_id="slow-tide")
    project = world.project(first, second, look=look)
    film = world.ordered(project)
    turned = edit(
        project,
        Edit(clip_ids=(second.clip_id, first.clip_id), look=Look()),
        clips={},
        at=world.clock.now(),
    )
    world.clips.projects.save(turned)

    kept = world.now(film)
    assert [clip.clip_id for clip in kept.clips] == [first.clip_id, second.clip_id]
    assert (kept.transition, kept.title_card) == (Transition.DIP, "Us")
    assert [clip.clip_id for clip in world.ordered(turned).clips] == [
        second.clip_id,
        first.clip_id,
    ]


def test_the_chosen_attempt_is_shown(world: FilmWorld) -> None:
    """PF5: of several attempts the one that was chosen."""
    clip = world.clip()
    media = clip.attempt.media
    assert media is not None
    again = replace(clip.attempt, number=2, media=replace(media, master_key="second"), progress=1.0)
    world.clips.save(ClipChange(clip=replace(clip, attempts=(clip.attempt, again), version=2)))
    newest, chosen = world.project(clip), world.project(clip)
    picked = replace(
        chosen, shots=(ProjectClip(clip_id=clip.clip_id, attempt=1),), version=chosen.version + 1
    )
    world.clips.projects.save(picked)

    assert world.ordered(newest).clips[0].master_key == "second"
    assert world.ordered(picked).clips[0].master_key == media.master_key


def test_unpaid_clips_are_named_and_nothing_is_made(world: FilmWorld) -> None:
    """PF7: 402 says which clips, what they cost and what there is."""
    paid, free = world.clip(), world.clip(free=True)
    project = world.project(paid, free)

    with pytest.raises(FilmNotPaid) as refused:
        world.ordered(project)

    assert refused.value.clip_ids == (free.clip_id,)
    assert (refused.value.required, refused.value.available) == (1, 0)
    assert refused.value.project_id == project.project_id
    assert world.workflow.started == []


def test_a_film_whose_clip_is_no_longer_paid_is_not_signed(world: FilmWorld) -> None:
    """PF7: nothing without a watermark is signed for somebody who has not paid."""
    clip = world.clip()
    film = assembled(world, world.ordered(world.project(clip)))
    world.clips.save(ClipChange(clip=replace(clip, free=True, version=2)))

    with pytest.raises(FilmNotPaid):
        world.link(world.owner, film.film_id)


def test_only_finished_clips_make_a_film(world: FilmWorld) -> None:
    """Empty, still being made, could not be made: each has its own answer."""
    running = a_clip(owner_id=world.owner)
    failed = replace(running, clip_id=a_clip().clip_id)
    broken = replace(failed, attempts=(replace(failed.attempt, status=ClipStatus.FAILED),))
    for clip in (running, broken):
        world.clips.save(ClipChange(clip=clip))

    with pytest.raises(InvalidRequest):
        world.ordered(world.project())
    with pytest.raises(ClipBusy):
        world.ordered(world.project(running))
    with pytest.raises(InvalidRequest):
        world.ordered(world.project(broken))
    with pytest.raises(InvalidRequest) as refused:
        world.ordered(world.project(world.clip(), look=Look(music_track_id="no-such-music")))
    assert refused.value.field == "music_track_id"


def test_a_film_keeps_the_music_it_was_ordered_with(world: FilmWorld) -> None:
    """One's own music, written down whole: what is edited or deleted later changes nothing here."""
    piece = ready_music(owner_id=world.owner)
    world.library.add(piece, library=Library())
    look = Look(music_track_id=piece.music_id)
    film = world.ordered(world.project(world.clip(), look=look))
    world.library.remove(piece)

    music = spec_of(world.now(film), signature="plain").track
    assert music is not None
    assert piece.track is not None
    assert (music.handle, music.profile) == (piece.key_of(piece.track), piece.track.profile)
    with pytest.raises(InvalidRequest):
        world.ordered(world.project(world.clip(), look=look))


def test_the_same_order_makes_one_film(world: FilmWorld) -> None:
    """V2: and starts its workflow if the first time could not."""
    project, film_id = world.project(world.clip()), FilmId(an_id())
    world.workflow.unavailable = True
    with pytest.raises(Unavailable):
        world.order(world.owner, project.project_id, film_id)
    world.workflow.unavailable = False

    film = world.order(world.owner, project.project_id, film_id)

    assert world.order(world.owner, project.project_id, film_id) == film
    assert world.workflow.started == [ref(film)]
    newest = world.films.newest(world.owner, project.project_id)
    assert newest == film


def test_two_orders_at_once_both_end_with_a_film(world: FilmWorld) -> None:
    """DynamoDB refuses one of two transactions on one project: nothing of it was stored."""
    add = world.films.add
    refused: list[Film] = []

    def crossed(film: Film, active_films: ActiveFilms) -> None:
        if len(refused) < 2:
            refused.append(film)
            raise Conflict("another request changed this first")
        add(film, active_films)

    world.films.add = crossed  # type: ignore[method-assign]  # to refuse some writes
    film = world.ordered()

    assert world.now(film) == film
    assert world.workflow.started == [ref(film)]


def test_an_order_whose_answer_was_lost_finds_its_own_film(world: FilmWorld) -> None:
    """V2: written, and refused when the write is repeated: the film is there."""
    add = world.films.add

    def heard_twice(film: Film, active_films: ActiveFilms) -> None:
        add(film, active_films)
        add(film, active_films)

    world.films.add = heard_twice  # type: ignore[method-assign]  # to write everything twice
    film = world.ordered()

    assert world.films.all() == [film]
    assert world.workflow.started == [ref(film)]


def test_an_order_that_is_always_refused_gives_up(world: FilmWorld) -> None:
    """Every repetition has a bound; nothing is stored and nothing starts."""

    def refuse(film: Film, active_films: ActiveFilms) -> None:
        raise Conflict(f"somebody else wrote {film.film_id} to {active_films.version} first")

    world.films.add = refuse  # type: ignore[method-assign]  # to refuse every write
    with pytest.raises(Conflict):
        world.ordered()
    assert (world.films.all(), world.workflow.started) == ([], [])


def test_an_unchanged_project_has_its_film_made_once(world: FilmWorld) -> None:
    """While it is made and when it is there, another order is answered with the same film."""
    project = world.project(world.clip(), world.clip(), look=Look(title_card="Us"))
    film = world.ordered(project)

    assert world.ordered(project) == film
    done = assembled(world, film)

    assert world.ordered(project) == done
    assert world.films.all() == [done]
    assert world.workflow.started == [ref(film)]


def test_an_order_of_a_film_that_was_never_started_starts_it(world: FilmWorld) -> None:
    """Though it comes with another name."""
    project = world.project(world.clip())
    world.workflow.unavailable = True
    with pytest.raises(Unavailable):
        world.ordered(project)
    world.workflow.unavailable = False
    (film,) = world.films.all()

    assert world.ordered(project) == film
    assert world.workflow.started == [ref(film)]


@pytest.mark.parametrize("failure", [ErrorCode.FILM_FAILED, ErrorCode.FILM_CANCELLED])
def test_a_film_that_came_to_nothing_is_made_anew(world: FilmWorld, failure: ErrorCode) -> None:
    """By the next order of the project, though nothing about it changed."""
    project = world.project(world.clip())
    film = world.ordered(project)
    world.settle(ref(film), failure=failure)

    again = world.ordered(project)

    assert again.film_id != film.film_id
    assert assembled(world, again).status is FilmStatus.COMPLETED


def test_a_film_that_was_cancelled_when_it_lay_there_is_made_anew(world: FilmWorld) -> None:
    """Cancelled between verified and shown: it has a file, and nobody may see it."""
    project = world.project(world.clip())
    film = world.ordered(project)
    world.join(ref(film))
    assert world.cancel(world.owner, film.film_id).media is not None

    assert world.ordered(project).film_id != film.film_id


def changes() -> dict[str, Callable[[FilmWorld, Project], None]]:
    """Return what people may do that shows in the film, its sound, or the name of its file."""

    def saved(world: FilmWorld, project: Project, change: Edit) -> None:
        world.clips.projects.save(edit(project, change, clips={}, at=world.clock.now()))

    def regenerated(world: FilmWorld, project: Project) -> None:
        clip = world.clips.get(world.owner, project.clip_ids[0])
        media = clip.attempt.media
        assert media is not None
        again = replace(clip.attempt, number=2, media=replace(media, master_key="second"))
        both = (clip.attempt, again)
        world.clips.save(ClipChange(clip=replace(clip, attempts=both, version=clip.version + 1)))

    return {
        "title": lambda world, project: saved(world, project, Edit(title="Winter")),
        "card": lambda world, project: saved(world, project, Edit(look=Look(title_card="Us"))),
        "music": lambda world, project: saved(
            world, project, Edit(look=Look(music_track_id="slow-tide"))
        ),
        "transition": lambda world, project: saved(
            world, project, Edit(look=Look(transition=Transition.CROSS_FADE))
        ),
        "ratio": lambda world, project: saved(world, project, Edit(look=Look(ratio=Ratio.SQUARE))),
        "order": lambda world, project: saved(
            world, project, Edit(clip_ids=project.clip_ids[::-1])
        ),
        "fewer": lambda world, project: saved(world, project, Edit(clip_ids=project.clip_ids[:1])),
        "regenerated": regenerated,
    }


@pytest.mark.parametrize("change", changes())
@pytest.mark.parametrize("ended", [False, True], ids=["under way", "completed"])
def test_what_shows_in_the_film_makes_another(
    world: FilmWorld, change: str, *, ended: bool
) -> None:
    """A clip's new attempt as well, of which the project's version knows nothing."""
    project = world.project(world.clip(), world.clip())
    film = world.ordered(project)
    if ended:
        assembled(world, film)
    changes()[change](world, project)

    another = world.ordered(project)

    assert another.film_id != film.film_id
    assert world.ordered(project) == another


def test_a_few_films_of_one_owner_are_made_at_once(world: FilmWorld) -> None:
    """The next is refused and changes nothing, until one has ended; others' are not held up."""
    films = [world.ordered() for _ in range(MAX_UNDER_WAY)]
    project = world.project(world.clip())
    for _ in "ab":
        with pytest.raises(TooManyFilms):
            world.ordered(project)
    assert len(world.films.all()) == len(world.workflow.started) == MAX_UNDER_WAY
    assert world.films.newest(world.owner, project.project_id) is None
    other = FilmWorld(films=world.films, workflow=world.workflow)
    assert other.ordered() in world.films.all()

    world.cancel(world.owner, films[1].film_id)

    film = world.ordered(project)
    assert world.now(film) == film
    with pytest.raises(TooManyFilms):
        world.ordered()
    for each in (films[0], films[2], film):
        assembled(world, each)
    for _ in range(MAX_UNDER_WAY):
        world.ordered()


def test_orders_at_once_are_not_more_than_a_few(world: FilmWorld) -> None:
    """Each looks at the others before it is written down: what was counted is what is there."""
    projects = [world.project(world.clip()) for _ in range(2 * MAX_UNDER_WAY)]
    behind = projects[MAX_UNDER_WAY:]
    add = world.films.add

    def while_others_order(film: Film, active_films: ActiveFilms) -> None:
        if behind:
            world.ordered(behind.pop())
        add(film, active_films)

    world.films.add = while_others_order  # type: ignore[method-assign]  # the worst moment
    refused = 0
    for project in projects[:MAX_UNDER_WAY]:
        try:
            world.ordered(project)
        except TooManyFilms:
            refused += 1

    assert not behind
    assert refused == MAX_UNDER_WAY
    assert len(world.films.all()) == MAX_UNDER_WAY


def test_films_that_are_gone_do_not_count(world: FilmWorld) -> None:
    """Erased with their project, whatever became of them: nothing has to be counted down."""
    for _ in range(MAX_UNDER_WAY):
        film = world.ordered()
        world.films.erase(world.owner, film.project_id, [film])
    for _ in range(MAX_UNDER_WAY):
        world.ordered()


def test_a_cancelled_film_stops_whoever_works_at_it(world: FilmWorld) -> None:
    """Its next word of progress is refused, and it stays cancelled."""
    film = world.ordered()
    world.plan(ref(film))
    cancelled = world.cancel(world.owner, film.film_id)

    for step in (
        lambda: world.plan(ref(film)),
        lambda: world.render(ref(film), ["joint"], total=1),
        lambda: world.join.report(ref(film), 0.5),
        lambda: world.join(ref(film)),
    ):
        with pytest.raises(FilmEnded):
            step()
    assert world.settle(ref(film), failure=ErrorCode.FILM_FAILED).first is False
    assert world.cancel(world.owner, film.film_id) == cancelled == world.now(film)
    assert (cancelled.stage, cancelled.error_code) == (
        FilmStage.CANCELLED,
        ErrorCode.FILM_CANCELLED,
    )


def test_a_crash_at_any_step_goes_on_where_it_stopped(world: FilmWorld) -> None:
    """What was made is not made again."""
    film = world.ordered()
    work = world.plan(ref(film))
    (batch,) = work.batches
    world.render(ref(film), batch, total=work.total)
    world.plain.error = RuntimeError("the machine died")
    with pytest.raises(RuntimeError):
        world.join(ref(film))
    world.plain.error = None

    assert assembled(world, film).status is FilmStatus.COMPLETED
    assert len(world.plain.rendered) == len(set(world.plain.rendered)) == 4


def test_an_unsound_film_is_shown_to_nobody(world: FilmWorld) -> None:
    """What was written is not what was planned: failed, without a file."""
    film = world.ordered()
    world.plain.error = FilmUnsound("wrong_frame_count")
    with pytest.raises(FilmUnsound):
        world.join(ref(film))
    with pytest.raises(FilmBusy):
        world.link(world.owner, film.film_id)

    settled = world.settle(ref(film)).film

    assert (settled.status, settled.error_code) == (FilmStatus.FAILED, ErrorCode.FILM_FAILED)
    with pytest.raises(NotFound):
        world.link(world.owner, film.film_id)


def test_a_film_is_its_owners_alone(world: FilmWorld) -> None:
    """SE1: for others it is not there."""
    film = assembled(world, world.ordered())
    world.clock.sleep(timedelta(minutes=1).total_seconds())
    for look in (world.link, world.cancel):
        with pytest.raises(NotFound):
            look(an_owner(), film.film_id)
