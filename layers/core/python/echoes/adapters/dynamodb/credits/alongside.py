"""Records stored in one commit with an entry: clips, batches, rewards, adjustment requests."""

from dataclasses import dataclass
from typing import Self, assert_never

from pynamodb.connection import Connection
from pynamodb.transactions import TransactWrite

from echoes.adapters.dynamodb.clips.batches import BatchItem, batch_action
from echoes.adapters.dynamodb.clips.clips import ClipModels, clip_actions
from echoes.adapters.dynamodb.connection import bind
from echoes.adapters.dynamodb.credits.adjustments import AdjustmentItem, adjustment_action
from echoes.adapters.dynamodb.projects.projects import project_actions
from echoes.adapters.dynamodb.rewards import RewardModels, reward_actions
from echoes.application.ports.clips import ClipChange
from echoes.domain.credits.adjustments import AdjustmentChange
from echoes.domain.projects.batches import BatchChange
from echoes.domain.rewards import RewardChange

RecordChange = BatchChange | ClipChange | RewardChange | AdjustmentChange


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordModels:
    """The models of all records that change together with credits."""

    clips: ClipModels
    batch: type[BatchItem]
    rewards: RewardModels
    adjustment: type[AdjustmentItem]

    @classmethod
    def bind(cls, table: str, connection: Connection) -> Self:
        """Return the models bound to *table*."""
        return cls(
            clips=ClipModels.bind(table, connection),
            batch=bind(BatchItem, table, connection),
            rewards=RewardModels.bind(table, connection),
            adjustment=bind(AdjustmentItem, table, connection),
        )


def record_actions(transaction: TransactWrite, change: RecordChange, models: RecordModels) -> None:
    """Add *change* to *transaction*, on condition that it has not changed."""
    match change:
        case BatchChange():
            for clip in change.clips:
                clip_actions(transaction, ClipChange(clip=clip), models.clips)
            if change.project is not None:
                project_actions(transaction, change.project, models.clips.projects)
            if change.batch is not None:
                batch_action(transaction, change.batch, models.batch)
        case ClipChange():
            clip_actions(transaction, change, models.clips)
        case RewardChange():
            reward_actions(transaction, change, models.rewards)
        case AdjustmentChange():
            adjustment_action(transaction, change, models.adjustment)
        case _:
            assert_never(change)
