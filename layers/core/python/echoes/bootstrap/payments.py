"""Wiring shared by the functions that check payments."""

from dataclasses import dataclass
from typing import Self

from botocore.session import Session
from pynamodb.connection import Connection

from echoes.adapters.dynamodb.connection import connect
from echoes.adapters.dynamodb.credits.ledger import DynamoLedger
from echoes.adapters.dynamodb.purchases.orders import DynamoOrders, DynamoQuarantine
from echoes.adapters.dynamodb.purchases.purchases import DynamoPurchases
from echoes.adapters.secrets_manager.secrets import Secret, secrets_client
from echoes.adapters.stripe.client import StripeAccess
from echoes.adapters.stripe.payments import StripePayments
from echoes.application.purchases.reconcile_payment import ReconcilePayment
from echoes.bootstrap.runtime import SystemClock, region
from echoes.settings import LedgerTables, RecordsTable, Stripe


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentTools:
    """Stripe, orders and the ledger, over one connection each."""

    access: StripeAccess
    payments: StripePayments
    orders: DynamoOrders
    reconcile: ReconcilePayment
    connection: Connection
    records_table: str

    @classmethod
    def from_environ(cls) -> Self:
        """Connect to what the environment names; Stripe's key is read at the first use."""
        stripe, tables = Stripe.from_environ(), LedgerTables.from_environ()
        records, connection = RecordsTable.from_environ().name, connect()
        api_key = Secret(stripe.secret_arn, secrets_client(region(), Session()))
        access = StripeAccess(api_key, live=stripe.live, url=stripe.url)
        payments = StripePayments(access=access)
        orders = DynamoOrders(records, connection)
        ledger = DynamoLedger(
            entries_table=tables.entries, state_table=tables.state, connection=connection
        )
        purchases = DynamoPurchases(tables.state, connection)
        return cls(
            access=access,
            payments=payments,
            orders=orders,
            reconcile=ReconcilePayment(
                payments=payments,
                orders=orders,
                purchases=purchases,
                quarantine=DynamoQuarantine(records, connection),
                ledger=ledger,
                freezer=purchases,
                clock=SystemClock(),
                live=stripe.live,
            ),
            connection=connection,
            records_table=records,
        )
