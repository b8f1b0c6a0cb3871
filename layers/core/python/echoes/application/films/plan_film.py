"""Use case: find out what must be encoded before a film can be joined."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from echoes.application.films.complete_plan import find_needs, normalised
from echoes.application.films.running_films import RunningFilms
from echoes.application.ports.films import Segments
from echoes.domain.assembly.planning import Needs, plan_needs
from echoes.domain.films.film import RENDERED_SHARE, Film, FilmRef, FilmStage, progressed

PLANNED_SHARE: Final = 0.02
SEGMENTS_PER_CALL: Final = 4
"""Segments that one call encodes: a foreign clip takes some five seconds, a joint half a second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """The keys that can be encoded now, in batches for one call each."""

    batches: Sequence[Sequence[str]]
    total: int
    """How many segments the film needs encoded in all, whether they are there or not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanFilm:
    """Ask the store what is missing; nothing is encoded here."""

    films: RunningFilms
    segments: Segments

    def __call__(self, film: FilmRef) -> Missing:
        """
        Return what can be encoded now; once that is there, more may be missing, or nothing.

        Nothing missing means that the film can be joined. Repeatable.

        Raises:
            FilmEnded: It was cancelled, or is done.
            FootageRefused: A clip or the music cannot be used.
        """
        found = self.films.change(
            film, lambda film, at: progressed(film, FilmStage.PLANNING, 0, at=at)
        )
        needs = find_needs(found, self.segments)
        batches = _batches(self._missing(found, needs))
        self.films.change(film, lambda film, at: _planned(film, at, ready=not batches))
        return Missing(batches=batches, total=needs.total)

    def _missing(self, film: Film, needs: Needs) -> list[str]:
        """Return clips to normalise and cards to draw; when these are there, joints and fades."""
        found = {key: self.segments.find(film, key) for key in needs.keys}
        missing = [key for key, segment in found.items() if segment is None]
        if missing:
            return missing
        kept = {
            key: normalised(segment)
            for key, segment in found.items()
            if segment is not None and key in needs.foreign
        }
        encoded = plan_needs(needs, kept).encoded
        return [each.key for each in encoded if self.segments.find(film, each.key) is None]


def _batches(keys: Sequence[str]) -> list[Sequence[str]]:
    return [
        keys[first : first + SEGMENTS_PER_CALL] for first in range(0, len(keys), SEGMENTS_PER_CALL)
    ]


def _planned(film: Film, at: datetime, *, ready: bool) -> Film:
    if ready:
        return progressed(film, FilmStage.JOINING, RENDERED_SHARE, at=at)
    return progressed(film, FilmStage.RENDERING, PLANNED_SHARE, at=at)
