"""Both stores of clips keep what they are given."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from pynamodb.connection import Connection

from dev.fakes.clips import InMemoryClips
from echoes.adapters.dynamodb.clips.clips import DynamoClips
from echoes.application.ports.clips import ClipChange, Clips, FreeClip
from echoes.domain.clips.attempts import Stage as ClipStage
from echoes.domain.clips.clip import (
    DELETED_RETENTION,
    Clip,
    complete,
    due_again,
    entered,
    fail,
    ref,
    regenerate,
)
from echoes.domain.error_catalogue import ErrorCode
from echoes.domain.errors import Conflict, FreeClipUsed, NotFound
from echoes.domain.identifiers import Credits
from tests.support import factories
from tests.support.factories import NOON, a_clip, an_owner, clip_media
from tests.support.storage import RECORDS

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

LATER = NOON + timedelta(days=1)
LONG_AGO = datetime(1900, 1, 1, tzinfo=UTC)
"""Before every time that other tests of this file use."""

WRITERS = 8


@pytest.fixture(params=["fake", "dynamodb"], scope="module")
def clips(request: pytest.FixtureRequest) -> Clips:
    if request.param == "fake":
        return InMemoryClips()
    connection: Connection = request.getfixturevalue("connection")
    return DynamoClips(RECORDS, connection)


def store(clips: Clips, clip: Clip, free_clip: FreeClip | None = None) -> Clip:
    clips.save(ClipChange(clip=clip, free_clip=free_clip))
    return clip


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(clip=factories.clips())
def test_every_field_of_a_clip_comes_back_exactly(clips: Clips, clip: Clip) -> None:
    """What was stored is what is read, to the last digit and microsecond."""
    store(clips, clip)

    found = clips.get(clip.owner_id, clip.clip_id)

    assert found == clip
    assert repr(found) == repr(clip)


def test_nobody_finds_what_is_somebody_elses(clips: Clips) -> None:
    """A clip is found by its owner only; for others it does not exist (SE2)."""
    clip = store(clips, a_clip())

    with pytest.raises(NotFound):
        clips.get(an_owner(), clip.clip_id)


def test_a_clip_is_made_only_once(clips: Clips) -> None:
    """Making a clip that exists is a conflict, and leaves the first one as it was."""
    clip = store(clips, a_clip())

    with pytest.raises(Conflict):
        store(clips, replace(clip, seed=99))

    assert clips.get(clip.owner_id, clip.clip_id) == clip


def test_a_change_based_on_an_old_version_is_refused(clips: Clips) -> None:
    """Of two changes to the same version only the first is stored."""
    clip = store(clips, a_clip())
    first = store(clips, entered(clip, ClipStage.FETCHING, progress=0.5, at=NOON))

    with pytest.raises(Conflict):
        store(clips, entered(clip, ClipStage.FINISHING, progress=0.9, at=NOON))

    assert clips.get(clip.owner_id, clip.clip_id) == first


def test_a_clip_that_was_never_made_cannot_be_changed(clips: Clips) -> None:
    """A change needs the version before it: without one nothing is stored."""
    clip = a_clip(version=2)

    with pytest.raises(Conflict):
        store(clips, clip)

    with pytest.raises(NotFound):
        clips.get(clip.owner_id, clip.clip_id)


def test_of_many_writers_one_wins(clips: Clips) -> None:
    """Writers that read the same version race; exactly one of them is stored."""
    clip = store(clips, a_clip())
    barrier = Barrier(WRITERS)
    won: list[int] = []

    def write(number: int) -> None:
        barrier.wait(timeout=10)
        try:
            store(clips, replace(clip, seed=number, version=2))
        except Conflict:
            return
        won.append(number)

    writers = [Thread(target=write, args=(number,)) for number in range(WRITERS)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(timeout=20)

    assert len(won) == 1
    assert clips.get(clip.owner_id, clip.clip_id).seed == won[0]


def test_a_deleted_clip_is_not_found(clips: Clips) -> None:
    """A deleted clip is gone for its owner at once."""
    clip = store(clips, a_clip())
    store(clips, replace(clip, deleted_at=LATER, version=2))

    with pytest.raises(NotFound):
        clips.get(clip.owner_id, clip.clip_id)


def test_the_free_clip_is_used_once(clips: Clips) -> None:
    """A second free clip of the same owner is refused, and not stored (FF6)."""
    owner = an_owner()
    store(clips, a_clip(owner_id=owner, free=True), FreeClip.USE)
    second = a_clip(owner_id=owner, free=True)

    with pytest.raises(FreeClipUsed):
        store(clips, second, FreeClip.USE)

    with pytest.raises(NotFound):
        clips.get(owner, second.clip_id)


def test_asking_twice_for_the_same_free_clip_is_a_conflict(clips: Clips) -> None:
    """The use case then reads, and finds that its first request succeeded."""
    clip = store(clips, a_clip(free=True), FreeClip.USE)

    with pytest.raises(Conflict):
        store(clips, clip, FreeClip.USE)


def test_a_free_clip_that_failed_may_be_tried_again(clips: Clips) -> None:
    """Giving the free clip back with the failure lets the owner make another."""
    owner = an_owner()
    clip = store(clips, a_clip(owner_id=owner, free=True), FreeClip.USE)
    failed = fail(clip, ErrorCode.GENERATION_FAILED, at=NOON)
    store(clips, failed, FreeClip.GIVE_BACK)

    again = store(clips, a_clip(owner_id=owner, free=True), FreeClip.USE)

    assert clips.get(owner, clip.clip_id) == failed
    assert clips.get(owner, again.clip_id) == again


def test_a_refused_change_gives_no_free_clip_back(clips: Clips) -> None:
    """The clip and its free marker change together or not at all."""
    owner = an_owner()
    clip = store(clips, a_clip(owner_id=owner, free=True), FreeClip.USE)

    with pytest.raises(Conflict):
        store(clips, replace(clip, version=7), FreeClip.GIVE_BACK)

    with pytest.raises(FreeClipUsed):
        store(clips, a_clip(owner_id=owner, free=True), FreeClip.USE)


@pytest.fixture
def ancient(clips: Clips) -> list[Clip]:
    """Clips due long before those of every other test, the one due last stored first."""
    return [store(clips, a_clip(at=LONG_AGO - timedelta(hours=hour))) for hour in range(12)][::-1]


def test_running_attempts_are_due_oldest_first(clips: Clips, ancient: list[Clip]) -> None:
    """The sweep gets what is due, oldest first, up to its limit."""
    due = clips.due(at=LONG_AGO + timedelta(days=1), limit=100)
    few = clips.due(at=LONG_AGO + timedelta(days=1), limit=3)
    none = clips.due(at=LONG_AGO - timedelta(days=1), limit=3)

    assert list(due) == [ref(clip) for clip in ancient]
    assert list(few) == list(due[:3])
    assert not none
    for clip in ancient:
        store(clips, fail(clip, ErrorCode.GENERATION_FAILED, at=NOON))


def test_an_attempt_is_due_until_it_ends(clips: Clips) -> None:
    """A postponed attempt is due later, an ended one never, a new one again."""
    start = LONG_AGO + timedelta(days=30)
    soon = start + timedelta(days=1)
    clip = store(clips, a_clip(at=start))
    assert ref(clip) in clips.due(at=clip.attempt.due_at, limit=100)

    clip = store(clips, due_again(clip, until=soon, at=start))
    before = soon - timedelta(microseconds=1)
    assert ref(clip) not in clips.due(at=before, limit=100)
    assert ref(clip) in clips.due(at=soon, limit=100)

    clip = store(clips, complete(clip, clip_media(clip), at=start))
    assert ref(clip) not in clips.due(at=LATER, limit=1000)

    clip = store(clips, regenerate(clip, provider="p", credits_=Credits(1), at=soon))
    assert ref(clip) in clips.due(at=LATER, limit=1000)
    store(clips, fail(clip, ErrorCode.GENERATION_FAILED, at=soon))


def _row(dynamodb: "DynamoDBClient", clip: Clip) -> "dict[str, AttributeValueTypeDef]":
    key = {"pk": {"S": f"OWNER#{clip.owner_id}"}, "sk": {"S": f"CLIP#{clip.clip_id}"}}
    return dynamodb.get_item(TableName=RECORDS, Key=key, ConsistentRead=True)["Item"]


def test_only_a_running_attempt_is_in_the_index(
    connection: Connection, dynamodb: "DynamoDBClient"
) -> None:
    """The index of running attempts stays as small as their number: ended ones leave it."""
    clips = DynamoClips(RECORDS, connection)
    clip = store(clips, a_clip())
    running = _row(dynamodb, clip)
    store(clips, fail(clip, ErrorCode.GENERATION_FAILED, at=NOON))
    ended = _row(dynamodb, clip)

    assert running["due_partition"]["S"] in "01234567"
    assert running["attempt_id"] == {"S": clip.attempt.attempt_id}
    assert running["id"] == {"S": clip.clip_id}
    assert not {"due_partition", "due_at", "attempt_id", "expires"} & set(ended)


def test_a_deleted_clip_leaves_the_table_after_a_day(
    connection: Connection, dynamodb: "DynamoDBClient"
) -> None:
    """The row stays for those who still work on the clip, and is then removed (PF5)."""
    clips = DynamoClips(RECORDS, connection)
    clip = store(clips, a_clip())
    store(clips, replace(clip, deleted_at=NOON, version=2))

    expires = int(_row(dynamodb, clip)["expires"]["N"])

    assert expires == int((NOON + DELETED_RETENTION).timestamp())
