"""Wiring of the hourly payment sweep."""

from collections.abc import Callable
from functools import partial

from echoes.application.purchases.sweep_payments import SweepPayments
from echoes.bootstrap.payments import PaymentTools
from echoes.bootstrap.runtime import SystemClock
from echoes.tasks.payments import sweep


def build() -> Callable[[], dict[str, int]]:
    """Return the handler of one sweep."""
    tools = PaymentTools.from_environ()
    sweep_payments = SweepPayments(
        payments=tools.payments,
        orders=tools.orders,
        reconcile=tools.reconcile,
        clock=SystemClock(),
    )
    return partial(sweep, sweep_payments=sweep_payments)
