"""
Purchases: what the payment service reports of a payment, and its worth in credits.

Everything here is a function of the service's current state, never of an event: duplicate, late,
reordered and lost events all lead to the same credits (L12).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from echoes.domain.credits.entries import NO_CREDITS
from echoes.domain.identifiers import CheckoutId, Credits, OrderId, OwnerId, PackId, PaymentId
from echoes.domain.purchases.orders import Order, OrderState

NOTHING_REFUNDED: Final = frozenset({"failed", "canceled"})
"""Refunds of these states moved no money, or moved it back."""

NO_DISPUTE: Final = frozenset({"won", "prevented"})
INQUIRY: Final = "warning_"
"""The prefix of an inquiry's states: the bank asks, and no money moves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkout:
    """A checkout session as the payment service shows it now. Amounts in cents of ``currency``."""

    checkout_id: CheckoutId
    live: bool
    ours: bool
    """Whether it is marked as ours; the Stripe account may serve other products."""

    mode: str
    status: str
    payment_status: str
    owner_id: OwnerId | None
    """The owner it was made for; ``None`` if two of its fields disagree."""

    order_id: OrderId | None
    currency: str
    amount_subtotal: int
    amount_total: int
    payment_id: PaymentId | None = None
    payment_failed: bool = False
    """The payment was attempted and failed."""

    @property
    def paid(self) -> bool:
        """Whether the money has arrived, or nothing was due."""
        return self.status == "complete" and self.payment_status in {"paid", "no_payment_required"}

    @property
    def state(self) -> OrderState:
        """Return what it means for the order."""
        if self.paid:
            return OrderState.PAID
        if self.status == "complete":
            failed = self.payment_failed
            return OrderState.FAILED if failed else OrderState.AWAITING_PAYMENT
        return OrderState.EXPIRED if self.status == "expired" else OrderState.OPEN


@dataclass(frozen=True, slots=True, kw_only=True)
class Refund:
    """A refund, whole or in part."""

    amount: int
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispute:
    """A dispute; ``moved`` are the amounts its bank transactions took (-) and gave back (+)."""

    dispute_id: str
    amount: int
    status: str
    moved: tuple[int, ...] = ()

    @property
    def is_inquiry(self) -> bool:
        """Whether the bank only asks."""
        return self.status.startswith(INQUIRY)

    @property
    def taken(self) -> int:
        """Return what is gone because of it, in cents."""
        if self.is_inquiry or self.status in NO_DISPUTE:
            return 0
        return 0 if self.moved and sum(self.moved) >= 0 else self.amount


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentView:
    """All relevant facts of one payment, read as close to one moment as possible."""

    checkout: Checkout
    charged: int = 0
    refunds: Sequence[Refund] = ()
    disputes: Sequence[Dispute] = ()
    fraud_warnings: Sequence[str] = ()

    @property
    def refunded(self) -> int:
        """Return what was given back or is on its way, in cents."""
        return sum(
            refund.amount for refund in self.refunds if refund.status not in NOTHING_REFUNDED
        )

    @property
    def disputed(self) -> int:
        """Return what banks have taken back, in cents."""
        return sum(dispute.taken for dispute in self.disputes)

    @property
    def fraud_signals(self) -> frozenset[str]:
        """
        Return what makes the buyer suspicious: warnings of fraud, and disputes that moved money.

        They stay even when they are resolved: an operator reviews the account and thaws it.
        """
        real = (
            dispute.dispute_id
            for dispute in self.disputes
            if not dispute.is_inquiry and dispute.status != "prevented"
        )
        return frozenset({*self.fraud_warnings, *real})


@dataclass(frozen=True, slots=True, kw_only=True)
class Purchase:
    """
    What was bought, and how much of it was taken back.

    Stored if the stored ``rev`` is one less (0: not stored yet), together with the entry.
    """

    checkout_id: CheckoutId
    owner_id: OwnerId
    order_id: OrderId
    pack_id: PackId
    pack_version: int
    credits: Credits
    amount_total: int
    currency: str
    payment_id: PaymentId | None
    reversed: Credits = NO_CREDITS
    fraud_signals: frozenset[str] = field(default_factory=frozenset)
    """The fraud signals it was frozen for; none of them freezes it a second time."""

    rev: int = 1


class QuarantineReason(StrEnum):
    """Why a payment grants nothing until a person has reviewed it."""

    OTHER_MODE = "other_mode"
    NO_ORDER = "no_order"
    OTHER_OWNER = "other_owner"
    NOT_A_PAYMENT = "not_a_payment"
    OTHER_CURRENCY = "other_currency"
    OTHER_AMOUNT = "other_amount"
    OTHER_CHECKOUT = "other_checkout"


def quarantine_reason_of(checkout: Checkout, *, live: bool) -> QuarantineReason | None:
    """Return what is wrong with *checkout* by itself, before its order is looked up."""
    if checkout.live is not live:
        return QuarantineReason.OTHER_MODE
    if checkout.order_id is None or checkout.owner_id is None:
        return QuarantineReason.NO_ORDER
    return None


def mismatch(checkout: Checkout, order: Order) -> QuarantineReason | None:
    """
    Return in what the payment differs from what was ordered, or ``None``.

    The subtotal is compared: promotion codes and taxes change the total, as they should.
    """
    checks = (
        (checkout.owner_id == order.owner_id, QuarantineReason.OTHER_OWNER),
        (checkout.mode == "payment", QuarantineReason.NOT_A_PAYMENT),
        (checkout.currency == order.currency, QuarantineReason.OTHER_CURRENCY),
        (checkout.amount_subtotal == order.amount_cents, QuarantineReason.OTHER_AMOUNT),
        (order.checkout_id in {None, checkout.checkout_id}, QuarantineReason.OTHER_CHECKOUT),
    )
    return next((quarantine_reason for holds, quarantine_reason in checks if not holds), None)


def target_reversal(
    *,
    refunded: int,
    disputed: int,
    charged: int,
    credits: Credits,  # noqa: A002  # the word of the product
) -> Credits:
    """
    Return how many of the bought *credits* must be taken back by now, from none to all.

    *refunded* and *disputed* count together and never for more than was *charged* (L13). Parts are
    rounded down: a credit is taken back only when all of it was refunded. All amounts in cents.
    """
    if charged <= 0:
        return NO_CREDITS
    back = min(charged, max(0, refunded + disputed))
    return Credits(credits * back // charged)
