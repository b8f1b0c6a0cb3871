"""Ordering a project's film, cancelling it, fetching the file."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from echoes.application.films.cancel_film import CancelFilm
from echoes.application.films.create_film_download_link import CreateFilmDownloadLink
from echoes.application.films.order_film import OrderFilm
from echoes.application.films.view_film import FilmView
from echoes.domain.films.film import ENDED, Film
from echoes.domain.identifiers import FilmId, ProjectId, derive_id
from echoes.http.admin_access import AuditedReads
from echoes.http.application import Route
from echoes.http.clips.views import POLL_SECONDS
from echoes.http.films.views import film_body
from echoes.http.idempotency import Idempotency
from echoes.http.identity import require_user
from echoes.http.request import Request
from echoes.http.response import Response
from echoes.http.times import written


def film_routes(
    *,
    order_film: OrderFilm,
    cancel_film: CancelFilm,
    create_film_download_link: CreateFilmDownloadLink,
    reads: AuditedReads,
    idempotency: Idempotency,
) -> list[Route]:
    """Return the routes of the function that takes orders for films."""

    def order(request: Request) -> Response:
        owner = require_user(request.caller).subject
        project_id = ProjectId(request.resource("project_id"))
        key = request.idempotency_key
        film_id = FilmId(derive_id(owner, f"film/{project_id}", key))
        kept = idempotency.once(
            request,
            payload=None,
            act=lambda: _body(order_film(owner, project_id, film_id)),
        )
        return _accepted(kept.record, kept.headers)

    def cancel(request: Request) -> Response:
        owner = require_user(request.caller).subject
        film_id = FilmId(request.resource("film_id"))
        kept = idempotency.once(
            request, payload=None, act=lambda: _body(cancel_film(owner, film_id))
        )
        return _accepted(kept.record, kept.headers)

    def download(request: Request) -> Response:
        require_user(request.caller)
        film_id = FilmId(request.resource("film_id"))
        link = reads.find(request, film_id, lambda owner: create_film_download_link(owner, film_id))
        return Response(body={"url": link.url, "expires_at": written(link.expires_at)})

    film = "/v1/films/<film_id>"
    return [
        Route(method="POST", pattern="/v1/projects/<project_id>/films", endpoint=order),
        Route(method="POST", pattern=f"{film}/cancellation", endpoint=cancel),
        Route(method="GET", pattern=f"{film}/download", endpoint=download),
    ]


def _body(film: Film) -> dict[str, Any]:
    """Return the body, which is also stored: without signed links."""
    return film_body(FilmView(film=film, poster_url=None, preview_url=None))


def _accepted(body: Mapping[str, Any], headers: Mapping[str, str]) -> Response:
    """Return the film that was accepted, and when to look again unless it has ended."""
    wait = {} if body["status"] in ENDED else {"Retry-After": str(POLL_SECONDS)}
    return Response(
        status=HTTPStatus.ACCEPTED,
        body=body,
        headers={"Location": f"/v1/films/{body['id']}", **wait, **headers},
    )
