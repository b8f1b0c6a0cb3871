"""Our adapter against the simulator over a socket: pages, payments, pages of lists, bad days."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from dev.simulators.stripe.simulator import StripeSimulator
from echoes.adapters.stripe.checkout import CheckoutTerms, StripeCheckoutPages
from echoes.adapters.stripe.client import StripeAccess
from echoes.adapters.stripe.conventions import API_VERSION
from echoes.adapters.stripe.payments import StripePayments
from echoes.application.ports.purchases import CustomerGone, CustomerId
from echoes.domain.errors import NotFound, Unavailable
from echoes.domain.identifiers import CheckoutId, OrderId
from echoes.domain.purchases.orders import Order, OrderState, new_order
from echoes.domain.purchases.packs import PACKS
from echoes.domain.purchases.payment_keys import PaymentKey, PaymentObject
from echoes.domain.purchases.payments import PaymentView
from tests.support.factories import an_id, an_owner

PACK = PACKS[0]
TERMS = CheckoutTerms(
    web_url="https://app.echoes.example",
    automatic_tax=True,
    adaptive_pricing=True,
    invoices=True,
)


@pytest.fixture(scope="module")
def simulator() -> Iterator[StripeSimulator]:
    with StripeSimulator(stepping=True) as running:
        yield running


@pytest.fixture(autouse=True)
def _fresh(simulator: StripeSimulator) -> None:
    simulator.reset()


@pytest.fixture
def access(simulator: StripeSimulator) -> StripeAccess:
    return StripeAccess(lambda: simulator.api_key, live=False, url=simulator.url)


@pytest.fixture
def pages(access: StripeAccess) -> StripeCheckoutPages:
    return StripeCheckoutPages(access=access, terms=TERMS)


@pytest.fixture
def payments(access: StripeAccess) -> StripePayments:
    return StripePayments(access=access)


def an_order() -> Order:
    return new_order(OrderId(an_id()), an_owner(), PACK, return_to="/p?x=1", at=datetime.now(UTC))


def opened(pages: StripeCheckoutPages) -> CheckoutId:
    order = an_order()
    return pages.open(order, pages.new_customer(order.owner_id)).checkout_id


def look(payments: StripePayments, about: PaymentObject, identifier: str) -> PaymentView:
    view = payments.look(PaymentKey(about=about, id=identifier))
    assert view is not None
    return view


def test_a_page_says_what_was_ordered(
    simulator: StripeSimulator, pages: StripeCheckoutPages, access: StripeAccess
) -> None:
    """PY1: price, owner and way back are ours; the page is the same when asked for again."""
    order = an_order()
    customer = pages.new_customer(order.owner_id)
    assert pages.new_customer(order.owner_id) == customer
    page = pages.open(order, customer)
    assert pages.open(order, customer) == page
    session = access().v1.checkout.sessions.retrieve(page.checkout_id).to_dict()
    assert session["amount_subtotal"] == PACK.amount_cents
    assert session["client_reference_id"] == order.owner_id
    assert session["metadata"]["order_id"] == order.order_id
    assert session["expires_at"] == int(order.expires_at.timestamp())
    assert session["success_url"].startswith("https://app.echoes.example/p?x=1&checkout=")
    assert session["automatic_tax"]["enabled"]
    assert simulator.requests()["checkout.sessions.create 200"] == 2


def test_a_price_of_the_catalogue_is_used_when_there_is_one(
    simulator: StripeSimulator, access: StripeAccess
) -> None:
    """Configuration names prices made at Stripe."""
    simulator.add_price("price_starter", name="Starter", unit_amount=PACK.amount_cents)
    terms = CheckoutTerms(web_url="https://x.example", prices={PACK.label: "price_starter"})
    pages = StripeCheckoutPages(access=access, terms=terms)
    session_id = opened(pages)
    lines = access().v1.checkout.sessions.line_items.list(session_id).data
    assert [line.to_dict()["price"]["id"] for line in lines] == ["price_starter"]


def test_a_lost_answer_makes_no_second_page(
    simulator: StripeSimulator, pages: StripeCheckoutPages
) -> None:
    """The library repeats under our key."""
    order = an_order()
    customer = pages.new_customer(order.owner_id)
    simulator.inject("lost_reply", on="checkout.sessions.create")
    page = pages.open(order, customer)
    assert pages.open(order, customer) == page
    assert len(simulator.service.store.select("checkout.session")) == 1


@pytest.mark.parametrize("fault", ["500", "503", "429", "401", "403", "409", "lost_reply"])
def test_a_bad_day_of_stripe_is_a_reason_to_repeat(
    simulator: StripeSimulator, payments: StripePayments, pages: StripeCheckoutPages, fault: str
) -> None:
    """ER1: whatever Stripe cannot do now is `Unavailable`, never a wrong answer."""
    checkout_id = opened(pages)
    simulator.inject(fault, count=5)
    with pytest.raises(Unavailable):
        payments.look(PaymentKey(about=PaymentObject.CHECKOUT, id=checkout_id))


def test_a_customer_who_is_gone_is_told_apart(pages: StripeCheckoutPages) -> None:
    """So that a new one can be made."""
    with pytest.raises(CustomerGone):
        pages.open(an_order(), CustomerId("cus_gone"))


def test_a_payment_is_found_by_whatever_belongs_to_it(
    simulator: StripeSimulator, payments: StripePayments, pages: StripeCheckoutPages
) -> None:
    """Thin events name refunds, disputes and warnings; each leads to the same payment."""
    checkout_id = opened(pages)
    simulator.pay(checkout_id)
    refund, _ = simulator.refund(checkout_id, 100)
    dispute, _ = simulator.dispute(checkout_id, amount=200)
    warning, _ = simulator.fraud_warning(checkout_id)
    view = look(payments, PaymentObject.CHECKOUT, checkout_id)
    assert view.checkout.state is OrderState.PAID
    assert (view.charged, view.refunded, view.disputed) == (PACK.amount_cents, 100, 200)
    assert view.fraud_signals == {dispute["id"], warning["id"]}
    assert view.checkout.payment_id is not None
    for about, identifier in (
        (PaymentObject.PAYMENT, view.checkout.payment_id),
        (PaymentObject.REFUND, refund["id"]),
        (PaymentObject.DISPUTE, dispute["id"]),
        (PaymentObject.FRAUD_WARNING, warning["id"]),
        (PaymentObject.CHARGE, refund["charge"]),
    ):
        assert look(payments, about, identifier) == view


def test_every_page_of_refunds_is_read(
    simulator: StripeSimulator, payments: StripePayments, pages: StripeCheckoutPages
) -> None:
    """More than a hundred refunds are all counted."""
    checkout_id = opened(pages)
    simulator.pay(checkout_id)
    for _ in range(120):
        simulator.refund(checkout_id, 2)
    assert look(payments, PaymentObject.CHECKOUT, checkout_id).refunded == 240


@pytest.mark.parametrize("about", PaymentObject)
def test_what_does_not_exist_is_nobodys_payment(
    payments: StripePayments, about: PaymentObject
) -> None:
    """A made-up id, or one of another account."""
    assert payments.look(PaymentKey(about=about, id="none_1")) is None


def test_the_sweeps_questions_are_answered(
    simulator: StripeSimulator, payments: StripePayments, pages: StripeCheckoutPages
) -> None:
    """Completed checkouts, and what undelivered events were about."""
    paid, waiting = opened(pages), opened(pages)
    events = simulator.pay(paid)
    since = datetime.now(UTC) - timedelta(days=1)
    assert list(payments.completed(since=since)) == [paid]
    key = PaymentKey(about=PaymentObject.CHECKOUT, id=paid)
    assert list(payments.undelivered(since=since)) == [key]
    assert payments.subject_of(events[0]["id"]) == key
    simulator.mark(events[0]["id"], "delivered")
    assert list(payments.undelivered(since=since)) == []
    assert waiting not in list(payments.completed(since=since))
    with pytest.raises(NotFound):
        payments.subject_of("evt_none")


@pytest.mark.parametrize(("key", "live"), [("sk_live_1", False), ("sk_test_1", True)])
def test_a_key_of_the_other_mode_is_never_used(key: str, *, live: bool) -> None:
    """PY7: live and test never mix, not even for one request."""
    with pytest.raises(Unavailable):
        StripeAccess(lambda: key, live=live)()


def test_a_replaced_key_is_used_at_once(simulator: StripeSimulator) -> None:
    """Rotation needs no deployment."""
    keys = ["sk_test_old", simulator.api_key]
    access = StripeAccess(lambda: keys[0], live=False, url=simulator.url)
    first = access()
    assert access() is first
    keys.pop(0)
    assert access() is not first
    assert access().v1.customers.list().data == []


def test_the_library_speaks_the_version_we_expect(
    simulator: StripeSimulator, access: StripeAccess
) -> None:
    """Every call carries it; webhooks of another version are refused."""
    answer = access().v1.customers.list()
    headers = answer.last_response.headers if answer.last_response else {}
    assert headers["Stripe-Version"] == API_VERSION
    assert simulator.requests()
