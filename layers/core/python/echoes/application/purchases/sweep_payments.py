"""Use case: once an hour, ask the payment service for missed changes."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Final

from echoes.application.ports.clock import Clock
from echoes.application.ports.purchases import Orders, Payments
from echoes.application.purchases.reconcile_payment import Reconciled, ReconcilePayment
from echoes.application.sweeps import SweepRun
from echoes.domain.errors import Conflict
from echoes.domain.purchases.orders import OrderRef, OrderState, moved, postponed, supersedes
from echoes.domain.purchases.payment_keys import PaymentKey, PaymentObject

WINDOW: Final = timedelta(days=3)
"""As long as Stripe itself repeats an undelivered event."""

EVENTS_WINDOW: Final = timedelta(days=29)
"""Stripe keeps events for 30 days."""

BATCH: Final = 100
"""Orders of one run; the next one continues with the oldest."""


@dataclass(slots=True, kw_only=True)
class PaymentSweep(SweepRun):
    """The results of one sweep, for operators. ``found`` are changes that no notice announced."""

    looked: int = 0
    found: list[Reconciled] = field(default_factory=list)
    closed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepPayments:
    """Reconcile completed checkouts, undelivered events, and orders that are due."""

    payments: Payments
    orders: Orders
    reconcile: ReconcilePayment
    clock: Clock

    def __call__(self) -> PaymentSweep:
        """Run one sweep. One payment's error does not stop the others."""
        report = PaymentSweep()
        seen: set[PaymentKey] = set()
        report.run(partial(self._completed, report, seen), about="completed checkouts")
        report.run(partial(self._undelivered, report, seen), about="undelivered events")
        report.run(partial(self._all_due, report), about="overdue orders")
        return report

    def _completed(self, report: PaymentSweep, seen: set[PaymentKey]) -> None:
        for checkout_id in self.payments.completed(since=self.clock.now() - WINDOW):
            self._once(PaymentKey(about=PaymentObject.CHECKOUT, id=checkout_id), report, seen)

    def _undelivered(self, report: PaymentSweep, seen: set[PaymentKey]) -> None:
        for key in self.payments.undelivered(since=self.clock.now() - EVENTS_WINDOW):
            self._once(key, report, seen)

    def _once(self, key: PaymentKey, report: PaymentSweep, seen: set[PaymentKey]) -> None:
        if key not in seen:
            seen.add(key)
            report.run(partial(_unless_raced, partial(self._look, key, report)), about=key.id)

    def _look(self, key: PaymentKey, report: PaymentSweep) -> None:
        report.looked += 1
        outcome = self.reconcile(key)
        if outcome.changed:
            report.found.append(outcome)

    def _all_due(self, report: PaymentSweep) -> None:
        for ref in self.orders.due(at=self.clock.now(), limit=BATCH):
            look = partial(self._overdue, ref, report)
            report.run(partial(_unless_raced, look), about=ref.order_id)

    def _overdue(self, ref: OrderRef, report: PaymentSweep) -> None:
        order = self.orders.get(ref.owner_id, ref.order_id)
        if order.checkout_id is not None:
            self._look(PaymentKey(about=PaymentObject.CHECKOUT, id=order.checkout_id), report)
        present, at = self.orders.get(ref.owner_id, ref.order_id), self.clock.now()
        if present.due_at is None or present.due_at > at:
            return
        if present.checkout_id is None and supersedes(present, OrderState.EXPIRED):
            # If a page exists although its response was lost, a payment on it still finds this
            # order.
            self.orders.save(moved(present, OrderState.EXPIRED, at=at))
            report.closed += 1
            return
        self.orders.save(postponed(present, at=at))


def _unless_raced(action: Callable[[], None]) -> None:
    """Ignore the conflict: a concurrent call has reconciled it."""
    with suppress(Conflict):
        action()
