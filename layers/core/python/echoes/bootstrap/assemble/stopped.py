"""What settling films of stopped executions is made of."""

from collections.abc import Callable, Mapping
from functools import partial

from echoes.bootstrap.assemble.settle import settle_film
from echoes.tasks.assembly import stopped


def build() -> Callable[[Mapping[str, object]], bool]:
    """Return what handles one event about an execution."""
    return partial(stopped, settle_film=settle_film())
