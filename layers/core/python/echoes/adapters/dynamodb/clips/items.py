"""
The items of clips, and how clips become items and back.

Keys: ``OWNER#<owner>`` / ``CLIP#<clip>`` or ``FREE#CLIP``.
"""

import zlib
from typing import Any, Final

from pynamodb.attributes import BooleanAttribute, ListAttribute, MapAttribute, UnicodeAttribute

from echoes.adapters.dynamodb.attributes import (
    EnumAttribute,
    FloatAttribute,
    InstantAttribute,
    IntAttribute,
)
from echoes.adapters.dynamodb.records import (
    DUE_PARTITIONS,
    RecordItem,
    epoch_seconds,
    map_of,
    owner_key,
    stored,
    values_of,
)
from echoes.domain.clips.attempts import Attempt, ClipMedia, ClipStatus, Stage
from echoes.domain.clips.clip import DELETED_RETENTION, Clip, Motion
from echoes.domain.clips.ratios import Ratio
from echoes.domain.error_catalogue import ErrorCode
from echoes.domain.identifiers import ClipId

CLIP: Final = "CLIP#"
FREE_CLIP: Final = "FREE#CLIP"


class MediaMap(MapAttribute[str, Any]):
    """A `ClipMedia`."""

    master_key: UnicodeAttribute = UnicodeAttribute()
    preview_key: UnicodeAttribute = UnicodeAttribute()
    poster_key: UnicodeAttribute = UnicodeAttribute()
    width: IntAttribute = IntAttribute()
    height: IntAttribute = IntAttribute()
    duration_seconds: FloatAttribute = FloatAttribute()
    frames: IntAttribute = IntAttribute()
    bytes: IntAttribute = IntAttribute()
    sha256: UnicodeAttribute = UnicodeAttribute()
    signature: UnicodeAttribute = UnicodeAttribute()


class AttemptMap(MapAttribute[str, Any]):
    """An `Attempt`."""

    number: IntAttribute = IntAttribute()
    attempt_id: UnicodeAttribute = UnicodeAttribute()
    provider: UnicodeAttribute = UnicodeAttribute()
    credits: IntAttribute = IntAttribute()
    created_at: InstantAttribute = InstantAttribute()
    due_at: InstantAttribute = InstantAttribute()
    status: EnumAttribute[ClipStatus] = EnumAttribute(ClipStatus)
    stage: EnumAttribute[Stage] = EnumAttribute(Stage)
    progress: FloatAttribute = FloatAttribute()
    cancel_requested: BooleanAttribute = BooleanAttribute()
    submitted_at: InstantAttribute = InstantAttribute(null=True)
    running_since: InstantAttribute = InstantAttribute(null=True)
    provider_task_id: UnicodeAttribute = UnicodeAttribute(null=True)
    completed_at: InstantAttribute = InstantAttribute(null=True)
    error_code: EnumAttribute[ErrorCode] = EnumAttribute(ErrorCode, null=True)
    provider_cost: IntAttribute = IntAttribute(null=True)
    media: MediaMap = MediaMap(null=True)  # type: ignore[no-untyped-call]  # PynamoDB


class ClipItem(RecordItem):
    """A `Clip` with all its attempts."""

    owner_id: UnicodeAttribute = UnicodeAttribute()
    clip_id: UnicodeAttribute = UnicodeAttribute()
    upload_id: UnicodeAttribute = UnicodeAttribute()
    duration_seconds: IntAttribute = IntAttribute()
    ratio: EnumAttribute[Ratio] = EnumAttribute(Ratio)
    motion: EnumAttribute[Motion] = EnumAttribute(Motion)
    seed: IntAttribute = IntAttribute()
    free: BooleanAttribute = BooleanAttribute()
    placeholder: UnicodeAttribute = UnicodeAttribute()
    created_at: InstantAttribute = InstantAttribute()
    updated_at: InstantAttribute = InstantAttribute()
    attempts: ListAttribute[AttemptMap] = ListAttribute(of=AttemptMap)
    project_id: UnicodeAttribute = UnicodeAttribute(null=True)
    prompt: UnicodeAttribute = UnicodeAttribute(null=True)
    deleted_at: InstantAttribute = InstantAttribute(null=True)
    version: IntAttribute = IntAttribute()


