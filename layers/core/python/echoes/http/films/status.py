"""``GET /v1/films/{id}``: asked every five seconds by every page that waits for a film."""

from dataclasses import dataclass
from http import HTTPStatus

from echoes.application.films.view_film import ViewFilm
from echoes.domain.identifiers import FilmId
from echoes.http.admin_access import AuditedReads
from echoes.http.contract.route import Routes, Throttle, route
from echoes.http.etags import etag_of, matches, renewal
from echoes.http.films.views import film_body, film_waiting
from echoes.http.identity import Audience
from echoes.http.request import Request
from echoes.http.response import Caching, Response


@dataclass(frozen=True, slots=True, kw_only=True)
class FilmStatusRoutes(Routes):
    """The status of films."""

    view: ViewFilm
    reads: AuditedReads

    @route("GET", "/v1/films/{film_id}", Audience.USERS, Throttle.READING, function="status-api")
    def get_film(self, request: Request) -> Response:
        """Return a film and its progress, or that nothing has changed."""
        film_id, at = FilmId(request.resource("film_id")), self.reads.clock.now()
        view = self.reads.find(request, film_id, lambda owner: self.view(owner, film_id))
        # Of the version, not of the body: signed links differ each time they are made.
        links = renewal((view.poster_url, view.preview_url), at=at)
        etag = etag_of(film_id, view.film.version, links)
        unchanged = matches(request.headers.get("if-none-match"), etag)
        return Response(
            status=HTTPStatus.NOT_MODIFIED if unchanged else HTTPStatus.OK,
            body=None if unchanged else film_body(view),
            headers={"ETag": etag, **film_waiting(view.film)},
            caching=Caching.REVALIDATE,
        )
