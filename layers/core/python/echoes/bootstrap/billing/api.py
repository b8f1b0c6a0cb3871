"""Wiring of the billing function."""

from echoes.adapters.dynamodb.access_audit import DynamoAccessAudit
from echoes.adapters.dynamodb.purchases.orders import DynamoCustomers
from echoes.adapters.stripe.checkout import CheckoutTerms, StripeCheckoutPages
from echoes.application.ports.access_audit import AccessAudit
from echoes.application.ports.clock import Clock
from echoes.application.ports.purchases import CheckoutPages, Customers, Orders
from echoes.application.purchases.reconcile_payment import ReconcilePayment
from echoes.application.purchases.start_checkout import StartCheckout
from echoes.application.purchases.view_checkout import ViewCheckout
from echoes.bootstrap.application import serve
from echoes.bootstrap.idempotency import idempotency
from echoes.bootstrap.payments import PaymentTools
from echoes.bootstrap.runtime import SystemClock, import_for_snapshot
from echoes.http.admin_access import AuditedReads
from echoes.http.application import Application
from echoes.http.billing.checkout import CheckoutRoutes
from echoes.http.billing.packs import PackRoutes
from echoes.http.contract.route import Routes
from echoes.http.idempotency import Idempotency
from echoes.settings import AuditTable, CheckoutSettings


def application() -> Application:
    """Return the billing function on the real services."""
    import_for_snapshot("echoes.http.billing.schemas", "stripe")
    tools, settings = PaymentTools.from_environ(), CheckoutSettings.from_environ()
    records, connection = tools.records_table, tools.connection
    terms = CheckoutTerms(
        web_url=settings.web_url,
        prices=settings.prices,
        promotion_codes=settings.promotion_codes,
        automatic_tax=settings.automatic_tax,
        adaptive_pricing=settings.adaptive_pricing,
        invoices=settings.invoices,
    )
    return serve(
        routes(
            orders=tools.orders,
            customers=DynamoCustomers(records, connection),
            pages=StripeCheckoutPages(access=tools.access, terms=terms),
            reconcile=tools.reconcile,
            access_audit=DynamoAccessAudit(records, AuditTable.from_environ().name, connection),
            idempotency=idempotency(connection),
            clock=SystemClock(),
        )
    )


def routes(
    *,
    orders: Orders,
    customers: Customers,
    pages: CheckoutPages,
    reconcile: ReconcilePayment,
    access_audit: AccessAudit,
    idempotency: Idempotency,
    clock: Clock,
) -> list[Routes]:
    """Return the billing function's routes."""
    return [
        PackRoutes(),
        CheckoutRoutes(
            start=StartCheckout(orders=orders, customers=customers, pages=pages, clock=clock),
            view=ViewCheckout(orders=orders, reconcile=reconcile),
            orders=orders,
            reads=AuditedReads(access_audit=access_audit, clock=clock),
            idempotency=idempotency,
        ),
    ]
