"""Wiring of rewards and the stores they share."""

from dataclasses import dataclass
from typing import Self

from pynamodb.connection import Connection

from echoes.adapters.dynamodb.connection import connect
from echoes.adapters.dynamodb.credits.ledger import DynamoLedger
from echoes.adapters.dynamodb.purchases.purchases import DynamoPurchases
from echoes.adapters.dynamodb.rewards import DynamoInvitationCodes, DynamoRewards
from echoes.application.rewards.review_referral import FindFirstPurchase
from echoes.settings import LedgerTables, RecordsTable


@dataclass(frozen=True, slots=True, kw_only=True)
class RewardTools:
    """Stores that share transactions, over one connection."""

    ledger: DynamoLedger
    rewards: DynamoRewards
    codes: DynamoInvitationCodes
    first_purchase: FindFirstPurchase
    connection: Connection

    @classmethod
    def from_environ(cls) -> Self:
        """Connect to the tables that the environment names."""
        connection, tables = connect(), LedgerTables.from_environ()
        records = RecordsTable.from_environ().name
        ledger = DynamoLedger(
            entries_table=tables.entries,
            state_table=tables.state,
            connection=connection,
            records_table=records,
        )
        return cls(
            ledger=ledger,
            rewards=DynamoRewards(records, connection),
            codes=DynamoInvitationCodes(records, connection),
            first_purchase=FindFirstPurchase(
                history=ledger, purchases=DynamoPurchases(tables.state, connection)
            ),
            connection=connection,
        )
