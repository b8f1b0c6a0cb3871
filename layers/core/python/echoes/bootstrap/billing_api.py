"""What the billing function is made of."""

from botocore.session import Session

from echoes.adapters.dynamodb.orders import DynamoCustomers
from echoes.adapters.dynamodb.supervision import DynamoSupervision
from echoes.adapters.stripe.desk import CheckoutTerms, StripeDesk
from echoes.application.start_checkout import StartCheckout
from echoes.application.view_checkout import ViewCheckout
from echoes.bootstrap.machine import SystemClock
from echoes.bootstrap.payments import PaymentTools
from echoes.bootstrap.wishes import wishes
from echoes.http.application import Application
from echoes.http.checkout import checkout_routes
from echoes.http.packs import pack_routes
from echoes.http.supervised import SupervisedReads
from echoes.settings import AuditTable, Browsers, Checkout


def application() -> Application:
    """Return the billing function's routes on the real services."""
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
                    customers=DynamoCustomers(tools.studio_table, tools.connection),
                    desk=StripeDesk(access=tools.access, terms=terms),
                    clock=SystemClock(),
                ),
                view_checkout=ViewCheckout(orders=tools.orders, reconcile=tools.reconcile),
                orders=tools.orders,
                reads=SupervisedReads(
                    supervision=DynamoSupervision(
                        tools.studio_table, AuditTable.from_environ().name, tools.connection
                    ),
                    clock=SystemClock(),
                ),
                wishes=wishes(Session()),
            ),
        ],
        origins=Browsers.from_environ().allowed_origins,
    )
