"""Credit packs."""

from echoes.domain.purchases.packs import PACKS
from echoes.http.billing.views import pack_body
from echoes.http.contract.route import Routes, Throttle, route
from echoes.http.identity import Audience
from echoes.http.request import Request
from echoes.http.response import Caching, Response


class PackRoutes(Routes):
    """The catalogue of packs."""

    @route("GET", "/v1/credit-packs", Audience.ALL, Throttle.READING, function="billing-api")
    def list_credit_packs(self, _request: Request) -> Response:
        """Return all packs, smallest first."""
        body = {"items": [pack_body(pack) for pack in PACKS], "next_cursor": None}
        return Response(body=body, caching=Caching.CATALOGUE)
