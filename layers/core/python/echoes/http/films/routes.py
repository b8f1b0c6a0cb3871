"""Ordering a project's film, cancelling it, fetching the file."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from echoes.application.films.cancel_film import CancelFilm
from echoes.application.films.create_film_download_link import CreateFilmDownloadLink
from echoes.application.films.order_film import OrderFilm
from echoes.application.films.view_film import FilmView
from echoes.domain.films.film import ENDED, Film
from echoes.domain.identifiers import FilmId, ProjectId, derive_id
from echoes.http.admin_access import AuditedReads
from echoes.http.clips.views import POLL_SECONDS
from echoes.http.contract.route import Routes, Throttle, route
from echoes.http.films.views import film_body
from echoes.http.idempotency import Idempotency
from echoes.http.identity import Audience, require_caller
from echoes.http.request import Request
from echoes.http.response import Response
from echoes.http.times import written


@dataclass(frozen=True, slots=True, kw_only=True)
class FilmRoutes(Routes):
    """The routes of films, except the status."""

    order: OrderFilm
    cancel: CancelFilm
    link: CreateFilmDownloadLink
    reads: AuditedReads
    idempotency: Idempotency

    @route(
        "POST",
        "/v1/projects/{project_id}/films",
        Audience.USERS,
        Throttle.ORDERING,
        function="assemble-api",
    )
    def order_film(self, request: Request) -> Response:
        """Accept an order for the film of a project's present version."""
        owner = require_caller(request.caller).subject
        project_id = ProjectId(request.resource("project_id"))
        film_id = FilmId(derive_id(owner, f"film/{project_id}", request.idempotency_key))
        kept = self.idempotency.once(
            request, payload=None, act=lambda: _body(self.order(owner, project_id, film_id))
        )
        return _accepted(kept.record, kept.headers)

    @route(
        "POST",
        "/v1/films/{film_id}/cancellation",
        Audience.USERS,
        Throttle.ORDERING,
        function="assemble-api",
    )
    def cancel_film(self, request: Request) -> Response:
        """Cancel a film that is being made."""
        owner = require_caller(request.caller).subject
        film_id = FilmId(request.resource("film_id"))
        kept = self.idempotency.once(
            request, payload=None, act=lambda: _body(self.cancel(owner, film_id))
        )
        return _accepted(kept.record, kept.headers)

    @route(
        "GET",
        "/v1/films/{film_id}/download",
        Audience.USERS,
        Throttle.READING,
        function="assemble-api",
    )
    def download_film(self, request: Request) -> Response:
        """Return a signed link to the film."""
        film_id = FilmId(request.resource("film_id"))
        link = self.reads.find(request, film_id, lambda owner: self.link(owner, film_id))
        return Response(body={"url": link.url, "expires_at": written(link.expires_at)})


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
