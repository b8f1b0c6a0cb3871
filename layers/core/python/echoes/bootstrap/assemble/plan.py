"""What the task `Plan` of films is made of."""

from collections.abc import Callable, Mapping
from functools import partial

from echoes.bootstrap.film_assembly import assemble_film
from echoes.tasks.assembly import plan
from echoes.tasks.assembly_payloads import AssemblyAnswer


def build() -> Callable[[Mapping[str, object]], AssemblyAnswer]:
    """Return what handles one call of the state machine."""
    return partial(plan, assemble_film=assemble_film())
