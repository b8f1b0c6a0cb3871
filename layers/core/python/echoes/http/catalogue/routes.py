"""Public settings and the catalogue of errors."""

from dataclasses import dataclass

from echoes.http.catalogue.views import configuration_body, errors_body
from echoes.http.contract.route import Routes, Throttle, route
from echoes.http.identity import Audience
from echoes.http.request import Request
from echoes.http.response import Caching, Response


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogueRoutes(Routes):
    """What every caller may read without a token."""

    free_clips: bool

    @route("GET", "/v1/config", Audience.ALL, Throttle.READING, function="account-api")
    def get_config(self, _request: Request) -> Response:
        """Return the settings that clients should not hard-code."""
        body = configuration_body(free_clips=self.free_clips)
        return Response(body=body, caching=Caching.CATALOGUE)

    @route("GET", "/v1/errors", Audience.ALL, Throttle.READING, function="account-api")
    def list_errors(self, _request: Request) -> Response:
        """Return every error code and its title."""
        return Response(body=errors_body(), caching=Caching.CATALOGUE)
