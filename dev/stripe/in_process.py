"""The SDK's requests, handed to a simulator in the same process: no sockets, a fraction of the time."""

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

import stripe

from dev.stripe.exchange import Request
from dev.stripe.simulator import StripeSimulator


class InProcessClient(stripe.HTTPClient):
    """
    An `http_client` for `StripeClient`.

    Retries are the SDK's own, without its pauses. A lost reply is a connection error that may be repeated.
    """

    name = "in-process"

    def __init__(self, simulator: StripeSimulator) -> None:
        super().__init__()
        self._simulator = simulator

    def request(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None,
        post_data: Any = None,  # noqa: ANN401  # the SDK's signature
    ) -> tuple[bytes, int, Mapping[str, str]]:
        """Answer one request; raise `APIConnectionError` when the reply is lost."""
        parts = urlsplit(url)
        body = post_data.encode() if isinstance(post_data, str) else post_data or b""
        reply = self._simulator.respond(
            Request(
                method=method.upper(),
                path=parts.path,
                query=parts.query,
                headers={name.lower(): value for name, value in (headers or {}).items()},
                body=body,
            )
        )
        if reply.lost:
            raise stripe.APIConnectionError("The reply was lost.", should_retry=True)
        return reply.body, reply.status, {name.lower(): v for name, v in reply.headers.items()}

    def close(self) -> None:
        """Do nothing: there is no connection."""

    def _sleep_time_seconds(self, *_: object, **__: object) -> float:
        return 0.0


@contextlib.contextmanager
def stripe_in_process(**options: Any) -> Iterator[tuple[StripeSimulator, stripe.StripeClient]]:  # noqa: ANN401  # of StripeSimulator
    """Run a simulator without sockets and a real SDK client for it; events wait to be stepped."""
    with StripeSimulator(listen=False, stepping=True, **options) as simulator:
        client = stripe.StripeClient(
            simulator.api_key,
            base_addresses={"api": simulator.url},
            max_network_retries=2,
            http_client=InProcessClient(simulator),
        )
        yield simulator, client
