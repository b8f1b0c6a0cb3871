"""
The items of the records table, and how domain objects become items and back.

Every field of a domain object is an attribute of the same name, so PynamoDB refuses a field that is
missing here instead of losing it. Keys: ``OWNER#<owner>`` / ``CLIP#<clip>``, ``UPLOAD#<upload>`` or
``FREE#CLIP``; ``LATENCY#<provider>`` / ``<seconds>``.
"""

import zlib
from dataclasses import fields
from datetime import datetime
from typing import Any, Final, TypeVar

from pynamodb.attributes import (
    BooleanAttribute,
    ListAttribute,
    MapAttribute,
    UnicodeAttribute,
)
from pynamodb.indexes import GlobalSecondaryIndex, IncludeProjection, KeysOnlyProjection
from pynamodb.models import Model

from echoes.adapters.dynamodb.attributes import (
    EnumAttribute,
    FloatAttribute,
    InstantAttribute,
    IntAttribute,
)
from echoes.domain.clips.attempts import Attempt, ClipMedia, ClipStatus, Stage
from echoes.domain.clips.clip import DELETED_RETENTION, Clip, Motion
from echoes.domain.clips.ratios import Ratio
from echoes.domain.error_catalogue import ErrorCode
from echoes.domain.identifiers import ClipId, OwnerId, UploadId
from echoes.domain.uploads import RETENTION_AFTER_EXPIRY, PhotoFacts, Upload, UploadState

A = TypeVar("A", bound=MapAttribute[str, Any])

DUE_PARTITIONS: Final = 8
"""Spreads the index of running attempts, so that no single partition takes every write."""

OWNER: Final = "OWNER#"
CLIP: Final = "CLIP#"
UPLOAD: Final = "UPLOAD#"
FREE_CLIP: Final = "FREE#CLIP"
LATENCY: Final = "LATENCY#"


class ById(GlobalSecondaryIndex["RecordItem"]):  # type: ignore[no-untyped-call]  # its __init_subclass__
    """The index of owners by the id of a record."""

    class Meta:
        """Its name, and that it holds only the keys."""

        index_name = "by_id"
        projection = KeysOnlyProjection()

    id: UnicodeAttribute = UnicodeAttribute(hash_key=True)


class DueIndex(GlobalSecondaryIndex["RecordItem"]):  # type: ignore[no-untyped-call]  # the same
    """The index of records that a sweep must check, by the time they are due."""

    class Meta:
        """Its name, and what it holds besides the keys."""

        index_name = "due"
        projection = IncludeProjection(["attempt_id"])

    due_partition: UnicodeAttribute = UnicodeAttribute(hash_key=True)
    due_at: InstantAttribute = InstantAttribute(range_key=True)


class RecordItem(Model):
    """The attributes of all items: every model declares the same keys and indexes."""

    pk: UnicodeAttribute = UnicodeAttribute(hash_key=True)
    sk: UnicodeAttribute = UnicodeAttribute(range_key=True)
    id: UnicodeAttribute = UnicodeAttribute(null=True)
    due_partition: UnicodeAttribute = UnicodeAttribute(null=True)
    due_at: InstantAttribute = InstantAttribute(null=True)
    attempt_id: UnicodeAttribute = UnicodeAttribute(null=True)
    expires: IntAttribute = IntAttribute(null=True)
    """Epoch seconds; DynamoDB removes the item some time later (TTL)."""

    by_id = ById()
    awaited = DueIndex()


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


class FactsMap(MapAttribute[str, Any]):
    """A `PhotoFacts`."""

    content_type: UnicodeAttribute = UnicodeAttribute()
    width: IntAttribute = IntAttribute()
    height: IntAttribute = IntAttribute()
    bytes: IntAttribute = IntAttribute()
    sha256: UnicodeAttribute = UnicodeAttribute()
    placeholder: UnicodeAttribute = UnicodeAttribute()
    taken_at: InstantAttribute = InstantAttribute(null=True)
    taken_offset_minutes: IntAttribute = IntAttribute(default=0)
    perceptual_hash: UnicodeAttribute = UnicodeAttribute(null=True)
    sharpness: IntAttribute = IntAttribute(null=True)


