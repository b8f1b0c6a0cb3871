"""What DynamoDB is given is what the product meant."""

import json
from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from pynamodb.connection import Connection

from echoes.adapters.dynamodb.attributes import InstantAttribute, IntAttribute
from echoes.adapters.dynamodb.clips.items import (
    ClipItem,
    ClipMap,
    clip_from_item,
    clip_to_item,
    clip_to_map,
    due_partition_of,
)
from echoes.adapters.dynamodb.connection import bind
from echoes.adapters.dynamodb.uploads import UploadItem, upload_from_item, upload_to_item
from echoes.domain.clips.clip import Clip
from echoes.domain.identifiers import ClipId
from echoes.domain.uploads import Upload
from tests.support import factories
from tests.support.factories import NOON, a_clip, an_id

CONNECTION = Connection(region="us-east-1")
CLIPS = bind(ClipItem, "records", CONNECTION)
UPLOADS = bind(UploadItem, "records", CONNECTION)


@settings(deadline=None)
@given(clip=factories.clips())
def test_a_clip_survives_being_an_item(clip: Clip) -> None:
    """Every field comes back, with its own type, through the JSON that DynamoDB speaks."""
    sent = json.loads(json.dumps(clip_to_item(clip, CLIPS).serialize()))

    assert repr(clip_from_item(CLIPS.from_raw_data(sent))) == repr(clip)


@settings(deadline=None)
@given(clip=factories.clips())
def test_a_clip_survives_being_part_of_an_item(clip: Clip) -> None:
    """The rest of a batch holds its clips whole, by a map of its own."""
    maps = ClipMap()  # type: ignore[no-untyped-call]  # PynamoDB
    sent = json.loads(json.dumps(maps.serialize(clip_to_map(clip))))

    kept = maps.deserialize(sent)  # type: ignore[no-untyped-call]  # PynamoDB
    assert repr(clip_from_item(kept)) == repr(clip)


@settings(deadline=None)
@given(upload=factories.uploads())
def test_an_upload_survives_being_an_item(upload: Upload) -> None:
    """Every field comes back, with its own type, through the JSON that DynamoDB speaks."""
    sent = json.loads(json.dumps(upload_to_item(upload, UPLOADS).serialize()))

    assert repr(upload_from_item(UPLOADS.from_raw_data(sent))) == repr(upload)


def test_models_of_one_table_share_one_client() -> None:
    """A client costs 100 ms and more: a process makes one (see the connection's module)."""
    assert CLIPS._get_connection().connection is CONNECTION
    assert UPLOADS._get_connection().connection is CONNECTION


@pytest.mark.parametrize("wrong", [True, "5", 5.0, None])
def test_only_whole_numbers_are_whole_numbers(wrong: object) -> None:
    """PynamoDB's own number attribute would store these as they are."""
    with pytest.raises(TypeError):
        IntAttribute().serialize(wrong)  # type: ignore[arg-type]  # the point


def test_times_are_stored_in_utc_and_sort() -> None:
    """The index of running attempts orders by text: later times are greater texts."""
    attribute = InstantAttribute()
    east = timezone(timedelta(hours=9))
    later = NOON + timedelta(microseconds=1)

    assert attribute.serialize(NOON.astimezone(east)) == attribute.serialize(NOON)
    assert attribute.serialize(NOON) < attribute.serialize(later)
    assert attribute.deserialize(attribute.serialize(later)) == later


def test_a_time_without_a_zone_is_refused() -> None:
    """Its moment would be ambiguous."""
    with pytest.raises(ValueError, match="timezone-aware"):
        InstantAttribute().serialize(datetime(2026, 1, 1))  # noqa: DTZ001  # the point


def test_running_attempts_are_spread_over_all_partitions() -> None:
    """No partition of the index takes all writes, and none is left out."""
    found = {due_partition_of(ClipId(an_id())) for _ in range(200)}

    assert found == {str(number) for number in range(8)}


def test_a_field_nobody_thought_of_is_refused() -> None:
    """A field that the item does not know would be lost: making the item fails instead."""
    with pytest.raises(ValueError, match="colour"):
        CLIPS("OWNER#o", "CLIP#c", colour="red")


def test_a_deleted_clip_that_still_runs_stays_in_the_index() -> None:
    """Its execution still has to end."""
    deleted = replace(a_clip(), deleted_at=NOON, version=2)

    assert clip_to_item(deleted, CLIPS).due_partition is not None
