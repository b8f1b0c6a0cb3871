"""Use case: complete or fail a film."""

from dataclasses import dataclass

from echoes.application.ports.clock import Clock
from echoes.application.ports.films import Films
from echoes.application.retries import retry_on_conflict
from echoes.domain.error_catalogue import ErrorCode
from echoes.domain.films.film import Film, FilmRef, complete, fail


@dataclass(frozen=True, slots=True, kw_only=True)
class SettledFilm:
    """A film that has ended; ``first`` if it was this call that ended it."""

    film: Film
    first: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SettleFilm:
    """End a film exactly once: of workflow, cancellation and rule the first decides."""

    films: Films
    clock: Clock

    def __call__(self, film: FilmRef, *, failure: ErrorCode | None = None) -> SettledFilm:
        """
        Complete *film*, or fail it with *failure*; return it as it is afterwards.

        One that has ended stays as it is. One that was never verified cannot be completed: it
        fails. No credits move: its clips were paid for separately. Raises `NotFound`, and
        `Conflict` or `Unavailable`: repeat.
        """

        def settle() -> SettledFilm:
            found, at = self.films.get(film.owner_id, film.film_id), self.clock.now()
            if found.ended:
                return SettledFilm(film=found, first=False)
            ended = complete(found, at=at) if failure is None else fail(found, failure, at=at)
            self.films.save(ended)
            return SettledFilm(film=ended, first=True)

        return retry_on_conflict(settle, clock=self.clock)
