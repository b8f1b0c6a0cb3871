"""Orders, customers, purchases and frozen accounts, on DynamoDB and in memory: one behaviour."""

from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from pynamodb.connection import Connection

from dev.fakes.credits import InMemoryLedger
from dev.fakes.purchases import InMemoryCustomers, InMemoryOrders
from echoes.adapters.dynamodb.credits.ledger import DynamoLedger
from echoes.adapters.dynamodb.purchases.orders import (
    DynamoCustomers,
    DynamoOrders,
    DynamoQuarantine,
)
from echoes.adapters.dynamodb.purchases.purchases import DynamoPurchases
from echoes.application.ports.credits import Freezer, Ledger, PurchaseChange
from echoes.application.ports.purchases import (
    CustomerId,
    Customers,
    Orders,
    Purchases,
    Quarantined,
)
from echoes.domain.credits.accounts import AccountStatus
from echoes.domain.credits.entries import EntryType
from echoes.domain.credits.postings import grant, reverse
from echoes.domain.errors import Conflict, NotFound
from echoes.domain.identifiers import CheckoutId, Credits, OrderId, OwnerId, PaymentId
from echoes.domain.purchases.orders import GRACE, Order, OrderState, moved, new_order, opened
from echoes.domain.purchases.packs import PACKS
from echoes.domain.purchases.payments import Purchase, QuarantineReason
from tests.support.factories import NOON, an_id, an_owner
from tests.support.storage import CREDIT_ENTRIES, CREDIT_STATE, RECORDS


@dataclass(frozen=True, kw_only=True)
class Shop:
    """The stores of a shop."""

    orders: Orders
    customers: Customers
    purchases: Purchases
    freezer: Freezer
    ledger: Ledger


@pytest.fixture(params=["fake", "dynamodb"])
def shop(request: pytest.FixtureRequest) -> Shop:
    if request.param == "fake":
        ledger = InMemoryLedger()
        return Shop(
            orders=InMemoryOrders(),
            customers=InMemoryCustomers(),
            purchases=ledger,
            freezer=ledger,
            ledger=ledger,
        )
    connection: Connection = request.getfixturevalue("connection")
    purchases = DynamoPurchases(CREDIT_STATE, connection)
    return Shop(
        orders=DynamoOrders(RECORDS, connection),
        customers=DynamoCustomers(RECORDS, connection),
        purchases=purchases,
        freezer=purchases,
        ledger=DynamoLedger(
            entries_table=CREDIT_ENTRIES, state_table=CREDIT_STATE, connection=connection
        ),
    )


def an_order() -> Order:
    return new_order(OrderId(an_id()), an_owner(), PACKS[0], return_to="/projects", at=NOON)


def a_purchase(owner: OwnerId) -> Purchase:
    pack = PACKS[0]
    return Purchase(
        checkout_id=CheckoutId(f"cs_test_{an_id()}"),
        owner_id=owner,
        order_id=OrderId(an_id()),
        pack_id=pack.pack_id,
        pack_version=pack.version,
        credits=pack.credits,
        amount_total=pack.amount_cents,
        currency=pack.currency,
        payment_id=PaymentId("pi_1"),
    )


def bought(shop: Shop) -> Purchase:
    """Return a purchase that was granted."""
    purchase = a_purchase(an_owner())
    posting = grant(
        shop.ledger.account(purchase.owner_id),
        type=EntryType.PURCHASE,
        reference=purchase.checkout_id,
        amount=purchase.credits,
        at=NOON,
        actor=purchase.owner_id,
    )
    shop.ledger.post(posting, alongside=PurchaseChange(purchase=purchase))
    return purchase


def test_an_order_comes_back_as_it_was_stored(shop: Shop) -> None:
    """Every field, in every state."""
    order = an_order()
    shop.orders.save(order)
    assert shop.orders.get(order.owner_id, order.order_id) == order
    ready = opened(order, CheckoutId("cs_test_1"), "https://checkout.example/1", at=NOON)
    shop.orders.save(ready)
    assert shop.orders.get(order.owner_id, order.order_id) == ready
    paid = moved(ready, OrderState.PAID, at=NOON)
    shop.orders.save(paid)
    assert shop.orders.get(order.owner_id, order.order_id) == paid


def test_an_order_is_not_written_over(shop: Shop) -> None:
    """A writer with an older version must read again."""
    order = an_order()
    shop.orders.save(order)
    with pytest.raises(Conflict):
        shop.orders.save(order)
    shop.orders.save(moved(order, OrderState.EXPIRED, at=NOON))
    with pytest.raises(Conflict):
        shop.orders.save(moved(order, OrderState.PAID, at=NOON))


