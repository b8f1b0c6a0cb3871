"""Use case: the owner cancels a film."""

from dataclasses import dataclass

from echoes.application.ports.clock import Clock
from echoes.application.ports.films import Films
from echoes.application.retries import retry_on_conflict
from echoes.domain.error_catalogue import ErrorCode
from echoes.domain.films.film import Film, fail
from echoes.domain.identifiers import FilmId, OwnerId


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelFilm:
    """End the film at once; running work stops at its next progress report."""

    films: Films
    clock: Clock

    def __call__(self, owner_id: OwnerId, film_id: FilmId) -> Film:
        """Cancel; repeating it, or cancelling what has ended, changes nothing. Or `NotFound`."""

        def cancel() -> Film:
            film = self.films.get(owner_id, film_id)
            if film.ended:
                return film
            cancelled = fail(film, ErrorCode.FILM_CANCELLED, at=self.clock.now())
            self.films.save(cancelled)
            return cancelled

        return retry_on_conflict(cancel, clock=self.clock)
