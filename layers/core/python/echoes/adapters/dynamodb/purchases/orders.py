"""
Orders of credits, customers and quarantined payments, kept in the records table.

``OWNER#<owner>`` / ``ORDER#<order>`` and ``STRIPE``; ``QUARANTINE#<checkout>`` / ``QUARANTINE``.
"""

import zlib
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from pynamodb.attributes import UnicodeAttribute
from pynamodb.connection import Connection
from pynamodb.exceptions import DoesNotExist

from echoes.adapters.dynamodb.attributes import EnumAttribute, InstantAttribute, IntAttribute
from echoes.adapters.dynamodb.connection import bind
from echoes.adapters.dynamodb.failures import translated
from echoes.adapters.dynamodb.records import (
    DUE_PARTITIONS,
    OWNER,
    DueIndex,
    RecordItem,
    owner_key,
)
from echoes.application.ports.purchases import CustomerId, Quarantined
from echoes.domain.errors import Conflict, NotFound
from echoes.domain.identifiers import CheckoutId, Credits, OrderId, OwnerId, PackId
from echoes.domain.purchases.orders import Order, OrderRef, OrderState
from echoes.domain.purchases.payments import QuarantineReason

ORDER: Final = "ORDER#"
CUSTOMER: Final = "STRIPE"
QUARANTINE: Final = "QUARANTINE"


class OrderItem(RecordItem):
    """An `Order`; due (``due_at``) until it has ended."""

    pack_id: UnicodeAttribute = UnicodeAttribute()
    pack_version: IntAttribute = IntAttribute()
    credits: IntAttribute = IntAttribute()
    amount_cents: IntAttribute = IntAttribute()
    currency: UnicodeAttribute = UnicodeAttribute()
    state: EnumAttribute[OrderState] = EnumAttribute(OrderState)
    return_to: UnicodeAttribute = UnicodeAttribute()
    created_at: InstantAttribute = InstantAttribute()
    updated_at: InstantAttribute = InstantAttribute()
    expires_at: InstantAttribute = InstantAttribute()
    checkout_id: UnicodeAttribute = UnicodeAttribute(null=True)
    url: UnicodeAttribute = UnicodeAttribute(null=True)
    version: IntAttribute = IntAttribute()


class CustomerItem(RecordItem):
    """An owner's customer id at the payment service."""

    customer_id: UnicodeAttribute = UnicodeAttribute()


class QuarantineItem(RecordItem):
    """A `Quarantined` payment, as it was first seen."""

    checkout_id: UnicodeAttribute = UnicodeAttribute()
    quarantine_reason: EnumAttribute[QuarantineReason] = EnumAttribute(QuarantineReason)
    owner_id: UnicodeAttribute = UnicodeAttribute(null=True)
    order_id: UnicodeAttribute = UnicodeAttribute(null=True)
    amount_total: IntAttribute = IntAttribute()
    currency: UnicodeAttribute = UnicodeAttribute()
    seen_at: InstantAttribute = InstantAttribute()


class DynamoOrders:
    """The port `Orders`."""

    def __init__(self, table: str, connection: Connection) -> None:
        self._model = bind(OrderItem, table, connection)

    def get(self, owner_id: OwnerId, order_id: OrderId) -> Order:
        """Return the order. Raises `NotFound`."""
        with translated():
            try:
                item = self._model.get(
                    owner_key(owner_id), f"{ORDER}{order_id}", consistent_read=True
                )
            except DoesNotExist as absent:
                raise NotFound("order not found") from absent
        return _from_item(item)

    def save(self, order: Order) -> None:
        """Store *order*. Raises `Conflict` if it was written since it was read."""
        model = self._model
        unwritten = (
            model.pk.does_not_exist() if order.version == 1 else model.version == order.version - 1
        )
        with translated():
            _to_item(order, model).save(condition=unwritten)

    def due(self, *, at: datetime, limit: int) -> Sequence[OrderRef]:
        """Return orders that are due, oldest first."""
        due: list[OrderItem] = []
        with translated():
            for part in range(DUE_PARTITIONS):
                due += self._model.query(
                    f"{ORDER}{part}",
                    self._model.due_at <= at,
                    index_name=DueIndex.Meta.index_name,
                    limit=limit,
                )
        due.sort(key=lambda item: item.due_at)
        return [
            OrderRef(
                owner_id=OwnerId(item.pk.removeprefix(OWNER)),
                order_id=OrderId(item.sk.removeprefix(ORDER)),
            )
            for item in due[:limit]
        ]


class DynamoCustomers:
    """The port `Customers`."""

    def __init__(self, table: str, connection: Connection) -> None:
        self._model = bind(CustomerItem, table, connection)

    def get(self, owner_id: OwnerId) -> CustomerId | None:
        """Return the customer, if there is one."""
        with translated():
            try:
                item = self._model.get(owner_key(owner_id), CUSTOMER, consistent_read=True)
            except DoesNotExist:
                return None
        return CustomerId(item.customer_id)

    def remember(self, owner_id: OwnerId, customer_id: CustomerId) -> None:
        """Store *customer_id*, replacing the one before."""
        with translated():
            self._model(owner_key(owner_id), CUSTOMER, customer_id=customer_id).save()


class DynamoQuarantine:
    """The port `Quarantine`."""

    def __init__(self, table: str, connection: Connection) -> None:
        self._model = bind(QuarantineItem, table, connection)

    def put(self, payment: Quarantined) -> None:
        """Store *payment*; the same one again changes nothing."""
        item = self._model(
            f"{QUARANTINE}#{payment.checkout_id}",
            QUARANTINE,
            checkout_id=payment.checkout_id,
            quarantine_reason=payment.quarantine_reason,
            owner_id=payment.owner_id,
            order_id=payment.order_id,
            amount_total=payment.amount_total,
            currency=payment.currency,
            seen_at=payment.at,
        )
        try:
            with translated():
                item.save(condition=self._model.pk.does_not_exist())
        except Conflict:
            return


def _to_item(order: Order, model: type[OrderItem]) -> OrderItem:
    item = model(
        owner_key(order.owner_id),
        f"{ORDER}{order.order_id}",
        id=order.order_id,
        pack_id=order.pack_id,
        pack_version=order.pack_version,
        credits=order.credits,
        amount_cents=order.amount_cents,
        currency=order.currency,
        state=order.state,
        return_to=order.return_to,
        created_at=order.created_at,
        updated_at=order.updated_at,
        expires_at=order.expires_at,
        checkout_id=order.checkout_id,
        url=order.url,
        version=order.version,
    )
    if order.due_at is not None:
        item.due_partition = f"{ORDER}{zlib.crc32(order.order_id.encode()) % DUE_PARTITIONS}"
        item.due_at = order.due_at
    return item


def _from_item(item: OrderItem) -> Order:
    return Order(
        order_id=OrderId(item.sk.removeprefix(ORDER)),
        owner_id=OwnerId(item.pk.removeprefix(OWNER)),
        pack_id=PackId(item.pack_id),
        pack_version=item.pack_version,
        credits=Credits(item.credits),
        amount_cents=item.amount_cents,
        currency=item.currency,
        state=item.state,
        return_to=item.return_to,
        created_at=item.created_at,
        updated_at=item.updated_at,
        expires_at=item.expires_at,
        due_at=item.due_at,
        checkout_id=CheckoutId(item.checkout_id) if item.checkout_id else None,
        url=item.url,
        version=item.version,
    )
