"""A deleted project is erased from the real tables and the real bucket, whatever stops it."""

from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast

import boto3
import pytest
from pynamodb.connection import Connection

from dev.fakes.clock import FakeClock
from dev.fakes.machine import Killed
from echoes.adapters.dynamodb.batches import DynamoBatches
from echoes.adapters.dynamodb.clips import DynamoClips
from echoes.adapters.dynamodb.films import DynamoFilms
from echoes.adapters.dynamodb.projects import DynamoProjects
from echoes.adapters.s3.media import S3MediaStore, s3_client
from echoes.application.delete_clip import DeleteClip
from echoes.application.ports import ClipChange
from echoes.application.settle_film import SettleFilm
from echoes.application.tidy_projects import TidyProjects
from echoes.domain.catalogue import ErrorCode
from echoes.domain.errors import EchoesError, NotFound
from echoes.domain.film_orders import WORKERS_GONE, Film, fail, project_prefix, segments_prefix
from echoes.domain.projects import DELETED_RETENTION, Project, delete
from tests.film_world import FilmWorld
from tests.generation_world import Blow, Gate, Gated
from tests.local_aws import REGION
from tests.storage import CLIPS, STUDIO

if TYPE_CHECKING:
    from echoes.application.order_clips import OrderClips

MOST_CALLS = 100


@dataclass
class Stores:
    """The real stores, and the use case on them behind a gate."""

    connection: Connection

    def __post_init__(self) -> None:
        self.gate, self.clock = Gate(), FakeClock()
        self.s3 = boto3.client("s3")
        self.projects = DynamoProjects(STUDIO, self.connection)
        self.clips = DynamoClips(STUDIO, self.connection)
        self.films = DynamoFilms(STUDIO, self.connection)
        self.media = S3MediaStore(CLIPS, s3_client(REGION))
        projects, clips = self._gated(self.projects, "projects"), self._gated(self.clips, "clips")
        films, media = self._gated(self.films, "films"), self._gated(self.media, "media")
        self.tidy = TidyProjects(
            projects=projects,
            batches=DynamoBatches(STUDIO, self.connection),
            order_clips=cast("OrderClips", None),  # no batch is ever ordered here
            delete_clip=DeleteClip(clips=clips, projects=projects, media=media, clock=self.clock),
            films=films,
            settle_film=SettleFilm(films=films, clock=self.clock),
            media=media,
            clock=self.clock,
        )

    def _gated(self, port: object, name: str) -> Any:  # noqa: ANN401  # stands for any port
        return Gated(port, name, self.gate)

    def deleted(self) -> tuple[Project, list[Film]]:
        """Return a project deleted a day ago, with a clip, two films, and files of all of them."""
        world = FilmWorld(clock=self.clock)
        clip = world.clip()
        project = world.project(clip)
        films = [world.ordered(project) for _ in "ab"]
        self.clips.save(ClipChange(clip=clip))
        for number in range(1, project.version + 1):
            self.projects.save(replace(project, version=number))
        for film in films:
            self.films.save(film)
            self.media.write(f"{film.prefix}film.mp4", b"a film", content_type="video/mp4")
        self.films.save(fail(films[0], ErrorCode.FILM_FAILED, at=self.clock.now()))
        segment = f"{segments_prefix(project.owner_id, project.project_id)}joint.mp4"
        self.media.write(segment, b"a joint", content_type="video/mp4", passing=True)
        self.projects.save(delete(project, at=self.clock.now()))
        self.clock.advance(DELETED_RETENTION)
        return project, films

    def left_of(self, project: Project) -> list[str]:
        """Return the names of the project's files."""
        prefix = project_prefix(project.owner_id, project.project_id)
        listed = self.s3.list_objects_v2(Bucket=CLIPS, Prefix=prefix)
        return [each["Key"] for each in listed.get("Contents", [])]


@pytest.fixture
def stores(connection: Connection) -> Stores:
    return Stores(connection)


def test_a_film_under_way_is_ended_before_anything_is_erased(stores: Stores) -> None:
    """PF5: its workers get the time to notice; then rows and files of everything are gone."""
    project, films = stores.deleted()
    assert len(stores.left_of(project)) == 3
    assert (stores.tidy().waiting, len(stores.left_of(project))) == (1, 3)
    under_way = stores.films.get(project.owner_id, films[1].film_id)
    assert under_way.error_code is ErrorCode.FILM_CANCELLED

    stores.clock.advance(WORKERS_GONE)
    assert stores.tidy().erased == 1

    assert stores.left_of(project) == []
    for film in films:
        with pytest.raises(NotFound):
            stores.films.get(film.owner_id, film.film_id)
    with pytest.raises(NotFound):
        stores.clips.get(project.owner_id, project.clip_ids[0])
    assert project.project_id not in {
        each.project_id
        for each in stores.projects.to_erase(at=stores.clock.now() + timedelta(days=1), limit=100)
    }


@pytest.mark.parametrize("blow", [Blow.KILL_BEFORE, Blow.LOSE_ANSWER])
def test_whatever_stops_the_erasure_the_next_one_ends_it(stores: Stores, blow: Blow) -> None:
    """At every call to a table or the bucket."""
    for at in range(MOST_CALLS):
        project, films = stores.deleted()
        stores.gate.strike(at, blow)
        with suppress(Killed, EchoesError):
            stores.tidy()
        struck = stores.gate.struck
        stores.gate.lift()
        stores.tidy()
        stores.clock.advance(WORKERS_GONE)
        stores.tidy()
        assert stores.left_of(project) == [], struck
        assert not stores.films.of_project(project.owner_id, project.project_id), struck
        assert films
        if struck is None:
            return
    raise AssertionError("the erasure never ends")
