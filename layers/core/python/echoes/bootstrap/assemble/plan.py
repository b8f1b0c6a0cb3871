"""Wiring of the task `Plan` of films; it encodes nothing, so it loads no renderer."""

from collections.abc import Callable, Mapping
from functools import partial

from echoes.adapters.video.assembly.stored import StoredSegments
from echoes.application.films.plan_film import PlanFilm
from echoes.bootstrap.film_assembly import AssemblyTools
from echoes.tasks.assembly import plan
from echoes.tasks.assembly_payloads import AssemblyResult


def build() -> Callable[[Mapping[str, object]], AssemblyResult]:
    """Return the handler of one state machine call."""
    tools = AssemblyTools.from_environ()
    segments = StoredSegments(tools.ranged, tools.media)
    return partial(plan, plan_film=PlanFilm(films=tools.films, segments=segments))
