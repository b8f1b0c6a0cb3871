"""What all HTTP functions are wired with: the pages that may call them, and the shop."""

from collections.abc import Sequence

from echoes.http.application import Application
from echoes.http.billing.views import offer_pack
from echoes.http.contract.route import Routes
from echoes.settings import Browsers


def serve(routes: Sequence[Routes]) -> Application:
    """Return the handler of *routes* for the pages that the environment names."""
    return Application(routes, origins=Browsers.from_environ().allowed_origins, offer=offer_pack)
