"""Buying credits in one process: the simulator of Stripe, the real adapters to it, our fakes."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

import stripe

from dev.fakes.clock import FakeClock
from dev.fakes.credits import InMemoryLedger
from dev.fakes.notices import InMemoryNoticeQueue
from dev.fakes.purchases import InMemoryCustomers, InMemoryOrders, InMemoryQuarantine
from dev.simulators.stripe.in_process import stripe_in_process
from dev.simulators.stripe.simulator import StripeSimulator
from echoes.adapters.stripe.checkout import CheckoutTerms, StripeCheckoutPages
from echoes.adapters.stripe.conventions import API_VERSION
from echoes.adapters.stripe.messages import StripeMessages
from echoes.adapters.stripe.payments import StripePayments
from echoes.application.purchases.ingest_event import IngestEvent
from echoes.application.purchases.reconcile_payment import ReconcilePayment
from echoes.application.purchases.start_checkout import StartCheckout
from echoes.application.purchases.sweep_payments import SweepPayments
from echoes.application.purchases.view_checkout import ViewCheckout
from echoes.domain.identifiers import CheckoutId, OrderId, OwnerId
from echoes.domain.purchases.orders import Order
from echoes.domain.purchases.packs import PACKS, Pack
from tests.support.factories import an_id

WEB_URL = "https://app.echoes.example"


@dataclass
class PaymentsHarness:
    """One account of Stripe and our side of it. Its clock is the machine's until moved."""

    simulator: StripeSimulator
    client: stripe.StripeClient
    clock: FakeClock = field(default_factory=lambda: FakeClock(datetime.now(UTC)))
    ledger: InMemoryLedger = field(default_factory=InMemoryLedger)
    orders: InMemoryOrders = field(default_factory=InMemoryOrders)
    customers: InMemoryCustomers = field(default_factory=InMemoryCustomers)
    quarantine: InMemoryQuarantine = field(default_factory=InMemoryQuarantine)
    queue: InMemoryNoticeQueue = field(default_factory=InMemoryNoticeQueue)
    terms: CheckoutTerms = field(default_factory=lambda: CheckoutTerms(web_url=WEB_URL))

    def __post_init__(self) -> None:
        self.payments = StripePayments(access=lambda: self.client)
        self.pages = StripeCheckoutPages(access=lambda: self.client, terms=self.terms)
        self.start = StartCheckout(
            orders=self.orders, customers=self.customers, pages=self.pages, clock=self.clock
        )
        self.reconcile = ReconcilePayment(
            payments=self.payments,
            orders=self.orders,
            purchases=self.ledger,
            quarantine=self.quarantine,
            ledger=self.ledger,
            freezer=self.ledger,
            clock=self.clock,
            live=False,
        )
        self.view = ViewCheckout(orders=self.orders, reconcile=self.reconcile)
        self.sweep = SweepPayments(
            payments=self.payments, orders=self.orders, reconcile=self.reconcile, clock=self.clock
        )
        self.messages = StripeMessages(
            secrets=lambda: [self.simulator.webhook_secret],
            live=False,
            api_versions=(API_VERSION,),
            now=lambda: datetime.now(UTC),
        )
        self.take_in = IngestEvent(read=self.messages, queue=self.queue)

    def order(self, owner: OwnerId, pack: Pack = PACKS[0]) -> Order:
        """Return an order with a page to pay it on."""
        return self.start(owner, OrderId(an_id()), pack, return_to=None)

    def hear(self, event_id: str) -> None:
        """Take in one event as Stripe would send it now."""
        sent = self.simulator.signed(event_id)
        self.take_in(sent.body, sent.headers["Stripe-Signature"])

    def reconcile_notices(self) -> None:
        """Reconcile what every waiting notice is about."""
        while self.queue.notices:
            self.reconcile(self.queue.notices.pop(0).key)


@contextmanager
def open_harness() -> Iterator[PaymentsHarness]:
    """Yield the harness; no sockets, and events wait until they are told."""
    with stripe_in_process() as (simulator, client):
        yield PaymentsHarness(simulator=simulator, client=client)


def checkout_of(order: Order) -> CheckoutId:
    """Return what Stripe calls the order's page."""
    assert order.checkout_id is not None
    return order.checkout_id
