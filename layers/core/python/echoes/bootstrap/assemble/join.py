"""Wiring of the task `Join` of films."""

from collections.abc import Callable, Mapping
from functools import partial

from echoes.adapters.video.assembly.film_renderer import PyAvFilmRenderer
from echoes.adapters.video.assembly.stored import StoredSegments
from echoes.application.films.join_film import JoinFilm
from echoes.bootstrap.film_assembly import AssemblyTools
from echoes.tasks.assembly import join
from echoes.tasks.assembly_payloads import AssemblyResult


def build() -> Callable[[Mapping[str, object]], AssemblyResult]:
    """Return the handler of one state machine call."""
    tools = AssemblyTools.from_environ()
    join_film = JoinFilm(
        films=tools.films,
        segments=StoredSegments(tools.ranged, tools.media),
        renderer=PyAvFilmRenderer(tools.ranged, tools.media),
    )
    return partial(join, join_film=join_film)
