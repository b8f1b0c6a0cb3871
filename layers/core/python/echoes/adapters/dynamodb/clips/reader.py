"""Clips as they are read from the records table; `clips` writes them."""

from collections.abc import Sequence

from pynamodb.connection import Connection
from pynamodb.exceptions import DoesNotExist

from echoes.adapters.dynamodb.clips.items import ClipItem, clip_from_item, clip_key
from echoes.adapters.dynamodb.connection import bind
from echoes.adapters.dynamodb.failures import translated
from echoes.adapters.dynamodb.records import owner_key
from echoes.domain.clips.clip import Clip
from echoes.domain.errors import NotFound
from echoes.domain.identifiers import ClipId, OwnerId


class DynamoClipReader:
    """The port `ClipReader`: who only shows clips need not import what else is written with one."""

    def __init__(self, table: str, connection: Connection) -> None:
        self._clip = bind(ClipItem, table, connection)

    def get(self, owner_id: OwnerId, clip_id: ClipId) -> Clip:
        """Return the clip. Raises `NotFound` if there is none or it was deleted."""
        with translated():
            try:
                item = self._clip.get(owner_key(owner_id), clip_key(clip_id), consistent_read=True)
            except DoesNotExist as absent:
                raise NotFound("clip not found") from absent
        if item.deleted_at is not None:
            raise NotFound("the clip was deleted")
        return clip_from_item(item)

    def get_many(self, owner_id: OwnerId, clip_ids: Sequence[ClipId]) -> list[Clip]:
        """Return those of the clips that exist, in the order of the ids."""
        keys = [(owner_key(owner_id), clip_key(clip_id)) for clip_id in dict.fromkeys(clip_ids)]
        with translated():
            items = self._clip.batch_get(keys, consistent_read=True) if keys else ()
            found = {item.sk: item for item in items if item.deleted_at is None}
        return [clip_from_item(found[key]) for _, key in keys if key in found]
