"""Both stores of uploaded music keep what they are given."""

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from pynamodb.connection import Connection

from dev.fakes.music import InMemoryMusicUploads
from echoes.adapters.dynamodb.music_uploads import DynamoMusicUploads
from echoes.application.ports.music import MusicUploads
from echoes.domain.errors import Conflict, NotFound
from echoes.domain.music.uploads import Library, MusicFault, MusicUpload, accept, reject
from tests.support import factories
from tests.support.factories import NOON, a_music_upload, an_own_track, an_owner
from tests.support.storage import RECORDS

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@pytest.fixture(params=["fake", "dynamodb"], scope="module")
def music(request: pytest.FixtureRequest) -> MusicUploads:
    if request.param == "fake":
        return InMemoryMusicUploads()
    connection: Connection = request.getfixturevalue("connection")
    return DynamoMusicUploads(RECORDS, connection)


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(upload=factories.music_uploads())
def test_every_field_comes_back_exactly(music: MusicUploads, upload: MusicUpload) -> None:
    """What was stored is what is read, the time of the rights and the profile among it."""
    music.add(upload, library=Library())

    found = music.get(upload.owner_id, upload.music_id)

    assert found == upload
    assert repr(found) == repr(upload)
    assert music.library(upload.owner_id) == Library(pieces=(upload,), version=1)


def test_a_library_is_its_owners_newest_first(music: MusicUploads) -> None:
    """No owner finds another owner's music (SE2)."""
    owner = an_owner()
    assert music.library(owner) == Library()
    pieces = [
        a_music_upload(owner_id=owner, at=NOON + timedelta(seconds=number)) for number in range(3)
    ]
    for number, piece in enumerate(pieces):
        music.add(piece, library=Library(version=number))

    assert music.library(owner) == Library(pieces=tuple(reversed(pieces)), version=3)
    assert music.library(an_owner()) == Library()
    with pytest.raises(NotFound):
        music.get(an_owner(), pieces[0].music_id)


def test_of_two_additions_at_once_one_is_refused(music: MusicUploads) -> None:
    """So no library is overfilled, and an existing piece is not added again."""
    owner = an_owner()
    first, second = a_music_upload(owner_id=owner), a_music_upload(owner_id=owner)
    empty = music.library(owner)
    music.add(first, library=empty)

    with pytest.raises(Conflict):
        music.add(second, library=empty)
    with pytest.raises(Conflict):
        music.add(first, library=music.library(owner))

    assert music.library(owner) == Library(pieces=(first,), version=1)


def test_what_leaves_goes_in_the_same_step(music: MusicUploads) -> None:
    """Unless it was decided about meanwhile: then nothing changes."""
    owner = an_owner()
    first, second, third = (a_music_upload(owner_id=owner) for _ in range(3))
    music.add(first, library=Library())
    music.add(second, library=music.library(owner), leaving=[first])
    assert music.library(owner) == Library(pieces=(second,), version=2)

    decided = accept(second, an_own_track())
    music.save(decided)
    with pytest.raises(Conflict):
        music.add(third, library=music.library(owner), leaving=[second])
    assert music.library(owner) == Library(pieces=(decided,), version=2)


def test_a_decision_is_stored_once_and_not_about_what_is_gone(music: MusicUploads) -> None:
    """Of two decisions the first stays; a removed piece does not come back."""
    upload = a_music_upload()
    music.add(upload, library=Library())
    ready = accept(upload, an_own_track())
    music.save(ready)
    for stale in (reject(upload, MusicFault.SILENT), ready):
        with pytest.raises(Conflict):
            music.save(stale)
    with pytest.raises(Conflict):
        music.remove(upload)

    music.remove(ready)

    with pytest.raises(NotFound):
        music.get(upload.owner_id, upload.music_id)
    with pytest.raises(Conflict):
        music.remove(ready)
    with pytest.raises(Conflict):
        music.save(accept(ready, an_own_track()))


def test_music_is_never_removed_by_time(connection: Connection, dynamodb: "DynamoDBClient") -> None:
    """An abandoned place is forgotten a day after it expired; music is not."""
    music = DynamoMusicUploads(RECORDS, connection)
    upload = a_music_upload()

    def expires() -> str | None:
        key = {"pk": f"OWNER#{upload.owner_id}", "sk": f"MUSIC#{upload.music_id}"}
        row = dynamodb.get_item(
            TableName=RECORDS, Key={name: {"S": value} for name, value in key.items()}
        )["Item"]
        return row["expires"]["N"] if "expires" in row else None

    music.add(upload, library=Library())
    waiting = expires()
    music.save(accept(upload, an_own_track()))

    assert waiting == str(int((upload.expires_at + timedelta(days=1)).timestamp()))
    assert expires() is None