def test_somebody_elses_order_is_not_found(shop: Shop) -> None:
    """SE2: the owner is part of the key."""
    order = an_order()
    shop.orders.save(order)
    with pytest.raises(NotFound):
        shop.orders.get(an_owner(), order.order_id)


def test_orders_past_their_time_are_found_until_they_end(shop: Shop) -> None:
    """The sweep sees orders that are due, and no others."""
    waiting, ended = an_order(), an_order()
    shop.orders.save(waiting)
    shop.orders.save(ended)
    shop.orders.save(moved(ended, OrderState.PAID, at=NOON))
    late = waiting.expires_at + GRACE

    def due(at: timedelta) -> set[str]:
        return {ref.order_id for ref in shop.orders.due(at=late + at, limit=100)}

    assert waiting.order_id not in due(-timedelta(seconds=1))
    assert waiting.order_id in due(timedelta())
    assert ended.order_id not in due(timedelta())


def test_a_customer_is_remembered_and_may_be_replaced(shop: Shop) -> None:
    """One customer for each buyer, the latest."""
    owner = an_owner()
    assert shop.customers.get(owner) is None
    shop.customers.remember(owner, CustomerId("cus_1"))
    shop.customers.remember(owner, CustomerId("cus_2"))
    assert shop.customers.get(owner) == "cus_2"


def test_a_purchase_and_its_credits_are_one_commit(shop: Shop) -> None:
    """PY5: both or neither."""
    purchase = bought(shop)
    assert shop.purchases.get(purchase.checkout_id) == purchase
    assert shop.ledger.account(purchase.owner_id).available == purchase.credits
    stale = replace(purchase, reversed=Credits(3), rev=3)
    posting = reverse(
        shop.ledger.account(purchase.owner_id),
        reference=f"{purchase.checkout_id}#3",
        amount=Credits(3),
        at=NOON,
        actor="system",
    )
    with pytest.raises(Conflict):
        shop.ledger.post(posting, alongside=PurchaseChange(purchase=stale))
    assert shop.purchases.get(purchase.checkout_id) == purchase
    assert shop.ledger.account(purchase.owner_id).available == purchase.credits


def test_a_frozen_account_stays_frozen_whatever_is_posted(shop: Shop) -> None:
    """Freezing and the purchase that caused it are one commit; postings leave it alone."""
    purchase = bought(shop)
    owner = purchase.owner_id
    change = replace(purchase, fraud_signals=frozenset({"dp_1", "issfr_1"}), rev=2)
    shop.freezer.set_status(owner, AccountStatus.FROZEN, alongside=PurchaseChange(purchase=change))
    assert shop.purchases.get(purchase.checkout_id) == change
    posting = reverse(
        shop.ledger.account(owner), reference=an_id(), amount=Credits(1), at=NOON, actor="system"
    )
    shop.ledger.post(posting)
    account = shop.ledger.account(owner)
    assert (account.status, account.available) == (AccountStatus.FROZEN, purchase.credits - 1)
    shop.freezer.set_status(owner, AccountStatus.ACTIVE)
    assert shop.ledger.account(owner).status is AccountStatus.ACTIVE


def test_freezing_for_an_old_purchase_changes_nothing(shop: Shop) -> None:
    """A writer with an older purchase must read again; the account was not frozen."""
    purchase = bought(shop)
    with pytest.raises(Conflict):
        shop.freezer.set_status(
            purchase.owner_id, AccountStatus.FROZEN, alongside=PurchaseChange(purchase=purchase)
        )
    assert shop.ledger.account(purchase.owner_id).status is AccountStatus.ACTIVE


def test_who_never_had_credits_cannot_be_frozen(shop: Shop) -> None:
    """There is nothing to stop, and no account is made of it."""
    owner = an_owner()
    with pytest.raises(NotFound):
        shop.freezer.set_status(owner, AccountStatus.FROZEN)
    assert shop.ledger.account(owner).seq == 0


def test_a_payment_is_set_aside_once(connection: Connection) -> None:
    """The first sight of it stays."""
    quarantine = DynamoQuarantine(RECORDS, connection)
    payment = Quarantined(
        checkout_id=CheckoutId(f"cs_test_{an_id()}"),
        quarantine_reason=QuarantineReason.OTHER_AMOUNT,
        owner_id=an_owner(),
        order_id=None,
        amount_total=1,
        currency="usd",
        at=NOON,
    )
    quarantine.put(payment)
    quarantine.put(replace(payment, quarantine_reason=QuarantineReason.OTHER_OWNER))
