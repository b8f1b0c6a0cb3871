"""The stored films that have not ended: every step of the workflow reads and changes one."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from echoes.application.ports.clock import Clock
from echoes.application.ports.films import Films
from echoes.application.retries import retry_on_conflict
from echoes.domain.films.film import Film, FilmRef, require_running


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningFilms:
    """Films that run. Each method raises `FilmEnded` for one that was cancelled, or is done."""

    films: Films
    clock: Clock

    def get(self, film: FilmRef) -> Film:
        """Return the film as it is stored. Raises `NotFound`."""
        return require_running(self.films.get(film.owner_id, film.film_id))

    def change(self, film: FilmRef, change: Callable[[Film, datetime], Film]) -> Film:
        """Store and return what *change* makes of the film; it is repeated on a conflict."""

        def rewrite() -> Film:
            found = self.get(film)
            changed = change(found, self.clock.now())
            if changed is not found:
                self.films.save(changed)
            return changed

        return retry_on_conflict(rewrite, clock=self.clock)