class UploadItem(RecordItem):
    """An `Upload`."""

    owner_id: UnicodeAttribute = UnicodeAttribute()
    upload_id: UnicodeAttribute = UnicodeAttribute()
    content_type: UnicodeAttribute = UnicodeAttribute()
    declared_bytes: IntAttribute = IntAttribute()
    created_at: InstantAttribute = InstantAttribute()
    expires_at: InstantAttribute = InstantAttribute()
    declared_sha256: UnicodeAttribute = UnicodeAttribute(null=True)
    declared_taken_at: InstantAttribute = InstantAttribute(null=True)
    declared_offset_minutes: IntAttribute = IntAttribute(default=0)
    state: EnumAttribute[UploadState] = EnumAttribute(UploadState)
    reason: UnicodeAttribute = UnicodeAttribute(null=True)
    facts: FactsMap = FactsMap(null=True)  # type: ignore[no-untyped-call]  # PynamoDB
    version: IntAttribute = IntAttribute()


class LatencyItem(RecordItem):
    """The latest run times of one provider for clips of one length, oldest first."""

    samples: ListAttribute[Any] = ListAttribute(of=FloatAttribute)


def owner_key(owner_id: OwnerId) -> str:
    """Return the partition of everything that belongs to *owner_id*."""
    return f"{OWNER}{owner_id}"


def clip_key(clip_id: ClipId) -> str:
    """Return where a clip is in its owner's partition."""
    return f"{CLIP}{clip_id}"


def upload_key(upload_id: UploadId) -> str:
    """Return where an upload is in its owner's partition."""
    return f"{UPLOAD}{upload_id}"


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
    return Clip(**_stored(item, Clip) | {"attempts": attempts})


def upload_to_item(upload: Upload, model: type[UploadItem]) -> UploadItem:
    """Return *upload* as it is stored; it is removed some time after expiry without a photo."""
    values = _values(upload)
    if upload.facts is not None:
        values["facts"] = _map(FactsMap, upload.facts)
    item = model(
        owner_key(upload.owner_id), upload_key(upload.upload_id), id=upload.upload_id, **values
    )
    if upload.state is UploadState.WAITING:
        item.expires = epoch_seconds(upload.expires_at + RETENTION_AFTER_EXPIRY)
    return item


def upload_from_item(item: UploadItem) -> Upload:
    """Return the upload that was stored."""
    facts = PhotoFacts(**_stored(item.facts, PhotoFacts)) if item.facts else None
    return Upload(**_stored(item, Upload) | {"facts": facts})


def epoch_seconds(at: datetime) -> int:
    """Return *at* as DynamoDB's TTL counts."""
    return int(at.timestamp())


def _clip_values(clip: Clip) -> dict[str, Any]:
    return _values(clip) | {"attempts": [_attempt_to_map(attempt) for attempt in clip.attempts]}


def _attempt_to_map(attempt: Attempt) -> AttemptMap:
    stored = _map(AttemptMap, attempt)
    if attempt.media is not None:
        stored.media = _map(MediaMap, attempt.media)
    return stored


def _attempt_from_map(stored: AttemptMap) -> Attempt:
    media = ClipMedia(**_stored(stored.media, ClipMedia)) if stored.media else None
    return Attempt(**_stored(stored, Attempt) | {"media": media})


def _map(kind: type[A], entity: Any) -> A:  # noqa: ANN401  # any dataclass of the domain
    return kind(**_values(entity))


def _values(entity: Any) -> dict[str, Any]:  # noqa: ANN401  # any dataclass of the domain
    return _stored(entity, type(entity))


def _stored(item: Any, kind: type[Any]) -> dict[str, Any]:  # noqa: ANN401  # any model or map
    return {field.name: getattr(item, field.name) for field in fields(kind)}
