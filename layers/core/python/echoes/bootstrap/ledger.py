"""The ledger and the clips that are written with it, over one connection."""

from dataclasses import dataclass
from typing import Self

from pynamodb.connection import Connection

from echoes.adapters.dynamodb.clips.clips import DynamoClips
from echoes.adapters.dynamodb.connection import connect
from echoes.adapters.dynamodb.credits.ledger import DynamoLedger
from echoes.settings import LedgerTables, RecordsTable


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerAndClips:
    """Two ports that share transactions, and the connection for more."""

    ledger: DynamoLedger
    clips: DynamoClips
    connection: Connection
    records_table: str

    @classmethod
    def from_environ(cls) -> Self:
        """Connect to the tables that the environment names."""
        connection, tables = connect(), LedgerTables.from_environ()
        records = RecordsTable.from_environ().name
        return cls(
            ledger=DynamoLedger(
                entries_table=tables.entries,
                state_table=tables.state,
                connection=connection,
                records_table=records,
            ),
            clips=DynamoClips(records, connection),
            connection=connection,
            records_table=records,
        )
