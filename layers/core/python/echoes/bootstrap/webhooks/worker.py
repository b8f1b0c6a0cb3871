"""What works off notices is made of."""

from collections.abc import Callable, Mapping
from functools import partial

from echoes.bootstrap.payments import PaymentTools
from echoes.tasks.payments import BatchAnswer, work_off


def build() -> Callable[[Mapping[str, object]], BatchAnswer]:
    """Return what handles one batch of the queue."""
    return partial(work_off, reconcile=PaymentTools.from_environ().reconcile)
