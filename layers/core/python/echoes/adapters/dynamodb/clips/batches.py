"""The rests of batches in the records table, at ``OWNER#<owner>`` / ``BATCH#<batch>``."""

import zlib
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from pynamodb.attributes import ListAttribute, UnicodeAttribute
from pynamodb.connection import Connection
from pynamodb.exceptions import DoesNotExist
from pynamodb.expressions.condition import Condition
from pynamodb.transactions import TransactWrite

from echoes.adapters.dynamodb.attributes import InstantAttribute, IntAttribute
from echoes.adapters.dynamodb.clips.items import ClipMap, clip_from_item, clip_to_map
from echoes.adapters.dynamodb.connection import bind
from echoes.adapters.dynamodb.failures import translated
from echoes.adapters.dynamodb.records import (
    DUE_PARTITIONS,
    OWNER,
    DueIndex,
    RecordItem,
    owner_key,
)
from echoes.domain.identifiers import BatchId, OwnerId, ProjectId
from echoes.domain.projects.batches import Batch, BatchRef

BATCH: Final = "BATCH#"


class BatchItem(RecordItem):
    """A `Batch`; due (``due_at``) until it is finished."""

    project_id: UnicodeAttribute = UnicodeAttribute()
    clips: ListAttribute[ClipMap] = ListAttribute(of=ClipMap)
    created_at: InstantAttribute = InstantAttribute()
    version: IntAttribute = IntAttribute()


def batch_action(transaction: TransactWrite, batch: Batch, model: type[BatchItem]) -> None:
    """Add *batch* to *transaction*, on condition that it has not changed."""
    transaction.save(_to_item(batch, model), condition=_unwritten(batch, model))


def _unwritten(batch: Batch, model: type[BatchItem]) -> Condition:
    if batch.version == 1:
        return model.pk.does_not_exist()
    return model.version == batch.version - 1


class DynamoBatches:
    """The port `Batches`."""

    def __init__(self, table: str, connection: Connection) -> None:
        self._model = bind(BatchItem, table, connection)

    def get(self, owner_id: OwnerId, batch_id: BatchId) -> Batch | None:
        """Return the batch, or ``None`` if it needed no second commit."""
        with translated():
            try:
                item = self._model.get(
                    owner_key(owner_id), f"{BATCH}{batch_id}", consistent_read=True
                )
            except DoesNotExist:
                return None
        return _from_item(item)

    def save(self, batch: Batch) -> None:
        """Store *batch*. Raises `Conflict` if it was written since it was read."""
        with translated():
            _to_item(batch, self._model).save(condition=_unwritten(batch, self._model))

    def due(self, *, at: datetime, limit: int) -> Sequence[BatchRef]:
        """Return batches that were not finished in time, oldest first."""
        with translated():
            due = [
                item
                for part in range(DUE_PARTITIONS)
                for item in self._model.query(
                    f"{BATCH}{part}",
                    self._model.due_at <= at,
                    index_name=DueIndex.Meta.index_name,
                    limit=limit,
                )
            ]
        due.sort(key=lambda item: item.due_at)
        return [
            BatchRef(
                owner_id=OwnerId(item.pk.removeprefix(OWNER)),
                batch_id=BatchId(item.sk.removeprefix(BATCH)),
            )
            for item in due[:limit]
        ]


def _to_item(batch: Batch, model: type[BatchItem]) -> BatchItem:
    item = model(
        owner_key(batch.owner_id),
        f"{BATCH}{batch.batch_id}",
        project_id=batch.project_id,
        clips=[clip_to_map(clip) for clip in batch.clips],
        created_at=batch.created_at,
        version=batch.version,
    )
    if batch.due_at is not None:
        item.due_partition = f"{BATCH}{zlib.crc32(batch.batch_id.encode()) % DUE_PARTITIONS}"
        item.due_at = batch.due_at
    return item


def _from_item(item: BatchItem) -> Batch:
    return Batch(
        owner_id=OwnerId(item.pk.removeprefix(OWNER)),
        batch_id=BatchId(item.sk.removeprefix(BATCH)),
        project_id=ProjectId(item.project_id),
        clips=tuple(clip_from_item(clip) for clip in item.clips),
        created_at=item.created_at,
        due_at=item.due_at,
        version=item.version,
    )
