"""Use case: the owner does not want a film any longer."""

from dataclasses import dataclass

from echoes.application.contention import repeat_on_conflict
from echoes.application.film_ports import Films
from echoes.application.ports import Clock
from echoes.domain.catalogue import ErrorCode
from echoes.domain.film_orders import Film, fail
from echoes.domain.identifiers import FilmId, OwnerId


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelFilm:
    """End the film at once; whoever works at it finds out with their next word of progress."""

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

        return repeat_on_conflict(cancel, clock=self.clock)
