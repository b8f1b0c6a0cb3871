"""Use case: show a film and its progress."""

from dataclasses import dataclass

from echoes.application.links import LINK_LIFETIME
from echoes.application.ports.films import Films
from echoes.application.ports.media import MediaLinks
from echoes.domain.films.film import Film, FilmStatus
from echoes.domain.identifiers import FilmId, OwnerId


@dataclass(frozen=True, slots=True, kw_only=True)
class FilmView:
    """A film, and signed links to its poster and its small moving preview once there are any."""

    film: Film
    poster_url: str | None
    preview_url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewFilm:
    """Read a film and sign links to its stills."""

    films: Films
    media: MediaLinks
    """The clips bucket."""

    def __call__(self, owner_id: OwnerId, film_id: FilmId) -> FilmView:
        """Return the film as it is now. Raises `NotFound`."""
        return self.show(self.films.get(owner_id, film_id))

    def show(self, film: Film) -> FilmView:
        """Return *film* with its links. Signing calls no service: it costs microseconds."""
        media = film.media
        if media is None or film.status is not FilmStatus.COMPLETED:
            return FilmView(film=film, poster_url=None, preview_url=None)
        return FilmView(
            film=film,
            poster_url=self.media.link(media.poster_key, lifetime=LINK_LIFETIME),
            preview_url=self.media.link(media.preview_key, lifetime=LINK_LIFETIME),
        )
