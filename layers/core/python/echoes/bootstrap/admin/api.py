"""Wiring of the operators' function."""

from botocore.session import Session

from echoes.adapters.dynamodb.access_audit import DynamoAccessAudit
from echoes.adapters.dynamodb.credits.adjustments import DynamoAdjustmentRequests
from echoes.adapters.dynamodb.credits.ledger import DynamoLedger
from echoes.adapters.dynamodb.purchases.purchases import DynamoPurchases
from echoes.adapters.sqs.notices import SqsNoticeQueue, sqs_client
from echoes.application.credits.adjust_credits import AdjustCredits, ApproveAdjustment
from echoes.application.credits.set_account_status import SetAccountStatus
from echoes.application.credits.show_credits import ShowCredits
from echoes.application.credits.show_transactions import ShowTransactions
from echoes.application.purchases.replay_event import ReplayEvent
from echoes.bootstrap.idempotency import idempotency
from echoes.bootstrap.payments import PaymentTools
from echoes.bootstrap.runtime import SystemClock, region
from echoes.bootstrap.signing import cursor_keys, signing_secret
from echoes.http.accounts.adjustments import adjustment_routes
from echoes.http.accounts.routes import account_routes
from echoes.http.admin_access import AuditedActions
from echoes.http.application import Application
from echoes.http.billing.stripe_events import stripe_event_routes
from echoes.http.cursors import Cursors
from echoes.settings import AuditTable, Browsers, LedgerTables, PaymentQueue


def application() -> Application:
    """Return the operators' routes wired to the real services."""
    session, clock, tools = Session(), SystemClock(), PaymentTools.from_environ()
    tables, records, connection = LedgerTables.from_environ(), tools.records_table, tools.connection
    ledger = DynamoLedger(
        entries_table=tables.entries,
        state_table=tables.state,
        connection=connection,
        records_table=records,
    )
    requests = DynamoAdjustmentRequests(records, connection)
    actions = AuditedActions(
        access_audit=DynamoAccessAudit(records, AuditTable.from_environ().name, connection),
        clock=clock,
    )
    granted = idempotency(session)
    queue = SqsNoticeQueue(PaymentQueue.from_environ().url, sqs_client(region(), session))
    return Application(
        [
            *adjustment_routes(
                adjust_credits=AdjustCredits(ledger=ledger, requests=requests, clock=clock),
                approve_adjustment=ApproveAdjustment(ledger=ledger, requests=requests, clock=clock),
                actions=actions,
                idempotency=granted,
            ),
            *account_routes(
                show_credits=ShowCredits(ledger=ledger),
                show_transactions=ShowTransactions(ledger=ledger),
                set_account_status=SetAccountStatus(
                    freezer=DynamoPurchases(tables.state, connection), ledger=ledger, clock=clock
                ),
                actions=actions,
                cursors=Cursors(keys=cursor_keys(signing_secret(session))),
                idempotency=granted,
            ),
            *stripe_event_routes(
                replay_event=ReplayEvent(payments=tools.payments, queue=queue),
                actions=actions,
                idempotency=granted,
            ),
        ],
        origins=Browsers.from_environ().allowed_origins,
    )
