"""Wiring of the billing function."""

from botocore.session import Session

from echoes.adapters.dynamodb.access_audit import DynamoAccessAudit
from echoes.adapters.dynamodb.purchases.orders import DynamoCustomers
from echoes.adapters.stripe.checkout import CheckoutTerms, StripeCheckoutPages
from echoes.application.purchases.start_checkout import StartCheckout
from echoes.application.purchases.view_checkout import ViewCheckout
from echoes.bootstrap.idempotency import idempotency
from echoes.bootstrap.payments import PaymentTools
from echoes.bootstrap.runtime import SystemClock
from echoes.http.admin_access import AuditedReads
from echoes.http.application import Application
from echoes.http.billing.checkout import checkout_routes
from echoes.http.billing.packs import pack_routes
from echoes.settings import AuditTable, Browsers, Checkout


def application() -> Application:
    """Return the billing function's routes wired to the real services."""
    tools, settings = PaymentTools.from_environ(), Checkout.from_environ()
    terms = CheckoutTerms(
        web_url=settings.web_url,
        prices=settings.prices,
        promotion_codes=settings.promotion_codes,
        automatic_tax=settings.automatic_tax,
        adaptive_pricing=settings.adaptive_pricing,
        invoices=settings.invoices,
    )
    return Application(
        [
            *pack_routes(),
            *checkout_routes(
                start_checkout=StartCheckout(
                    orders=tools.orders,
                    customers=DynamoCustomers(tools.records_table, tools.connection),
                    pages=StripeCheckoutPages(access=tools.access, terms=terms),
                    clock=SystemClock(),
                ),
                view_checkout=ViewCheckout(orders=tools.orders, reconcile=tools.reconcile),
                orders=tools.orders,
                reads=AuditedReads(
                    access_audit=DynamoAccessAudit(
                        tools.records_table, AuditTable.from_environ().name, tools.connection
                    ),
                    clock=SystemClock(),
                ),
                idempotency=idempotency(Session()),
            ),
        ],
        origins=Browsers.from_environ().allowed_origins,
    )
