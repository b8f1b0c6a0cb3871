"""The plan of a film whose foreign clips are normalised: found, or encoded again."""

from echoes.application.ports.films import FilmRenderer, Segments, StoredSegment
from echoes.domain.assembly.planning import Needs, Normalised, needs_of, plan_needs
from echoes.domain.assembly.render_plan import RenderPlan
from echoes.domain.films.film import Film
from echoes.domain.films.specification import spec_of


def find_needs(film: Film, segments: Segments) -> Needs:
    """Return what *film* needs encoded before it can be planned, in today's encoding."""
    return needs_of(spec_of(film, signature=segments.signature(film)))


def complete_plan(
    film: Film, needs: Needs, *, segments: Segments, renderer: FilmRenderer
) -> RenderPlan:
    """Return the plan of *film*; a foreign clip whose week is over is normalised again."""
    found = {
        key: segments.find(film, key) or renderer.normalise(film, master, key)
        for key, master in needs.foreign.items()
    }
    return plan_needs(needs, {key: normalised(segment) for key, segment in found.items()})


def normalised(segment: StoredSegment) -> Normalised:
    """Return *segment* in the words of the domain."""
    return Normalised(handle=segment.handle, frames=segment.frames)
