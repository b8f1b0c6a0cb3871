"""
The workbench: the films of one owner that are being made, a few at a time.

A film is put on it when it is ordered and leaves it by ending. Whoever looks at the workbench looks
at its films, so nothing is counted down, and nothing can stay counted by mistake.
"""

from dataclasses import dataclass
from typing import Final

from echoes.domain.errors import TooManyFilms
from echoes.domain.films.film import Film, FilmStatus

MAX_UNDER_WAY: Final = 3
"""Ten functions may encode one film: nobody's orders are to keep everybody else waiting."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ActiveFilms:
    """Somebody's films under way, stored if the stored version is ``version - 1`` (0: none yet)."""

    films: tuple[Film, ...] = ()
    """As they are now: some may have ended since they were put there."""

    version: int = 0

    @property
    def under_way(self) -> tuple[Film, ...]:
        """Those that have not ended."""
        return tuple(film for film in self.films if not film.ended)


def admit(active_films: ActiveFilms, film: Film) -> ActiveFilms:
    """Return *workbench* with *film*, without those that ended. Raises `TooManyFilms`."""
    under_way = active_films.under_way
    if len(under_way) >= MAX_UNDER_WAY:
        raise TooManyFilms(limit=MAX_UNDER_WAY)
    return ActiveFilms(films=(*under_way, film), version=active_films.version + 1)


def serves(film: Film, wanted: Film) -> bool:
    """
    Return whether *film* is what *wanted* would become, or will be when it is done.

    That is whatever reaches the file and its name. The project's version does not: it counts edits
    that show nowhere, and misses a clip's new attempt.
    """
    whole = film.status is not FilmStatus.FAILED and (not film.ended or film.media is not None)
    return whole and _made_of(film) == _made_of(wanted)


def _made_of(film: Film) -> tuple[object, ...]:
    return (
        film.owner_id,
        film.project_id,
        film.title,
        film.ratio,
        film.shots,
        film.transition,
        film.title_card,
        film.music_track_id,
        film.music,
    )
