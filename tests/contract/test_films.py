"""Both stores of films keep what they are given."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Protocol

import boto3
import pytest
from pynamodb.connection import Connection

from dev.fakes.clock import FakeClock
from dev.fakes.films import InMemoryFilms, InMemoryRangedMedia
from dev.fakes.media import InMemoryMediaStore
from echoes.adapters.dynamodb.films import DynamoFilms
from echoes.adapters.s3.media import s3_client
from echoes.adapters.s3.ranges import S3RangedMedia
from echoes.application.ports.films import Films, FilmsInProgress, ProjectFilms, RangedMedia
from echoes.domain.error_catalogue import ErrorCode
from echoes.domain.errors import Conflict, NotFound
from echoes.domain.films.film import (
    Film,
    FilmMedia,
    FilmMusic,
    FilmStage,
    complete,
    due_again,
    fail,
    progressed,
    ref,
    verified,
)
from echoes.domain.films.limits import ActiveFilms, admit
from echoes.domain.identifiers import FilmId, ProjectId
from tests.support.factories import an_id, an_owner
from tests.support.film_harness import FilmHarness
from tests.support.storage import CLIPS, RECORDS

PART = 5 * 1024 * 1024
LONG_AGO = datetime(1990, 1, 1, tzinfo=UTC)


class FilmStore(Films, FilmsInProgress, ProjectFilms, Protocol):
    """What one adapter does for all three ports."""


@pytest.fixture(params=["fake", "dynamodb"], scope="module")
def films(request: pytest.FixtureRequest) -> FilmStore:
    if request.param == "fake":
        return InMemoryFilms()
    connection: Connection = request.getfixturevalue("connection")
    return DynamoFilms(RECORDS, connection)


@pytest.fixture(params=["fake", "s3"])
def ranged(request: pytest.FixtureRequest) -> RangedMedia:
    if request.param == "fake":
        return InMemoryRangedMedia(InMemoryMediaStore(FakeClock()))
    request.getfixturevalue("aws")
    region = boto3.session.Session().region_name
    return S3RangedMedia(CLIPS, s3_client(region))


def a_film(**changes: object) -> Film:
    return replace(FilmHarness().ordered(), **changes)  # type: ignore[arg-type]  # any field


def add(films: FilmStore, film: Film) -> None:
    """Store a new film, among active films that have room for it."""
    before = films.of_owner(film.owner_id)
    films.add(film, ActiveFilms(films=(film,), version=before.version + 1))


def media_of(film: Film) -> FilmMedia:
    return FilmMedia(
        key=f"{film.prefix}film.mp4",
        poster_key=f"{film.prefix}poster.jpg",
        preview_key=f"{film.prefix}preview.webp",
        duration_seconds=15.25,
        frames=366,
        width=1280,
        height=720,
        bytes=12_345_678,
        sha256="b" * 64,
        assembly_seconds=0.431,
    )


def walks() -> list[Callable[[Film], Film]]:
    """Every way in which a film changes."""
    return [
        lambda film: progressed(film, FilmStage.RENDERING, 1 / 3, at=film.created_at),
        lambda film: verified(film, media_of(film), at=film.created_at),
        lambda film: complete(film, at=film.created_at),
    ]


def test_every_field_comes_back_exactly_at_every_step(films: FilmStore) -> None:
    """From its order to its end."""
    music = FilmMusic(
        key="music/slow-tide.m4a", sha256="d" * 64, profile=(-140, -700, 3), beat_frames=18
    )
    film = a_film(title_card="Us", music_track_id="slow-tide", music=music)
    add(films, film)
    assert films.get(film.owner_id, film.film_id) == film
    for walk in walks():
        film = walk(film)
        films.save(film)
        assert films.get(film.owner_id, film.film_id) == film


def test_a_failed_film_comes_back_with_its_reason(films: FilmStore) -> None:
    film = a_film()
    add(films, film)
    failed = fail(film, ErrorCode.FILM_CANCELLED, at=film.created_at)
    films.save(failed)
    assert films.get(film.owner_id, film.film_id) == failed


def test_of_two_writers_one_is_refused(films: FilmStore) -> None:
    """Nothing is lost between a read and a write."""
    film = a_film()
    add(films, film)
    with pytest.raises(Conflict):
        films.save(film)
    further = progressed(film, FilmStage.PLANNING, 0, at=film.created_at)
    films.save(further)
    with pytest.raises(Conflict):
        films.save(fail(film, ErrorCode.FILM_FAILED, at=film.created_at))
    assert films.get(film.owner_id, film.film_id) == further


def test_a_film_is_its_owners(films: FilmStore) -> None:
    film = a_film()
    add(films, film)
    with pytest.raises(NotFound):
        films.get(an_owner(), film.film_id)


def test_the_newest_film_of_a_project_is_found(films: FilmStore) -> None:
    """By the order of ordering, however far each of them is."""
    film = a_film()
    assert films.newest(film.owner_id, ProjectId(an_id())) is None
    later = replace(film, film_id=FilmId(an_id()))
    add(films, film)
    add(films, later)
    films.save(progressed(film, FilmStage.PLANNING, 0, at=film.created_at))
    assert films.newest(film.owner_id, film.project_id) == later


def test_films_are_due_until_they_end(films: FilmStore) -> None:
    """Oldest first, none twice; postponed ones later, ended ones never."""
    made = [a_film(due_at=LONG_AGO + timedelta(minutes=minute)) for minute in (2, 1, 3)]
    for film in made:
        add(films, film)
    second, first, third = made
    assert not films.due(at=LONG_AGO, limit=10)
    assert list(films.due(at=LONG_AGO + timedelta(minutes=2), limit=10)) == [
        ref(first),
        ref(second),
    ]
    assert list(films.due(at=LONG_AGO + timedelta(hours=1), limit=2)) == [
        ref(first),
        ref(second),
    ]

    films.save(due_again(first, until=LONG_AGO + timedelta(minutes=9), at=LONG_AGO))
    films.save(fail(second, ErrorCode.FILM_FAILED, at=LONG_AGO))
    assert list(films.due(at=LONG_AGO + timedelta(hours=1), limit=10)) == [
        ref(third),
        ref(first),
    ]
    for film in (first, third):
        found = films.get(film.owner_id, film.film_id)
        films.save(fail(found, ErrorCode.FILM_FAILED, at=LONG_AGO))
    assert not films.due(at=LONG_AGO + timedelta(hours=1), limit=10)


def test_the_films_of_a_project_go_together(films: FilmStore) -> None:
    """All of them, the newest's name too; those of other projects stay; again is fine."""
    film = a_film()
    later = replace(film, film_id=FilmId(an_id()))
    elsewhere = replace(film, film_id=FilmId(an_id()), project_id=ProjectId(an_id()))
    for each in (film, later, elsewhere):
        add(films, each)
    found = films.of_project(film.owner_id, film.project_id, limit=10)
    assert {each.film_id: each for each in found} == {film.film_id: film, later.film_id: later}

    for _ in range(2):
        films.erase(film.owner_id, film.project_id, found)

    assert not films.of_project(film.owner_id, film.project_id, limit=10)
    assert films.newest(film.owner_id, film.project_id) is None
    for gone in (film, later):
        with pytest.raises(NotFound):
            films.get(gone.owner_id, gone.film_id)
    assert films.newest(film.owner_id, elsewhere.project_id) == elsewhere


