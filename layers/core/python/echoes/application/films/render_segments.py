"""Use case: encode some segments of a film that are missing."""

from collections.abc import Sequence
from dataclasses import dataclass

from echoes.application.films.complete_plan import complete_plan, find_needs
from echoes.application.films.running_films import RunningFilms
from echoes.application.ports.films import FilmRenderer, Segments
from echoes.domain.films.film import FilmRef, rendered


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderSegments:
    """Normalise clips, draw cards, encode joints and fades; all are kept for the next film."""

    films: RunningFilms
    segments: Segments
    renderer: FilmRenderer

    def __call__(self, film: FilmRef, keys: Sequence[str], *, total: int) -> None:
        """
        Encode the segments *keys*, of *total* that the film needs.

        Repeatable: a segment that another call encoded meanwhile has the same bytes. Raises what
        `PlanFilm` raises.
        """
        found = self.films.get(film)
        needs = find_needs(found, self.segments)
        for key in keys:
            if key in needs.foreign:
                self.renderer.normalise(found, needs.foreign[key], key)
            elif key in needs.cards:
                self.renderer.draw(found, needs.cards[key])
        joints = [key for key in keys if key not in needs.keys]
        if joints:
            plan = complete_plan(found, needs, segments=self.segments, renderer=self.renderer)
            self.renderer.encode(found, plan.only(joints))
        share = len(keys) / max(total, 1)
        self.films.change(film, lambda film, at: rendered(film, share, at=at))
