"""Wiring of the task `Render` of films."""

from collections.abc import Callable, Mapping
from functools import partial

from echoes.bootstrap.film_assembly import assemble_film
from echoes.tasks.assembly import render
from echoes.tasks.assembly_payloads import AssemblyResult


def build() -> Callable[[Mapping[str, object]], AssemblyResult]:
    """Return the handler of one state machine call."""
    return partial(render, assemble_film=assemble_film())
