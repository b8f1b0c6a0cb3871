"""
Use case: make the ledger agree with the payment service about one payment.

Every event of every type, every duplicate, the page people return to, the sweep and support call
this one function. It never trusts an event: it reads the payment, computes what should be posted,
and posts the difference.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial
from typing import Final

from echoes.application.ports.clock import Clock
from echoes.application.ports.credits import Freezer, Ledger, PurchaseChange
from echoes.application.ports.purchases import (
    OrderMissing,
    Orders,
    Payments,
    Purchases,
    Quarantine,
    Quarantined,
)
from echoes.application.retries import retry_on_conflict
from echoes.domain.credits.accounts import AccountStatus
from echoes.domain.credits.entries import NO_CREDITS, EntryType
from echoes.domain.credits.postings import SYSTEM, grant, reinstate, reverse
from echoes.domain.errors import Conflict, NotFound, ReferenceMismatch
from echoes.domain.identifiers import CheckoutId, Credits, OwnerId
from echoes.domain.purchases.orders import Order, OrderState, moved, supersedes
from echoes.domain.purchases.payment_keys import PaymentKey
from echoes.domain.purchases.payments import (
    PaymentView,
    Purchase,
    QuarantineReason,
    mismatch,
    quarantine_reason_of,
    target_reversal,
)

MAX_LOOKS: Final = 4
"""
After a change the payment is read again, which corrects a result computed from an older view. More
changes than this within seconds are left to the next notice.
"""


class Settlement(StrEnum):
    """The result of a reconciliation."""

    FOREIGN = "foreign"
    QUARANTINED = "quarantined"
    UNPAID = "unpaid"
    PAID = "paid"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciled:
    """What was found, and what changed. ``frozen`` if this call froze the buyer's account."""

    settlement: Settlement
    quarantine_reason: QuarantineReason | None = None
    granted: Credits = NO_CREDITS
    reversed: Credits = NO_CREDITS
    """Credits taken back; negative if some were reinstated."""

    frozen: bool = False
    order_moved: bool = False

    @property
    def changed(self) -> bool:
        """Whether this call changed anything."""
        return bool(self.granted or self.reversed or self.frozen or self.order_moved)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconcilePayment:
    """Post the difference between what was posted and what should be; idempotent."""

    payments: Payments
    orders: Orders
    purchases: Purchases
    quarantine: Quarantine
    ledger: Ledger
    freezer: Freezer
    clock: Clock
    live: bool
    """Whether this deployment takes real money. Payments of the other mode buy nothing."""

    def __call__(self, key: PaymentKey) -> Reconciled:
        """
        Reconcile the payment that *key* leads to.

        Raises:
            OrderMissing: It is ours, but its order is missing. Repeat later.
            Conflict, Unavailable: Repeat later. Nothing is done twice.
        """
        total: Reconciled | None = None
        for _ in range(MAX_LOOKS):
            view = self.payments.look(key)
            if view is None or not view.checkout.ours:
                return Reconciled(settlement=Settlement.FOREIGN)
            found = self._settle(view)
            total = found if total is None else _sum(total, found)
            if not found.changed:
                break
        assert total is not None  # noqa: S101  # the loop runs
        return total

    def _settle(self, view: PaymentView) -> Reconciled:
        checkout = view.checkout
        quarantine_reason = quarantine_reason_of(checkout, live=self.live)
        if quarantine_reason is not None or checkout.owner_id is None or checkout.order_id is None:
            return self._set_aside(view, quarantine_reason or QuarantineReason.NO_ORDER)
        try:
            order = self.orders.get(checkout.owner_id, checkout.order_id)
        except NotFound as missing:
            raise OrderMissing("a payment names an order that does not exist") from missing
        quarantine_reason = mismatch(checkout, order)
        if quarantine_reason is not None:
            return self._set_aside(view, quarantine_reason)
        if not checkout.paid:
            news = self._move(order, checkout.state, checkout.checkout_id)
            return Reconciled(settlement=Settlement.UNPAID, order_moved=news)
        granted = self._again(partial(self._grant, view, order))
        taken = self._again(partial(self._take_back, view, order.owner_id))
        frozen = self._again(partial(self._freeze, view, order.owner_id))
        news = self._move(order, OrderState.PAID, checkout.checkout_id)
        return Reconciled(
            settlement=Settlement.PAID,
            granted=Credits(granted),
            reversed=Credits(taken),
            frozen=bool(frozen),
            order_moved=news,
        )

    def _grant(self, view: PaymentView, order: Order) -> int:
        """Grant what was bought, unless it was granted; return how much."""
        checkout = view.checkout
        account = self.ledger.account(order.owner_id)
        if self.purchases.get(checkout.checkout_id) is not None:
            return 0
        posting = grant(
            account,
            type=EntryType.PURCHASE,
            reference=checkout.checkout_id,
            amount=order.credits,
            at=self.clock.now(),
            actor=order.owner_id,
        )
        purchase = Purchase(
            checkout_id=checkout.checkout_id,
            owner_id=order.owner_id,
            order_id=order.order_id,
            pack_id=order.pack_id,
            pack_version=order.pack_version,
            credits=order.credits,
            amount_total=checkout.amount_total,
            currency=checkout.currency,
            payment_id=checkout.payment_id,
        )
        self.ledger.post(posting, alongside=PurchaseChange(purchase=purchase))
        return order.credits

    def _take_back(self, view: PaymentView, owner_id: OwnerId) -> int:
        """Reverse or reinstate credits up to the target; return by how much."""
        account = self.ledger.account(owner_id)
        purchase = self._purchase(view.checkout.checkout_id)
        target = target_reversal(
            refunded=view.refunded,
            disputed=view.disputed,
            charged=view.charged,
            credits=purchase.credits,
        )
        step = target - purchase.reversed
        if step == 0:
            return 0
        change = replace(purchase, reversed=target, rev=purchase.rev + 1)
        post = reverse if step > 0 else reinstate
        posting = post(
            account,
            # One revision has one reference, so two views of it cannot both become entries.
            reference=f"{purchase.checkout_id}#{change.rev}",
            amount=Credits(abs(step)),
            at=self.clock.now(),
            actor=SYSTEM,
        )
        try:
            self.ledger.post(posting, alongside=PurchaseChange(purchase=change))
        except ReferenceMismatch as other:
            raise Conflict("the purchase changed in the meantime") from other
        return step

    def _freeze(self, view: PaymentView, owner_id: OwnerId) -> int:
        """Freeze the account for new fraud signals; return how many."""
        purchase = self._purchase(view.checkout.checkout_id)
        new = view.fraud_signals - purchase.fraud_signals
        if new:
            change = replace(
                purchase, fraud_signals=purchase.fraud_signals | new, rev=purchase.rev + 1
            )
            self.freezer.set_status(
                owner_id, AccountStatus.FROZEN, alongside=PurchaseChange(purchase=change)
            )
        return len(new)

    def _purchase(self, checkout_id: CheckoutId) -> Purchase:
        purchase = self.purchases.get(checkout_id)
        if purchase is None:
            raise Conflict("the purchase is being written")
        return purchase

    def _move(self, order: Order, state: OrderState, checkout_id: CheckoutId) -> bool:
        def move() -> int:
            present = self.orders.get(order.owner_id, order.order_id)
            if not supersedes(present, state):
                return 0
            at = self.clock.now()
            self.orders.save(moved(present, state, at=at, checkout_id=checkout_id))
            return 1

        return supersedes(order, state) and bool(self._again(move))

    def _again(self, action: Callable[[], int]) -> int:
        return retry_on_conflict(action, clock=self.clock)

    def _set_aside(self, view: PaymentView, quarantine_reason: QuarantineReason) -> Reconciled:
        """Quarantine a payment that does not fit; an unpaid one needs no attention."""
        checkout = view.checkout
        if not checkout.paid:
            return Reconciled(settlement=Settlement.UNPAID, quarantine_reason=quarantine_reason)
        self.quarantine.put(
            Quarantined(
                checkout_id=checkout.checkout_id,
                quarantine_reason=quarantine_reason,
                owner_id=checkout.owner_id,
                order_id=checkout.order_id,
                amount_total=checkout.amount_total,
                currency=checkout.currency,
                at=self.clock.now(),
            )
        )
        return Reconciled(settlement=Settlement.QUARANTINED, quarantine_reason=quarantine_reason)


def _sum(first: Reconciled, then: Reconciled) -> Reconciled:
    return replace(
        then,
        granted=Credits(first.granted + then.granted),
        reversed=Credits(first.reversed + then.reversed),
        frozen=first.frozen or then.frozen,
        order_moved=first.order_moved or then.order_moved,
    )
