"""
Purchases in the ledger's state table, at ``PUR#<checkout>``, and the status of accounts.

A purchase is written in the transaction that posts its credits (`ledger` beside this file) or
freezes its account; never by itself.
"""

from typing import Final

from pynamodb.attributes import UnicodeAttribute, UnicodeSetAttribute
from pynamodb.connection import Connection
from pynamodb.exceptions import DoesNotExist
from pynamodb.expressions.condition import Condition
from pynamodb.transactions import TransactWrite

from echoes.adapters.dynamodb.attributes import EnumAttribute, IntAttribute
from echoes.adapters.dynamodb.connection import bind
from echoes.adapters.dynamodb.failures import translated
from echoes.adapters.dynamodb.state_items import HEAD, StateItem, owner_key
from echoes.application.ports.credits import PurchaseChange
from echoes.domain.credits.accounts import AccountStatus
from echoes.domain.errors import Conflict, NotFound
from echoes.domain.identifiers import (
    CheckoutId,
    Credits,
    OrderId,
    OwnerId,
    PackId,
    PaymentId,
)
from echoes.domain.purchases.payments import Purchase

PURCHASE: Final = "PUR"


class PurchaseItem(StateItem):
    """A `Purchase`."""

    checkout_id: UnicodeAttribute = UnicodeAttribute()
    owner_id: UnicodeAttribute = UnicodeAttribute()
    order_id: UnicodeAttribute = UnicodeAttribute()
    pack_id: UnicodeAttribute = UnicodeAttribute()
    pack_version: IntAttribute = IntAttribute()
    credits: IntAttribute = IntAttribute()
    amount_total: IntAttribute = IntAttribute()
    currency: UnicodeAttribute = UnicodeAttribute()
    payment_id: UnicodeAttribute = UnicodeAttribute(null=True)
    reversed: IntAttribute = IntAttribute()
    fraud_signals: UnicodeSetAttribute = UnicodeSetAttribute(null=True)
    rev: IntAttribute = IntAttribute()


class StatusItem(StateItem):
    """An account's status alone."""

    status: EnumAttribute[AccountStatus] = EnumAttribute(AccountStatus)


class DynamoPurchases:
    """The ports `Purchases` and `Freezer`."""

    def __init__(self, state_table: str, connection: Connection) -> None:
        self._connection = connection
        self._purchases = bind(PurchaseItem, state_table, connection)
        self._accounts = bind(StatusItem, state_table, connection)

    def get(self, checkout_id: CheckoutId) -> Purchase | None:
        """Return the purchase, or ``None`` if nothing was granted. Read the account before it."""
        with translated():
            try:
                item = self._purchases.get(
                    purchase_key(checkout_id), PURCHASE, consistent_read=True
                )
            except DoesNotExist:
                return None
        return _from_item(item)

    def set_status(
        self, owner_id: OwnerId, status: AccountStatus, *, alongside: PurchaseChange | None = None
    ) -> None:
        """Store whether the account may spend; see the port."""
        accounts = self._accounts
        try:
            with translated(), TransactWrite(connection=self._connection) as transaction:
                transaction.update(
                    accounts(owner_key(owner_id), HEAD),
                    actions=[accounts.status.set(status)],
                    condition=accounts.pk.exists(),
                )
                if alongside is not None:
                    purchase_action(transaction, alongside, self._purchases)
        except Conflict:
            if not self._exists(owner_id):
                raise NotFound("the account has never had credits") from None
            raise

    def _exists(self, owner_id: OwnerId) -> bool:
        with translated():
            try:
                self._accounts.get(owner_key(owner_id), HEAD, consistent_read=True)
            except DoesNotExist:
                return False
        return True


def purchase_key(checkout_id: CheckoutId) -> str:
    """Return the partition of a purchase."""
    return f"{PURCHASE}#{checkout_id}"


def purchase_action(
    transaction: TransactWrite, change: PurchaseChange, model: type[PurchaseItem]
) -> None:
    """Add the purchase to *transaction*, on condition that it has not changed."""
    purchase = change.purchase
    condition: Condition = model.rev == purchase.rev - 1
    if purchase.rev == 1:
        condition = model.pk.does_not_exist()
    transaction.save(_to_item(purchase, model), condition=condition)


def _to_item(purchase: Purchase, model: type[PurchaseItem]) -> PurchaseItem:
    return model(
        purchase_key(purchase.checkout_id),
        PURCHASE,
        checkout_id=purchase.checkout_id,
        owner_id=purchase.owner_id,
        order_id=purchase.order_id,
        pack_id=purchase.pack_id,
        pack_version=purchase.pack_version,
        credits=purchase.credits,
        amount_total=purchase.amount_total,
        currency=purchase.currency,
        payment_id=purchase.payment_id,
        reversed=purchase.reversed,
        fraud_signals=set(purchase.fraud_signals) or None,
        rev=purchase.rev,
    )


def _from_item(item: PurchaseItem) -> Purchase:
    return Purchase(
        checkout_id=CheckoutId(item.checkout_id),
        owner_id=OwnerId(item.owner_id),
        order_id=OrderId(item.order_id),
        pack_id=PackId(item.pack_id),
        pack_version=item.pack_version,
        credits=Credits(item.credits),
        amount_total=item.amount_total,
        currency=item.currency,
        payment_id=PaymentId(item.payment_id) if item.payment_id else None,
        reversed=Credits(item.reversed),
        fraud_signals=frozenset(item.fraud_signals or ()),
        rev=item.rev,
    )
