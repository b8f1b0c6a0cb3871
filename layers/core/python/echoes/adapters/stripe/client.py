"""
One client for Stripe: bounded in time, with safe retries, without telemetry.

The library's defaults wait 80 seconds, retry nothing, and write a file into the home directory.

The library is imported when a client is made, not when a function starts: it costs four times what
starting Python does, and most requests of the billing function read our own tables only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, TypeAlias

from echoes.application.ports.purchases import CustomerGone
from echoes.domain.errors import Unavailable

if TYPE_CHECKING:
    import stripe

TIMEOUT_SECONDS: Final = (3.0, 10.0)
"""To connect, and to wait for an answer. Checkout pages take about a second."""

RETRIES: Final = 2
"""For lost connections, 409 and 5xx; each under the same idempotency key."""

LIVE_MARK: Final = "_live_"

MakeClient: TypeAlias = "Callable[[str], stripe.StripeClient]"


class StripeAccess:
    """
    Provides the client for the current API key; a new one after the key was replaced.

    *url* is empty for Stripe itself. A key of the wrong mode is refused before it is used.
    """

    def __init__(
        self,
        api_key: Callable[[], str],
        *,
        live: bool,
        url: str = "",
        make: MakeClient | None = None,
    ) -> None:
        self._api_key = api_key
        self._live = live
        self._make = make or _maker(url)
        self._made: tuple[str, stripe.StripeClient] | None = None

    def __call__(self) -> stripe.StripeClient:
        """Return the client. Raises `Unavailable` without a key of the right mode."""
        key = self._api_key().strip()
        if self._made is None or self._made[0] != key:
            if (LIVE_MARK in key) is not self._live:
                raise Unavailable("the Stripe API key is for the wrong mode (test or live)")
            self._made = (key, self._make(key))
        return self._made[1]


def _maker(url: str) -> MakeClient:
    def make(key: str) -> stripe.StripeClient:
        import stripe

        # The first request would otherwise write a file into a home that Lambda may not have.
        stripe.enable_telemetry = False
        http_client = stripe.RequestsClient(timeout=TIMEOUT_SECONDS)
        if not url:
            return stripe.StripeClient(key, max_network_retries=RETRIES, http_client=http_client)
        return stripe.StripeClient(
            key,
            max_network_retries=RETRIES,
            http_client=http_client,
            base_addresses={"api": url},
        )

    return make


@contextmanager
def translated() -> Iterator[None]:
    """Raise Stripe's errors translated; our own mistakes stay as they are."""
    import stripe

    try:
        yield
    except stripe.InvalidRequestError as error:
        if error.code == "resource_missing" and error.param == "customer":
            raise CustomerGone("Stripe does not know the customer") from error
        raise
    except (
        stripe.APIConnectionError,
        stripe.APIError,
        stripe.AuthenticationError,
        stripe.IdempotencyError,
        stripe.PermissionError,
        stripe.RateLimitError,
    ) as error:
        raise Unavailable("Stripe could not respond") from error


def is_missing(error: stripe.InvalidRequestError) -> bool:
    """Return whether Stripe reports that the object does not exist."""
    return error.code == "resource_missing"
