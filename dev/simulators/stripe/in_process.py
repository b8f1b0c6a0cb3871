"""The SDK's requests, handed to a simulator in the same process: no sockets, less time."""

import contextlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import stripe

from dev.simulators.core.request import Request
from dev.simulators.stripe.settings import Settings
from dev.simulators.stripe.simulator import StripeSimulator


class InProcessClient(stripe.HTTPClient):
    """
    An `http_client` for `StripeClient`.

    Retries are the SDK's own, without its pauses. A lost response is a connection error that may be
    repeated.
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
        *,
        _usage: list[str] | None = None,
    ) -> tuple[str, int, Mapping[str, str]]:
        """Answer one request; raise `APIConnectionError` when the response is lost."""
        parts = urlsplit(url)
        body = post_data.encode() if isinstance(post_data, str) else post_data or b""
        response = self._simulator.respond(
            Request(
                method=method.upper(),
                path=parts.path,
                query=parts.query,
                headers={name.lower(): value for name, value in (headers or {}).items()},
                body=body,
            )
        )
        if response.lost:
            raise stripe.APIConnectionError(  # type: ignore[no-untyped-call]  # the SDK's
                "The response was lost.", should_retry=True
            )
        return (
            response.body.decode(),
            response.status,
            {name.lower(): v for name, v in response.headers.items()},
        )

    def close(self) -> None:
        """Do nothing: there is no connection."""

    def _sleep_time_seconds(self, *_: object, **__: object) -> float:
        return 0.0


@contextlib.contextmanager
def stripe_in_process(
    settings: Settings | None = None, *, state: Path | None = None
) -> Iterator[tuple[StripeSimulator, stripe.StripeClient]]:
    """Run a simulator without sockets and a real SDK client for it; events wait to be stepped."""
    with StripeSimulator(settings, state=state, listen=False, stepping=True) as simulator:
        client = stripe.StripeClient(
            simulator.api_key,
            base_addresses={"api": simulator.url},
            max_network_retries=2,
            http_client=InProcessClient(simulator),
        )
        yield simulator, client
