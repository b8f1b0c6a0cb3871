"""Wiring of the nightly comparison with Stripe: it can write neither here nor there."""

from collections.abc import Callable
from datetime import timedelta
from typing import Final

from botocore.session import Session

from echoes.adapters.dynamodb.books import DynamoBooks
from echoes.adapters.dynamodb.connection import connect
from echoes.adapters.dynamodb.purchases.purchases import DynamoPurchases
from echoes.adapters.secrets_manager.secrets import Secret, secrets_client
from echoes.adapters.stripe.client import StripeAccess
from echoes.adapters.stripe.payments import StripePayments
from echoes.application.audit.audit_payments import AuditPayments
from echoes.bootstrap.runtime import SystemClock, region
from echoes.settings import LedgerTables, RecordsTable, Stripe
from echoes.tasks.audit import compare

LAST_STEP: Final = timedelta(seconds=60)
"""No payment is started in the last minute of a call: Stripe may take half of it."""


def build() -> Callable[[timedelta], dict[str, int]]:
    """Return the handler that compares until its time is up."""
    clock, connection = SystemClock(), connect()
    stripe, tables = Stripe.from_environ(), LedgerTables.from_environ()
    api_key = Secret(stripe.secret_arn, secrets_client(region(), Session()))
    audit_payments = AuditPayments(
        payments=StripePayments(access=StripeAccess(api_key, live=stripe.live, url=stripe.url)),
        purchases=DynamoPurchases(tables.state, connection),
        books=DynamoBooks(
            entries_table=tables.entries,
            state_table=tables.state,
            records_table=RecordsTable.from_environ().name,
            connection=connection,
        ),
        clock=clock,
        live=stripe.live,
    )

    def run(remaining: timedelta) -> dict[str, int]:
        return compare(audit_payments=audit_payments, until=clock.now() + remaining - LAST_STEP)

    return run
