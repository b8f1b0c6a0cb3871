"""Credit packs."""

from echoes.domain.purchases.packs import PACKS
from echoes.http.application import Route
from echoes.http.pack_views import pack_body
from echoes.http.request import Request
from echoes.http.response import Caching, Response


def pack_routes() -> list[Route]:
    """Return the route of the catalogue of packs."""
    body = {"items": [pack_body(pack) for pack in PACKS], "next_cursor": None}

    def show_packs(_request: Request) -> Response:
        return Response(body=body, caching=Caching.CATALOGUE)

    return [Route(method="GET", pattern="/v1/credit-packs", endpoint=show_packs)]
