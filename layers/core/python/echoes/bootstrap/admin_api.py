"""What the operators' function is made of."""

from botocore.session import Session

from echoes.adapters.dynamodb.connection import connect
from echoes.adapters.dynamodb.ledger import DynamoLedger
from echoes.application.grant_credits import GrantCredits
from echoes.bootstrap.machine import SystemClock
from echoes.bootstrap.wishes import wishes
from echoes.http.adjustments import adjustment_routes
from echoes.http.application import Application
from echoes.settings import Browsers, LedgerTables


def application() -> Application:
    """Return the operators' routes on the real services."""
    tables = LedgerTables.from_environ()
    ledger = DynamoLedger(
        entries_table=tables.entries, state_table=tables.state, connection=connect()
    )
    return Application(
        adjustment_routes(
            grant_credits=GrantCredits(ledger=ledger, clock=SystemClock()),
            wishes=wishes(Session()),
        ),
        origins=Browsers.from_environ().allowed_origins,
    )
