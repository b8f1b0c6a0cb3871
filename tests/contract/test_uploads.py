"""Both stores of uploads keep what they are given."""

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from pynamodb.connection import Connection

from dev.fakes.uploads import InMemoryUploads
from echoes.adapters.dynamodb.uploads import DynamoUploads
from echoes.application.ports.uploads import Uploads
from echoes.domain.errors import Conflict, NotFound
from echoes.domain.uploads import RETENTION_AFTER_EXPIRY, Upload, accept, reject
from tests.support import factories
from tests.support.factories import an_owner, an_upload, photo_facts
from tests.support.storage import RECORDS

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@pytest.fixture(params=["fake", "dynamodb"], scope="module")
def uploads(request: pytest.FixtureRequest) -> Uploads:
    if request.param == "fake":
        return InMemoryUploads()
    connection: Connection = request.getfixturevalue("connection")
    return DynamoUploads(RECORDS, connection)


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(upload=factories.uploads())
def test_every_field_of_an_upload_comes_back_exactly(uploads: Uploads, upload: Upload) -> None:
    """What was stored is what is read."""
    uploads.add([upload])

    found = uploads.get(upload.owner_id, upload.upload_id)

    assert found == upload
    assert repr(found) == repr(upload)


@pytest.mark.parametrize("minutes", [540, -300])
def test_the_offset_of_a_photo_comes_back(uploads: Uploads, minutes: int) -> None:
    """Both the file's and the client's: words say the time of the place."""
    upload = an_upload(declared_offset_minutes=minutes)
    uploads.add([upload])
    uploads.save(accept(upload, photo_facts(taken_offset_minutes=-minutes)))

    found = uploads.get(upload.owner_id, upload.upload_id)

    assert found.declared_offset_minutes == minutes
    assert found.facts is not None
    assert found.facts.taken_offset_minutes == -minutes


def test_uploads_from_before_offsets_were_kept_have_none(
    connection: Connection, dynamodb: "DynamoDBClient"
) -> None:
    """What was stored without them is read as taken where UTC is the time."""
    uploads = DynamoUploads(RECORDS, connection)
    upload = an_upload(declared_offset_minutes=60)
    uploads.add([upload])
    uploads.save(accept(upload, photo_facts(taken_offset_minutes=60)))
    dynamodb.update_item(
        TableName=RECORDS,
        Key={
            "pk": {"S": f"OWNER#{upload.owner_id}"},
            "sk": {"S": f"UPLOAD#{upload.upload_id}"},
        },
        UpdateExpression="REMOVE declared_offset_minutes, facts.taken_offset_minutes",
    )

    found = uploads.get(upload.owner_id, upload.upload_id)

    assert found.declared_offset_minutes == 0
    assert found.facts == photo_facts()


def test_nobody_finds_what_is_somebody_elses(uploads: Uploads) -> None:
    """An upload is found by its owner only; for others it does not exist (SE2)."""
    upload = an_upload()
    uploads.add([upload])

    with pytest.raises(NotFound):
        uploads.get(an_owner(), upload.upload_id)


def test_adding_again_changes_nothing(uploads: Uploads) -> None:
    """Asked twice for the same places, the filled ones keep their photos."""
    owner = an_owner()
    first, second = an_upload(owner_id=owner), an_upload(owner_id=owner)
    uploads.add([first])
    ready = accept(first, photo_facts())
    uploads.save(ready)

    uploads.add([first, second])

    assert uploads.get(owner, first.upload_id) == ready
    assert uploads.get(owner, second.upload_id) == second


def test_a_decision_is_stored_once(uploads: Uploads) -> None:
    """Of two decisions about the same photo only the first is stored."""
    upload = an_upload()
    uploads.add([upload])
    ready = accept(upload, photo_facts(taken_at=None))
    uploads.save(ready)

    with pytest.raises(Conflict):
        uploads.save(reject(upload, "unreadable"))

    assert uploads.get(upload.owner_id, upload.upload_id) == ready


def test_an_upload_nobody_promised_cannot_be_decided(uploads: Uploads) -> None:
    """Without the row there is nothing to change."""
    upload = reject(an_upload(), "unreadable")

    with pytest.raises(Conflict):
        uploads.save(upload)

    with pytest.raises(NotFound):
        uploads.get(upload.owner_id, upload.upload_id)


def test_only_uploads_that_wait_are_removed_by_time(
    connection: Connection, dynamodb: "DynamoDBClient"
) -> None:
    """An unused slot is removed a day after it expired; a photo is not."""
    uploads = DynamoUploads(RECORDS, connection)
    upload = an_upload()

    def expires() -> str | None:
        key = {"pk": f"OWNER#{upload.owner_id}", "sk": f"UPLOAD#{upload.upload_id}"}
        row = dynamodb.get_item(
            TableName=RECORDS, Key={name: {"S": value} for name, value in key.items()}
        )["Item"]
        return row["expires"]["N"] if "expires" in row else None

    uploads.add([upload])
    waiting = expires()
    uploads.save(accept(upload, photo_facts()))

    assert waiting == str(int((upload.expires_at + RETENTION_AFTER_EXPIRY).timestamp()))
    assert expires() is None
