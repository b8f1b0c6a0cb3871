"""``GET /v1/films/{id}``: asked every five seconds by every page that waits for a film."""

from http import HTTPStatus

from echoes.application.films.view_film import ViewFilm
from echoes.domain.identifiers import FilmId
from echoes.http.admin_access import AuditedReads
from echoes.http.application import Route
from echoes.http.etags import etag_of, matches, renewal
from echoes.http.films.views import film_body, film_waiting
from echoes.http.identity import require_user
from echoes.http.request import Request
from echoes.http.response import Caching, Response


def film_status_routes(*, view_film: ViewFilm, reads: AuditedReads) -> list[Route]:
    """Return the routes of the status function that are about films."""

    def show(request: Request) -> Response:
        require_user(request.caller)
        film_id, at = FilmId(request.resource("film_id")), reads.clock.now()
        view = reads.find(request, film_id, lambda owner: view_film(owner, film_id))
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

    return [Route(method="GET", pattern="/v1/films/<film_id>", endpoint=show)]
