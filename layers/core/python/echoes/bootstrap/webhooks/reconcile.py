"""Wiring of the function that reconciles payments from their notices."""

from collections.abc import Callable, Mapping
from functools import partial

from echoes.bootstrap.payments import PaymentTools
from echoes.tasks.payments import MessageBatchResult, reconcile


def build() -> Callable[[Mapping[str, object]], MessageBatchResult]:
    """Return the handler of one queue batch."""
    return partial(reconcile, reconcile_payment=PaymentTools.from_environ().reconcile)
