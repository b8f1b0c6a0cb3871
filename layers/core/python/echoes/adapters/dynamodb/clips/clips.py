"""Clips kept in the records table."""

from dataclasses import dataclass
from datetime import datetime
from typing import Self

from pynamodb.connection import Connection
from pynamodb.exceptions import CancellationReason, TransactWriteError
from pynamodb.expressions.condition import Condition
from pynamodb.transactions import TransactWrite

from echoes.adapters.dynamodb.clips.items import (
    CLIP,
    FREE_CLIP,
    ClipItem,
    FreeClipItem,
    clip_to_item,
)
from echoes.adapters.dynamodb.clips.reader import DynamoClipReader
from echoes.adapters.dynamodb.connection import bind
from echoes.adapters.dynamodb.failures import CONDITION_FAILED, translated
from echoes.adapters.dynamodb.projects.projects import ProjectModels, project_actions
from echoes.adapters.dynamodb.records import DUE_PARTITIONS, OWNER, DueIndex, owner_key
from echoes.application.ports.clips import ClipChange, FreeClip
from echoes.domain.clips.attempts import AttemptRef
from echoes.domain.clips.clip import Clip
from echoes.domain.errors import FreeClipUsed
from echoes.domain.identifiers import AttemptId, ClipId, OwnerId


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipModels:
    """The models of a change of a clip."""

    clip: type[ClipItem]
    free_clip: type[FreeClipItem]
    projects: ProjectModels

    @classmethod
    def bind(cls, table: str, connection: Connection) -> Self:
        """Return the models bound to *table*."""
        return cls(
            clip=bind(ClipItem, table, connection),
            free_clip=bind(FreeClipItem, table, connection),
            projects=ProjectModels.bind(table, connection),
        )


def clip_actions(transaction: TransactWrite, change: ClipChange, models: ClipModels) -> None:
    """
    Add *change* to *transaction*: one put, and one for its project or its free clip.

    The transaction is refused if clip or project
    was written since, or the free clip is used (`refuses_free_clip` says which).
    """
    clip = change.clip
    transaction.save(clip_to_item(clip, models.clip), condition=_unwritten(clip, models))
    marker = models.free_clip(
        owner_key(clip.owner_id), FREE_CLIP, used_by=clip.clip_id, used_at=clip.updated_at
    )
    match change.free_clip:
        case FreeClip.USE:
            transaction.save(
                marker, condition=models.free_clip.pk.does_not_exist(), return_values="ALL_OLD"
            )
        case FreeClip.GIVE_BACK:
            transaction.delete(marker)
        case None:
            pass
    if change.project is not None:
        project_actions(transaction, change.project, models.projects)


def refuses_free_clip(reason: CancellationReason | None) -> bool:
    """Return whether *reason* says that the owner has had the free clip before."""
    if reason is None or reason.code != CONDITION_FAILED or reason.raw_item is None:
        return False
    return reason.raw_item["sk"] == {"S": FREE_CLIP}


def _unwritten(clip: Clip, models: ClipModels) -> Condition:
    if clip.version == 1:
        return models.clip.pk.does_not_exist()
    return models.clip.version == clip.version - 1


class DynamoClips(DynamoClipReader):
    """
    The port `Clips`: one item for each clip.

    If a response is lost, the repeated write is a `Conflict` although the
    first was stored. The use case reads again and finds its own work done.
    """

    def __init__(self, table: str, connection: Connection) -> None:
        super().__init__(table, connection)
        self._connection = connection
        self._models = ClipModels.bind(table, connection)

    def save(self, change: ClipChange) -> None:
        """Store *change*. Raises `Conflict`, or `FreeClipUsed` if that is the only obstacle."""
        with translated():
            if change.free_clip is None and change.project is None:
                item = clip_to_item(change.clip, self._models.clip)
                item.save(condition=_unwritten(change.clip, self._models))
                return
            try:
                with TransactWrite(connection=self._connection) as transaction:
                    clip_actions(transaction, change, self._models)
            except TransactWriteError as refused:
                reasons = [reason for reason in refused.cancellation_reasons if reason]
                if reasons and all(refuses_free_clip(reason) for reason in reasons):
                    raise FreeClipUsed("you have already used your free clip") from refused
                raise

    def due(self, *, at: datetime, limit: int) -> list[AttemptRef]:
        """Return attempts that are due, oldest first."""
        due: list[ClipItem] = []
        model = self._models.clip
        index = DueIndex.Meta.index_name
        with translated():
            for part in range(DUE_PARTITIONS):
                passed = model.due_at <= at
                due += model.query(str(part), passed, index_name=index, limit=limit)
        due.sort(key=lambda item: item.due_at)
        return [_attempt_ref(item) for item in due[:limit]]


def _attempt_ref(item: ClipItem) -> AttemptRef:
    return AttemptRef(
        owner_id=OwnerId(item.pk.removeprefix(OWNER)),
        clip_id=ClipId(item.sk.removeprefix(CLIP)),
        attempt_id=AttemptId(item.attempt_id),
    )
