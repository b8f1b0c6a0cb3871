"""Wiring of the payment notice worker."""

from collections.abc import Callable, Mapping
from functools import partial

from echoes.bootstrap.payments import PaymentTools
from echoes.tasks.payments import BatchResult, work_off


def build() -> Callable[[Mapping[str, object]], BatchResult]:
    """Return the handler of one queue batch."""
    return partial(work_off, reconcile=PaymentTools.from_environ().reconcile)
