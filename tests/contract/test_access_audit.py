"""Admins find what is not theirs, and leave a trace of having looked."""

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from pynamodb.connection import Connection

from dev.fakes.access_audit import InMemoryAccessAudit
from dev.fakes.clips import InMemoryClips
from dev.fakes.uploads import InMemoryUploads
from echoes.adapters.dynamodb.access_audit import DynamoAccessAudit
from echoes.adapters.dynamodb.clips.clips import DynamoClips
from echoes.adapters.dynamodb.uploads import DynamoUploads
from echoes.application.ports.access_audit import AccessAudit
from echoes.application.ports.clips import ClipChange, Clips
from echoes.application.ports.uploads import Uploads
from echoes.domain.errors import NotFound
from tests.support.factories import NOON, a_clip, an_admin_read, an_id, an_upload
from tests.support.storage import ACCESS_AUDIT, RECORDS

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

Stores = tuple[Clips, Uploads, AccessAudit]


@pytest.fixture(params=["fake", "dynamodb"])
def records(request: pytest.FixtureRequest) -> Stores:
    if request.param == "fake":
        clips, uploads = InMemoryClips(), InMemoryUploads()
        return clips, uploads, InMemoryAccessAudit(clips, uploads)
    connection: Connection = request.getfixturevalue("connection")
    return (
        DynamoClips(RECORDS, connection),
        DynamoUploads(RECORDS, connection),
        DynamoAccessAudit(RECORDS, ACCESS_AUDIT, connection),
    )


def test_the_owner_of_a_clip_or_an_upload_is_found_by_its_id(records: Stores) -> None:
    """An admin knows an id from a report, not whose it is (SE3)."""
    clips, uploads, access_audit = records
    clip, upload = a_clip(), an_upload()
    clips.save(ClipChange(clip=clip))
    uploads.add([upload])

    assert access_audit.owner_of(clip.clip_id) == clip.owner_id
    assert access_audit.owner_of(upload.upload_id) == upload.owner_id


def test_an_id_nobody_has_is_not_found(records: Stores) -> None:
    """Admins get the same response as others for what does not exist."""
    with pytest.raises(NotFound):
        records[2].owner_of(an_id())


def test_a_read_may_be_noted_twice(records: Stores) -> None:
    """A repeated request leaves its note as it was, and is not refused."""
    read = an_admin_read()

    records[2].note(read)
    records[2].note(read)


def test_notes_are_kept_by_day_and_never_overwritten(
    connection: Connection, dynamodb: "DynamoDBClient"
) -> None:
    """An auditor reads a day in order and sees who read what of whom (SE3)."""
    access_audit = DynamoAccessAudit(RECORDS, ACCESS_AUDIT, connection)
    day = NOON + timedelta(days=77)
    second = an_admin_read(at=day + timedelta(seconds=1))
    first = an_admin_read(at=day)
    access_audit.note(second)
    access_audit.note(first)
    access_audit.note(an_admin_read(at=day, request_id=first.request_id))

    rows = dynamodb.query(
        TableName=ACCESS_AUDIT,
        KeyConditionExpression="pk = :day",
        ExpressionAttributeValues={":day": {"S": f"DAY#{day:%Y-%m-%d}"}},
    )["Items"]

    assert [row["request_id"]["S"] for row in rows] == [first.request_id, second.request_id]
    assert rows[0]["sk"] == {"S": f"{day.isoformat()}#{first.request_id}"}
    assert rows[0]["admin_id"] == {"S": first.admin_id}
    assert rows[0]["owner_id"] == {"S": first.owner_id}
    assert rows[0]["resource_id"] == {"S": first.resource_id}
    assert rows[0]["route"] == {"S": first.route}