def test_of_many_films_of_a_project_some_are_found(films: FilmStore) -> None:
    """Always the same, as many as were asked for; when they are erased, the next."""
    film = a_film()
    made = [replace(film, film_id=FilmId(an_id())) for _ in range(5)]
    for each in made:
        add(films, each)
    owner_id, project_id = film.owner_id, film.project_id
    left = {each.film_id for each in made}
    for expected in (2, 2, 1, 0):
        found = list(films.of_project(owner_id, project_id, limit=2))
        assert list(films.of_project(owner_id, project_id, limit=2)) == found
        assert len(found) == expected
        left -= {each.film_id for each in found}
        films.erase(owner_id, project_id, found)
    assert not left


def test_films_in_progress_are_stored_as_they_are_now(
    films: FilmStore,
) -> None:
    """Those that have ended still lie there until the next is put on it; erased ones do not."""
    first = a_film()
    second, third, fourth = (replace(first, film_id=FilmId(an_id())) for _ in "abc")
    assert films.of_owner(first.owner_id) == ActiveFilms()
    for film in (first, second, third):
        films.add(film, admit(films.of_owner(first.owner_id), film))
    failed = fail(first, ErrorCode.FILM_FAILED, at=first.created_at)
    films.save(failed)
    films.erase(second.owner_id, second.project_id, [second])

    found = films.of_owner(first.owner_id)

    assert found == ActiveFilms(films=(failed, third), version=3)
    films.add(fourth, admit(found, fourth))
    assert films.of_owner(first.owner_id) == ActiveFilms(films=(third, fourth), version=4)
    assert films.of_owner(an_owner()) == ActiveFilms()


