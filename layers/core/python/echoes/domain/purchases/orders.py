"""
An order of credits, recorded before the buyer is asked to pay.

It remembers price and credits as they were when the order was made; a payment that differs from
it buys nothing. Its state only moves forward (`supersedes`), and ``paid`` is final.
"""

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from echoes.domain.error_catalogue import ErrorCode
from echoes.domain.errors import InvalidRequest
from echoes.domain.identifiers import CheckoutId, Credits, OrderId, OwnerId, PackId
from echoes.domain.purchases.packs import Pack

LIFETIME: Final = timedelta(hours=1)
"""Stripe accepts 30 minutes to 24 hours, counted again by its clock when a request is repeated."""

GRACE: Final = timedelta(minutes=10)
"""How long the sweep waits for an event about an ended order before it asks Stripe."""

RECHECK: Final = timedelta(hours=6)
"""How often the sweep asks about a pending payment; a bank may take days."""

MAX_RETURN_LENGTH: Final = 500
_RETURN_PATH: Final = re.compile(
    r"/(?:[A-Za-z0-9._~%!$&'()*+,;=:@-][A-Za-z0-9._~%!$&'()*+,;=:@/?-]*)?"
)
_DOT_SEGMENTS: Final = re.compile(r"(?:^|/)\.{1,2}(?:/|\?|$)")


class OrderState(StrEnum):
    """The state of an order."""

    CREATED = "created"
    OPEN = "open"
    AWAITING_PAYMENT = "awaiting_payment"
    EXPIRED = "expired"
    FAILED = "failed"
    PAID = "paid"


RANK: Final = MappingProxyType(
    {
        OrderState.CREATED: 0,
        OrderState.OPEN: 1,
        OrderState.AWAITING_PAYMENT: 2,
        OrderState.EXPIRED: 3,
        OrderState.FAILED: 3,
        OrderState.PAID: 4,
    }
)
"""Events may be late and out of order: a state is left only for one of a higher rank."""

FAILURES: Final = MappingProxyType(
    {
        OrderState.AWAITING_PAYMENT: ErrorCode.PAYMENT_PENDING,
        OrderState.FAILED: ErrorCode.PAYMENT_DECLINED,
    }
)
"""What the API adds to a state."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One order, stored whole if the stored version is ``version - 1`` (0: not stored yet)."""

    order_id: OrderId
    owner_id: OwnerId
    pack_id: PackId
    pack_version: int
    credits: Credits
    amount_cents: int
    currency: str
    state: OrderState
    return_to: str
    created_at: datetime
    updated_at: datetime
    expires_at: datetime
    due_at: datetime | None
    """When the sweep asks about it; ``None`` once it has ended."""

    checkout_id: CheckoutId | None = None
    url: str | None = None
    version: int = 1

    @property
    def pack(self) -> Pack:
        """Return what was ordered, as it was sold then."""
        return Pack(
            pack_id=self.pack_id,
            version=self.pack_version,
            credits=self.credits,
            amount_cents=self.amount_cents,
            currency=self.currency,
        )

    @property
    def failure(self) -> ErrorCode | None:
        """Return what the buyer is shown beside the state, if anything."""
        return FAILURES.get(self.state)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRef:
    """Which order, and whose."""

    owner_id: OwnerId
    order_id: OrderId


def new_order(
    order_id: OrderId, owner_id: OwnerId, pack: Pack, *, return_to: str | None, at: datetime
) -> Order:
    """
    Return a new order of *pack*.

    Raises `InvalidRequest` if *return_to* is not a plain path within the app.
    """
    expires_at = at.replace(microsecond=0) + LIFETIME
    return Order(
        order_id=order_id,
        owner_id=owner_id,
        pack_id=pack.pack_id,
        pack_version=pack.version,
        credits=pack.credits,
        amount_cents=pack.amount_cents,
        currency=pack.currency,
        state=OrderState.CREATED,
        return_to=_return_path(return_to),
        created_at=at,
        updated_at=at,
        expires_at=expires_at,
        due_at=expires_at + GRACE,
    )


def opened(order: Order, checkout_id: CheckoutId, url: str, *, at: datetime) -> Order:
    """Return *order* once the payment service has a page for it."""
    return _changed(order, OrderState.OPEN, at=at, checkout_id=checkout_id, url=url)


def supersedes(order: Order, state: OrderState) -> bool:
    """Return whether *state* is newer than the state of *order*."""
    return RANK[state] > RANK[order.state]


def moved(
    order: Order, state: OrderState, *, at: datetime, checkout_id: CheckoutId | None = None
) -> Order:
    """Return *order* in *state*. Only an ``open`` order keeps the URL of its page."""
    return _changed(order, state, at=at, checkout_id=checkout_id or order.checkout_id, url=None)


def postponed(order: Order, *, at: datetime) -> Order:
    """Return *order* unchanged, but due later."""
    return replace(order, updated_at=at, due_at=at + RECHECK, version=order.version + 1)


def _changed(
    order: Order,
    state: OrderState,
    *,
    at: datetime,
    checkout_id: CheckoutId | None,
    url: str | None,
) -> Order:
    awaited = {
        OrderState.CREATED: order.expires_at + GRACE,
        OrderState.OPEN: order.expires_at + GRACE,
        OrderState.AWAITING_PAYMENT: at + RECHECK,
    }
    return replace(
        order,
        state=state,
        checkout_id=checkout_id,
        url=url,
        updated_at=at,
        due_at=awaited.get(state),
        version=order.version + 1,
    )


def _return_path(return_to: str | None) -> str:
    if return_to is None:
        return "/credits"
    plain = len(return_to) <= MAX_RETURN_LENGTH and _RETURN_PATH.fullmatch(return_to)
    if not plain or _DOT_SEGMENTS.search(return_to) or "//" in return_to:
        raise InvalidRequest("return_to must be a path within the app", field="return_to")
    return return_to
