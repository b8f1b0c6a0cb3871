"""Films on the deployed system: found when they were forgotten, gone when their project is."""

import json
import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from dev.client import Problem
from dev.cloud.ephemeral import EphemeralCloud, until
from dev.cloud.instance import REGION
from dev.fakes.clock import FakeClock
from dev.fakes.films import InMemoryAssemblyWorkflow
from echoes.adapters.dynamodb.attributes import InstantAttribute
from echoes.adapters.dynamodb.clips.clips import DynamoClips
from echoes.adapters.dynamodb.connection import connect
from echoes.adapters.dynamodb.credits.ledger import DynamoLedger
from echoes.adapters.dynamodb.films import DynamoFilms
from echoes.adapters.dynamodb.music_uploads import DynamoMusicUploads
from echoes.adapters.dynamodb.projects.projects import DynamoProjects
from echoes.application.films.order_film import OrderFilm
from echoes.application.music.choose_music import ChooseMusic
from echoes.domain.errors import Unavailable
from echoes.domain.identifiers import FilmId, OwnerId, ProjectId, derive_id
from tests.support.users import User
from tests.support.watched_films import a_project, film_of

SWEEP = "echoes-local-projects-sweep"


def sweep(cloud: EphemeralCloud) -> dict[str, Any]:
    """Do one round at once, instead of within the minute."""
    answer = cloud.client("lambda").invoke(FunctionName=SWEEP, Qualifier="live", Payload=b"{}")
    found: dict[str, Any] = json.loads(answer["Payload"].read())
    assert "FunctionError" not in answer, found
    return found


def variables(cloud: EphemeralCloud, function: str) -> dict[str, str]:
    """Return what the deployed function is told."""
    found = cloud.client("lambda").get_function_configuration(FunctionName=function)
    told: dict[str, str] = found["Environment"]["Variables"]
    return told


@pytest.fixture(scope="module")
def deployed(cloud: EphemeralCloud) -> Iterator[dict[str, str]]:
    """Yield the deployed functions' settings; this process reaches their tables."""
    with pytest.MonkeyPatch.context() as env:
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            env.delenv(name)
        env.setenv("AWS_ENDPOINT_URL", cloud.instance.aws_endpoint_url)
        env.setenv("AWS_REGION", REGION)
        env.setenv("AWS_DEFAULT_REGION", REGION)
        env.setenv("AWS_ACCESS_KEY_ID", "test")
        env.setenv("AWS_SECRET_ACCESS_KEY", "test")
        yield variables(cloud, "echoes-local-assemble-api")


@pytest.fixture(scope="module")
def owner(make_user: Callable[[int], User]) -> User:
    return make_user(30)


@pytest.fixture(scope="module")
def project(owner: User) -> dict[str, Any]:
    return a_project(owner, transition="cross_fade", title_card="Us")


def test_a_film_whose_execution_was_never_started_is_completed(
    cloud: EphemeralCloud, deployed: dict[str, str], owner: User, project: dict[str, Any]
) -> None:
    """AJ9: who took the order died before starting anything; the sweep finds the film."""
    connection, records = connect(), deployed["RECORDS_TABLE"]
    films, workflow = DynamoFilms(records, connection), InMemoryAssemblyWorkflow()
    workflow.unavailable = True
    order = OrderFilm(
        choose_music=ChooseMusic(music=DynamoMusicUploads(records, connection)),
        projects=DynamoProjects(records, connection),
        clips=DynamoClips(records, connection),
        films=films,
        films_in_progress=films,
        ledger=DynamoLedger(
            entries_table=deployed["CREDIT_ENTRIES_TABLE"],
            state_table=deployed["CREDIT_STATE_TABLE"],
            connection=connection,
            records_table=records,
        ),
        workflow=workflow,
        clock=FakeClock(datetime.now(UTC) - timedelta(minutes=2)),
    )
    before = list(owner.api.transactions())
    subject = OwnerId(owner.person.subject)
    film_id = FilmId(derive_id(subject, "film", "never started"))
    with pytest.raises(Unavailable):
        order(subject, ProjectId(project["id"]), film_id)
    assert owner.api.get(f"/v1/films/{film_id}")["status"] == "pending"

    # Within the minute the schedule does the same; the first of them starts it.
    sweep(cloud)

    *_, film = owner.api.follow_film(film_id, every_seconds=0.5, within_seconds=180)
    assert film["status"] == "completed", film
    assert owner.api.get(f"/v1/films/{film_id}/download")["url"]
    assert list(owner.api.transactions()) == before


def test_a_deleted_project_takes_its_films_and_segments_with_it(
    cloud: EphemeralCloud, deployed: dict[str, str], owner: User, project: dict[str, Any]
) -> None:
    """PF5: a day later neither rows nor files are left of it (a day is a moment here)."""
    film = film_of(owner.api, project)[-1]
    assert film["status"] == "completed", film
    prefix = f"owners/{owner.person.subject}/projects/{project['id']}/"
    s3, bucket = cloud.client("s3"), variables(cloud, SWEEP)["CLIPS_BUCKET"]

    def files() -> list[str]:
        listed = s3.list_objects_v2(Bucket=bucket, Prefix=prefix)
        return [each["Key"] for each in listed.get("Contents", [])]

    segments = [key for key in files() if key.startswith(f"{prefix}segments/")]
    assert segments
    for key in segments:
        tags = s3.get_object_tagging(Bucket=bucket, Key=key)["TagSet"]
        assert tags == [{"Key": "keep", "Value": "week"}]
    assert f"{prefix}films/{film['id']}/film.mp4" in files()
    path = f"/v1/projects/{project['id']}"
    assert owner.api.call("DELETE", path, headers={"If-Match": "*"}).status_code == 204
    a_day_passes(cloud, deployed["RECORDS_TABLE"], owner.person.subject)

    until(lambda: sweep(cloud) and not files(), seconds=60)

    assert files() == []
    with pytest.raises(Problem) as gone:
        owner.api.get(f"/v1/films/{film['id']}")
    assert gone.value.status == 404
    for clip in project["clips"]:
        assert owner.api.call("GET", f"/v1/clips/{clip['id']}").status_code == 404


def a_day_passes(cloud: EphemeralCloud, table: str, owner_id: str) -> None:
    """Let everything that was written down for *owner_id*'s films and projects be a day older."""
    dynamodb = cloud.client("dynamodb")
    owned = {":owner": {"S": f"OWNER#{owner_id}"}}
    query = {"KeyConditionExpression": "pk = :owner", "ExpressionAttributeValues": owned}
    for item in dynamodb.query(TableName=table, **query)["Items"]:
        key = {name: item[name] for name in ("pk", "sk")}
        for name in {"due_at", "completed_at"} & item.keys():
            if not key["sk"]["S"].startswith(("PROJECT#", "FILM#")):
                continue
            day_before = datetime.fromisoformat(item[name]["S"]) - timedelta(days=1)
            dynamodb.update_item(
                TableName=table,
                Key=key,
                UpdateExpression="SET #name = :then",
                ExpressionAttributeNames={"#name": name},
                ExpressionAttributeValues={":then": {"S": written(day_before)}},
            )


def written(at: datetime) -> str:
    """Return *at* as the table keeps times."""
    return InstantAttribute().serialize(at)
