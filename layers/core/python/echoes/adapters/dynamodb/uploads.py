"""Uploads kept in the records table."""

from collections.abc import Sequence

from pynamodb.connection import Connection
from pynamodb.exceptions import DoesNotExist

from echoes.adapters.dynamodb.connection import bind
from echoes.adapters.dynamodb.failures import translated
from echoes.adapters.dynamodb.items import (
    UploadItem,
    owner_key,
    upload_from_item,
    upload_key,
    upload_to_item,
)
from echoes.domain.errors import Conflict, NotFound
from echoes.domain.identifiers import OwnerId, UploadId
from echoes.domain.uploads import Upload


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
