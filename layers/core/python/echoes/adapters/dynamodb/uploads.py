"""Uploads kept in the records table: ``OWNER#<owner>`` / ``UPLOAD#<upload>``."""

from collections.abc import Sequence
from typing import Any, Final

from pynamodb.attributes import MapAttribute, UnicodeAttribute
from pynamodb.connection import Connection
from pynamodb.exceptions import DoesNotExist

from echoes.adapters.dynamodb.attributes import EnumAttribute, InstantAttribute, IntAttribute
from echoes.adapters.dynamodb.connection import bind
from echoes.adapters.dynamodb.failures import translated
from echoes.adapters.dynamodb.records import (
    RecordItem,
    epoch_seconds,
    map_of,
    owner_key,
    stored,
    values_of,
)
from echoes.domain.errors import Conflict, NotFound
from echoes.domain.identifiers import OwnerId, UploadId
from echoes.domain.uploads import RETENTION_AFTER_EXPIRY, PhotoFacts, Upload, UploadState

UPLOAD: Final = "UPLOAD#"


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


class DynamoUploads:
    """The port `Uploads`. Rows of uploads without a photo are removed after their retention."""

    def __init__(self, table: str, connection: Connection) -> None:
        self._model = bind(UploadItem, table, connection)

    def get(self, owner_id: OwnerId, upload_id: UploadId) -> Upload:
        """Return the upload. Raises `NotFound`."""
        with translated():
            try:
                item = self._model.get(
                    owner_key(owner_id), upload_key(upload_id), consistent_read=True
                )
            except DoesNotExist as absent:
                raise NotFound("upload not found") from absent
        return upload_from_item(item)

    def get_many(self, owner_id: OwnerId, upload_ids: Sequence[UploadId]) -> list[Upload]:
        """Return those of the uploads that exist, in the order of the ids."""
        keys = [(owner_key(owner_id), upload_key(each)) for each in dict.fromkeys(upload_ids)]
        with translated():
            items = self._model.batch_get(keys, consistent_read=True) if keys else ()
            found = {item.sk: item for item in items}
        return [upload_from_item(found[key]) for _, key in keys if key in found]

    def add(self, uploads: Sequence[Upload]) -> None:
        """
        Store those of *uploads* that are not stored yet.

        If it fails, some may be stored and others not; repeating it stores the rest.
        """
        for upload in uploads:
            try:
                with translated():
                    upload_to_item(upload, self._model).save(
                        condition=self._model.pk.does_not_exist()
                    )
            except Conflict:
                continue

    def save(self, upload: Upload) -> None:
        """Store *upload*. Raises `Conflict` if it was written since it was read."""
        with translated():
            upload_to_item(upload, self._model).save(
                condition=self._model.version == upload.version - 1
            )


def upload_key(upload_id: UploadId) -> str:
    """Return where an upload is in its owner's partition."""
    return f"{UPLOAD}{upload_id}"


def upload_to_item(upload: Upload, model: type[UploadItem]) -> UploadItem:
    """Return *upload* as it is stored; it is removed some time after expiry without a photo."""
    values = values_of(upload)
    if upload.facts is not None:
        values["facts"] = map_of(FactsMap, upload.facts)
    item = model(
        owner_key(upload.owner_id), upload_key(upload.upload_id), id=upload.upload_id, **values
    )
    if upload.state is UploadState.WAITING:
        item.expires = epoch_seconds(upload.expires_at + RETENTION_AFTER_EXPIRY)
    return item


def upload_from_item(item: UploadItem) -> Upload:
    """Return the upload that was stored."""
    facts = PhotoFacts(**stored(item.facts, PhotoFacts)) if item.facts else None
    return Upload(**stored(item, Upload) | {"facts": facts})
