"""Wiring of the task `Join` of films."""

from collections.abc import Callable, Mapping
from functools import partial

from echoes.bootstrap.film_assembly import assemble_film
from echoes.tasks.assembly import join
from echoes.tasks.assembly_payloads import AssemblyResult


def build() -> Callable[[Mapping[str, object]], AssemblyResult]:
    """Return the handler of one state machine call."""
    return partial(join, assemble_film=assemble_film())