def test_of_two_orders_at_once_one_is_refused(films: FilmStore) -> None:
    """Both read the same active films; nothing of the later one is stored."""
    first = a_film()
    second = replace(first, film_id=FilmId(an_id()))
    for film in (first, second):
        before = films.of_owner(film.owner_id)
        films.add(film, admit(before, film))
        late = replace(film, film_id=FilmId(an_id()))
        with pytest.raises(Conflict):
            films.add(late, admit(before, late))
        with pytest.raises(NotFound):
            films.get(late.owner_id, late.film_id)
        assert films.newest(film.owner_id, film.project_id) == film
    again = films.of_owner(first.owner_id)
    with pytest.raises(Conflict):
        films.add(first, admit(again, first))
    assert films.of_owner(first.owner_id) == again
    assert again.films == (first, second)


def test_a_film_that_is_not_there_is_not_changed(films: FilmStore) -> None:
    """A late write to an erased film does not restore it."""
    film = a_film()
    with pytest.raises(Conflict):
        films.save(film)
    add(films, film)
    films.erase(film.owner_id, film.project_id, [film])
    with pytest.raises(Conflict):
        films.save(progressed(film, FilmStage.PLANNING, 0, at=film.created_at))
    with pytest.raises(NotFound):
        films.get(film.owner_id, film.film_id)


def test_a_file_in_parts_is_read_by_range(ranged: RangedMedia) -> None:
    """Parts may arrive in any order; there is no file before the end."""
    key = f"owners/{an_owner()}/films/{an_id()}/film.mp4"
    upload = ranged.begin(key, content_type="video/mp4")
    upload.send(2, b"the end")
    upload.send(1, bytes(PART))
    with pytest.raises(NotFound):
        ranged.size(key)
    upload.finish()
    assert ranged.size(key) == PART + 7
    assert ranged.read(key, PART, 3) == b"the"
    assert ranged.read(key, PART + 4, 100) == b"end"


def test_an_aborted_file_is_not_there(ranged: RangedMedia) -> None:
    key = f"owners/{an_owner()}/films/{an_id()}/film.mp4"
    upload = ranged.begin(key, content_type="video/mp4")
    upload.send(1, b"part")
    upload.abort()
    with pytest.raises(NotFound):
        ranged.read(key, 0, 1)


def test_what_was_finished_or_forgotten_can_be_aborted(ranged: RangedMedia) -> None:
    """If the response to finishing was lost, aborting leaves the file in place."""
    key = f"owners/{an_owner()}/films/{an_id()}/film.mp4"
    upload = ranged.begin(key, content_type="video/mp4")
    upload.send(1, b"the film")
    upload.finish()
    upload.abort()
    assert ranged.read(key, 0, 100) == b"the film"
    begun = ranged.begin(f"{key}.again", content_type="video/mp4")
    begun.abort()
    begun.abort()
