"""Wiring of settling films of stopped executions."""

from collections.abc import Callable, Mapping
from functools import partial

from echoes.bootstrap.assemble.settle import settle_film
from echoes.tasks.assembly import stopped


def build() -> Callable[[Mapping[str, object]], bool]:
    """Return the handler of one execution event."""
    return partial(stopped, settle_film=settle_film())