class ClipMap(MapAttribute[str, Any]):
    """A `Clip` inside another item, with the same attributes as a `ClipItem`."""

    owner_id: UnicodeAttribute = UnicodeAttribute()
    clip_id: UnicodeAttribute = UnicodeAttribute()
    upload_id: UnicodeAttribute = UnicodeAttribute()
    duration_seconds: IntAttribute = IntAttribute()
    ratio: EnumAttribute[Ratio] = EnumAttribute(Ratio)
    motion: EnumAttribute[Motion] = EnumAttribute(Motion)
    seed: IntAttribute = IntAttribute()
    free: BooleanAttribute = BooleanAttribute()
    placeholder: UnicodeAttribute = UnicodeAttribute()
    created_at: InstantAttribute = InstantAttribute()
    updated_at: InstantAttribute = InstantAttribute()
    attempts: ListAttribute[AttemptMap] = ListAttribute(of=AttemptMap)
    project_id: UnicodeAttribute = UnicodeAttribute(null=True)
    prompt: UnicodeAttribute = UnicodeAttribute(null=True)
    deleted_at: InstantAttribute = InstantAttribute(null=True)
    version: IntAttribute = IntAttribute()


class FreeClipItem(RecordItem):
    """The record that an owner has had the free clip, and which one it was."""

    used_by: UnicodeAttribute = UnicodeAttribute()
    used_at: InstantAttribute = InstantAttribute()


def clip_key(clip_id: ClipId) -> str:
    """Return where a clip is in its owner's partition."""
    return f"{CLIP}{clip_id}"


def due_partition_of(clip_id: ClipId) -> str:
    """Return the clip's part of the index."""
    return str(zlib.crc32(clip_id.encode()) % DUE_PARTITIONS)


def clip_to_item(clip: Clip, model: type[ClipItem]) -> ClipItem:
    """Return *clip* as it is stored: due while its current attempt runs, expiring if deleted."""
    values = _clip_values(clip)
    item = model(owner_key(clip.owner_id), clip_key(clip.clip_id), id=clip.clip_id, **values)
    if not clip.attempt.ended:
        item.due_partition = due_partition_of(clip.clip_id)
        item.due_at = clip.attempt.due_at
        item.attempt_id = clip.attempt.attempt_id
    if clip.deleted_at is not None:
        item.expires = epoch_seconds(clip.deleted_at + DELETED_RETENTION)
    return item


def clip_to_map(clip: Clip) -> ClipMap:
    """Return *clip* as it is stored inside another item."""
    return ClipMap(**_clip_values(clip))  # type: ignore[no-untyped-call]  # PynamoDB


def clip_from_item(item: ClipItem | ClipMap) -> Clip:
    """Return the clip that was stored."""
    attempts = tuple(_attempt_from_map(attempt) for attempt in item.attempts)
    return Clip(**stored(item, Clip) | {"attempts": attempts})


def _clip_values(clip: Clip) -> dict[str, Any]:
    return values_of(clip) | {"attempts": [_attempt_to_map(attempt) for attempt in clip.attempts]}


def _attempt_to_map(attempt: Attempt) -> AttemptMap:
    item = map_of(AttemptMap, attempt)
    if attempt.media is not None:
        item.media = map_of(MediaMap, attempt.media)
    return item


def _attempt_from_map(item: AttemptMap) -> Attempt:
    media = ClipMedia(**stored(item.media, ClipMedia)) if item.media else None
    return Attempt(**stored(item, Attempt) | {"media": media})
