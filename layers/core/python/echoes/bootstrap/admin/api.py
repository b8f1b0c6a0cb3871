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
from echoes.application.ports.access_audit import AccessAudit
from echoes.application.ports.clock import Clock
from echoes.application.ports.credits import Freezer, Ledger
from echoes.application.ports.notices import NoticeQueue
from echoes.application.ports.purchases import Payments
from echoes.application.ports.rewards import AdjustmentRequests
from echoes.application.purchases.replay_event import ReplayEvent
from echoes.bootstrap.application import serve
from echoes.bootstrap.idempotency import idempotency
from echoes.bootstrap.payments import PaymentTools
from echoes.bootstrap.runtime import SystemClock, import_for_snapshot, region
from echoes.bootstrap.signing import Secrets, cursor_keys, signing_secret
from echoes.http.accounts.adjustments import AdjustmentRoutes
from echoes.http.accounts.routes import AccountRoutes
from echoes.http.admin_access import AuditedActions
from echoes.http.application import Application
from echoes.http.billing.stripe_events import StripeEventRoutes
from echoes.http.contract.route import Routes
from echoes.http.idempotency import Idempotency
from echoes.http.pages import Cursors
from echoes.settings import AuditTable, LedgerTables, PaymentQueue


def application() -> Application:
    """Return the operators' function on the real services."""
    import_for_snapshot("echoes.http.accounts.schemas", "stripe")
    session, tools, tables = Session(), PaymentTools.from_environ(), LedgerTables.from_environ()
    records, connection = tools.records_table, tools.connection
    return serve(
        routes(
            ledger=DynamoLedger(
                entries_table=tables.entries,
                state_table=tables.state,
                connection=connection,
                records_table=records,
            ),
            requests=DynamoAdjustmentRequests(records, connection),
            freezer=DynamoPurchases(tables.state, connection),
            payments=tools.payments,
            queue=SqsNoticeQueue(PaymentQueue.from_environ().url, sqs_client(region(), session)),
            access_audit=DynamoAccessAudit(records, AuditTable.from_environ().name, connection),
            idempotency=idempotency(connection),
            secrets=signing_secret(session),
            clock=SystemClock(),
        )
    )


def routes(
    *,
    ledger: Ledger,
    requests: AdjustmentRequests,
    freezer: Freezer,
    payments: Payments,
    queue: NoticeQueue,
    access_audit: AccessAudit,
    idempotency: Idempotency,
    secrets: Secrets,
    clock: Clock,
) -> list[Routes]:
    """Return the operators' routes."""
    actions = AuditedActions(access_audit=access_audit, clock=clock)
    return [
        AdjustmentRoutes(
            adjust=AdjustCredits(ledger=ledger, requests=requests, clock=clock),
            approve=ApproveAdjustment(ledger=ledger, requests=requests, clock=clock),
            actions=actions,
            idempotency=idempotency,
        ),
        AccountRoutes(
            show_credits=ShowCredits(ledger=ledger),
            show_transactions=ShowTransactions(ledger=ledger),
            set_status=SetAccountStatus(freezer=freezer, ledger=ledger, clock=clock),
            actions=actions,
            cursors=Cursors(keys=cursor_keys(secrets)),
            idempotency=idempotency,
        ),
        StripeEventRoutes(
            replay=ReplayEvent(payments=payments, queue=queue),
            actions=actions,
            idempotency=idempotency,
        ),
    ]
