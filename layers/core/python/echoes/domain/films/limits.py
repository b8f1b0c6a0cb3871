"""
The active films of one owner: a few are made at a time.

A film is admitted when it is ordered and leaves by ending. The films themselves are read each time,
so nothing is counted down, and nothing can stay counted by mistake.
"""

from dataclasses import dataclass
from typing import Final

from echoes.domain.errors import TooManyFilms
from echoes.domain.films.film import Film, FilmStatus

MAX_UNDER_WAY: Final = 3
"""Ten functions may encode one film: one owner's orders must not keep everybody else waiting."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ActiveFilms:
    """An owner's films under way, stored if the stored version is ``version - 1`` (0: none yet)."""

    films: tuple[Film, ...] = ()
    """As they are now: some may have ended since they were put there."""

    version: int = 0

    @property
    def under_way(self) -> tuple[Film, ...]:
        """Those that have not ended."""
        return tuple(film for film in self.films if not film.ended)


def admit(active_films: ActiveFilms, film: Film) -> ActiveFilms:
    """Return *active_films* with *film*, without those that ended. Raises `TooManyFilms`."""
    under_way = active_films.under_way
    if len(under_way) >= MAX_UNDER_WAY:
        raise TooManyFilms(limit=MAX_UNDER_WAY)
    return ActiveFilms(films=(*under_way, film), version=active_films.version + 1)


def serves(film: Film, wanted: Film) -> bool:
    """
    Return whether *film* is what *wanted* would become, or will be when it is done.

    What counts is all that reaches the file and its name. The project's version does not: it counts
    edits that nobody sees in the film, and misses a clip's new attempt.
    """
    whole = film.status is not FilmStatus.FAILED and (not film.ended or film.media is not None)
    return whole and _content(film) == _content(wanted)


def _content(film: Film) -> tuple[object, ...]:
    return (
        film.owner_id,
        film.project_id,
        film.title,
        film.ratio,
        film.clips,
        film.transition,
        film.title_card,
        film.music_track_id,
        film.music,
    )
