"""A deleted project is erased from the real tables and the real bucket, even when interrupted."""

from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast

import boto3
import pytest
from pynamodb.connection import Connection

from dev.fakes.clock import FakeClock
from dev.fakes.films import InMemoryAssemblyWorkflow
from dev.fakes.state_machine import Killed
from echoes.adapters.dynamodb.clips.batches import DynamoBatches
from echoes.adapters.dynamodb.clips.clips import DynamoClips
from echoes.adapters.dynamodb.films import DynamoFilms
from echoes.adapters.dynamodb.projects.projects import DynamoProjects
from echoes.adapters.s3.media import S3MediaStore, s3_client
from echoes.application.clips.delete_clip import DeleteClip
from echoes.application.films.settle_film import SettleFilm
from echoes.application.films.sweep_films import SweepFilms
from echoes.application.ports.clips import ClipChange
from echoes.application.projects.sweep_projects import SweepProjects
from echoes.domain.clips.clip import clip_prefix
from echoes.domain.error_catalogue import ErrorCode
from echoes.domain.errors import EchoesError, NotFound
from echoes.domain.films.film import WORKERS_GONE, Film, fail, project_prefix, segments_prefix
from echoes.domain.films.limits import admit
from echoes.domain.identifiers import FilmId, OwnerId
from echoes.domain.projects.project import DELETED_RETENTION, Project, delete
from tests.support.clip_harness import Blow, Gate, Gated
from tests.support.factories import an_id
from tests.support.film_harness import FilmHarness
from tests.support.local_aws import REGION
from tests.support.storage import CLIPS, RECORDS

if TYPE_CHECKING:
    from echoes.application.projects.order_clips import OrderClips

MOST_CALLS = 100


