"""What is stored in one commit with an entry of the ledger: clips, purchases, rewards, requests."""

from dataclasses import dataclass
from typing import Self, assert_never

from pynamodb.connection import Connection
from pynamodb.transactions import TransactWrite

from echoes.adapters.dynamodb.adjustments import AdjustmentItem, adjustment_action
from echoes.adapters.dynamodb.clips import ClipModels, clip_actions
from echoes.adapters.dynamodb.connection import bind
from echoes.adapters.dynamodb.rewards import RewardModels, reward_actions
from echoes.application.ports import ClipChange
from echoes.domain.adjustments import AdjustmentChange
from echoes.domain.rewards import RewardChange

StudioChange = ClipChange | RewardChange | AdjustmentChange


@dataclass(frozen=True, slots=True, kw_only=True)
class StudioModels:
    """The models of everything in the studio table that changes together with credits."""

    clips: ClipModels
    rewards: RewardModels
    adjustment: type[AdjustmentItem]

    @classmethod
    def bind(cls, table: str, connection: Connection) -> Self:
        """Return the models as they are kept in *table*."""
        return cls(
            clips=ClipModels.bind(table, connection),
            rewards=RewardModels.bind(table, connection),
            adjustment=bind(AdjustmentItem, table, connection),
        )


def studio_actions(transaction: TransactWrite, change: StudioChange, models: StudioModels) -> None:
    """Put *change* into *transaction*, on condition that nobody wrote it since."""
    match change:
        case ClipChange():
            clip_actions(transaction, change, models.clips)
        case RewardChange():
            reward_actions(transaction, change, models.rewards)
        case AdjustmentChange():
            adjustment_action(transaction, change, models.adjustment)
        case _:
            assert_never(change)