@dataclass
class Stores:
    """The real stores, and the use case on them behind a gate."""

    connection: Connection

    def __post_init__(self) -> None:
        self.gate, self.clock = Gate(), FakeClock()
        self.s3 = boto3.client("s3")
        self.projects = DynamoProjects(RECORDS, self.connection)
        self.clips = DynamoClips(RECORDS, self.connection)
        self.films = DynamoFilms(RECORDS, self.connection)
        self.media = S3MediaStore(CLIPS, s3_client(REGION))
        projects, clips = self._gated(self.projects, "projects"), self._gated(self.clips, "clips")
        films, media = self._gated(self.films, "films"), self._gated(self.media, "media")
        self.workflow = InMemoryAssemblyWorkflow()
        self.sweep_films = SweepFilms(
            films=films,
            workflow=self.workflow,
            settle_film=SettleFilm(films=films, clock=self.clock),
            clock=self.clock,
        )
        self.sweep_projects = SweepProjects(
            projects=projects,
            batches=DynamoBatches(RECORDS, self.connection),
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
        """Return a project deleted a day ago, with two clips, two films, and files of all."""
        harness = FilmHarness(clock=self.clock)
        clips = [harness.clip() for _ in "ab"]
        project = harness.project(*clips)
        first = harness.ordered(project)
        films = [first, replace(first, film_id=FilmId(an_id()))]
        for clip in clips:
            self.clips.save(ClipChange(clip=clip))
            self.media.write(f"{clip.media_prefix}master.mp4", b"a clip", content_type="video/mp4")
        for number in range(1, project.version + 1):
            self.projects.save(replace(project, version=number))
        for film in films:
            self.films.add(film, admit(self.films.of_owner(film.owner_id), film))
            self.media.write(f"{film.prefix}film.mp4", b"a film", content_type="video/mp4")
        self.films.save(fail(films[0], ErrorCode.FILM_FAILED, at=self.clock.now()))
        segment = f"{segments_prefix(project.owner_id, project.project_id)}joint.mp4"
        self.media.write(segment, b"a joint", content_type="video/mp4", passing=True)
        self.projects.save(delete(project, at=self.clock.now()))
        self.clock.advance(DELETED_RETENTION)
        return project, films

    def spoil(self, owner_id: OwnerId, sort_key: str, attribute: str) -> None:
        """Write a word that a newer version may know into a row."""
        boto3.client("dynamodb").update_item(
            TableName=RECORDS,
            Key={"pk": {"S": f"OWNER#{owner_id}"}, "sk": {"S": sort_key}},
            UpdateExpression="SET #attribute = :word",
            ConditionExpression="attribute_exists(#attribute)",
            ExpressionAttributeNames={"#attribute": attribute},
            ExpressionAttributeValues={":word": {"S": "of-tomorrow"}},
        )

    def left_of(self, project: Project) -> list[str]:
        """Return the names of the files of the project, its films and its clips."""
        owner_id = project.owner_id
        prefixes = [
            project_prefix(owner_id, project.project_id),
            *(clip_prefix(owner_id, clip_id) for clip_id in project.all_clip_ids),
        ]
        listed = [self.s3.list_objects_v2(Bucket=CLIPS, Prefix=prefix) for prefix in prefixes]
        return [each["Key"] for page in listed for each in page.get("Contents", [])]

    def assert_gone(self, project: Project, about: object = None) -> None:
        """Assert that no row and no file is left, nor anything to be done."""
        assert self.left_of(project) == [], about
        assert not self.films.of_project(project.owner_id, project.project_id, limit=1), about
        for clip_id in project.all_clip_ids:
            with pytest.raises(NotFound):
                self.clips.get(project.owner_id, clip_id)
        waiting = self.projects.due(at=self.clock.now() + timedelta(days=1), limit=100)
        assert project.project_id not in {each.project_id for each in waiting}, about


@pytest.fixture
def stores(connection: Connection) -> Stores:
    return Stores(connection)


def test_a_film_under_way_is_ended_before_anything_is_erased(stores: Stores) -> None:
    """PF5: its workers get the time to notice; then rows and files of everything are gone."""
    project, films = stores.deleted()
    assert len(stores.left_of(project)) == 5
    assert (stores.sweep_projects().waiting, len(stores.left_of(project))) == (1, 5)
    under_way = stores.films.get(project.owner_id, films[1].film_id)
    assert under_way.error_code is ErrorCode.FILM_CANCELLED

    stores.clock.advance(WORKERS_GONE)
    assert stores.sweep_projects().erased == 1

    stores.assert_gone(project)
    for film in films:
        with pytest.raises(NotFound):
            stores.films.get(film.owner_id, film.film_id)


@pytest.mark.parametrize("blow", [Blow.KILL_BEFORE, Blow.LOSE_ANSWER])
def test_whatever_stops_the_erasure_the_next_one_ends_it(stores: Stores, blow: Blow) -> None:
    """PF5: at every call to a table or the bucket; nothing of project, films or clips is left."""
    blows: set[str] = set()
    for at in range(MOST_CALLS):
        project, _ = stores.deleted()
        stores.gate.strike(at, blow)
        for _ in ("films are ended", "all is erased"):
            with suppress(Killed, EchoesError):
                stores.sweep_projects()
            stores.clock.advance(WORKERS_GONE)
        struck = stores.gate.struck
        stores.gate.lift()
        stores.sweep_projects()
        stores.assert_gone(project, struck)
        if struck is None:
            assert {"clips.save", "media.delete", "films.erase", "projects.erase"} <= blows
            return
        blows.add(struck)
    raise AssertionError("the erasure never ends")


@pytest.mark.parametrize(
    ("kind", "attribute"), [("PROJECT", "order"), ("CLIP", "motion"), ("FILM", "ratio")]
)
def test_a_row_nobody_can_read_keeps_no_other_waiting(
    stores: Stores, kind: str, attribute: str
) -> None:
    """After a step back to a former version: what that cannot read stays, the rest is done."""
    (bad, bad_films), (good, good_films) = stores.deleted(), stores.deleted()
    spoilt = {"PROJECT": bad.project_id, "CLIP": bad.clip_ids[1], "FILM": bad_films[1].film_id}
    stores.spoil(bad.owner_id, f"{kind}#{spoilt[kind]}", attribute)

    swept = stores.sweep_films()
    ended = stores.films.get(good.owner_id, good_films[1].film_id)
    stores.clock.advance(WORKERS_GONE)
    swept_projects = stores.sweep_projects()

    assert ended.error_code is ErrorCode.FILM_FAILED
    assert [error.about for error in swept.unexpected] == (
        [bad_films[1].film_id] if kind == "FILM" else []
    )
    assert (swept_projects.erased, swept_projects.errors) == (1, ["ValueError"])
    assert [error.about for error in swept_projects.unexpected] == [bad.project_id]
    stores.assert_gone(good)
    assert stores.left_of(bad)
    stores.projects.erase(bad)
