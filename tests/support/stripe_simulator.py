"""The official SDK for Stripe's simulator, and an endpoint for its webhooks."""

import json
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

import requests
import stripe

from dev.simulators.stripe.simulator import StripeSimulator

stripe.enable_telemetry = False


class Listener(ThreadingHTTPServer):
    """Takes as many calls at once as the tests make."""

    request_queue_size = 64


class Receiver:
    """A webhook endpoint: keeps what arrives, and answers as it is told, then 200."""

    def __init__(self) -> None:
        self.received: list[tuple[bytes, str]] = []
        self.answers: list[int] = []
        lock = threading.Lock()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                with lock:
                    signature = self.headers.get("stripe-signature", "")
                    receiver.received.append((body, signature))
                    answer = receiver.answers.pop(0) if receiver.answers else 200
                self.send_response(answer)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self._server = Listener(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/webhooks/stripe"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.05,)).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def ids(self) -> list[str]:
        return [str(json.loads(body)["id"]) for body, _ in self.received]


def client_of(url: str, key: str, *, retries: int = 2) -> stripe.StripeClient:
    return stripe.StripeClient(
        key,
        base_addresses={"api": url},
        max_network_retries=retries,
        http_client=stripe.RequestsClient(timeout=(2, 8)),
    )


def session_params(**changes: Any) -> Any:  # noqa: ANN401  # of the SDK's own TypedDict
    params = {
        "mode": "payment",
        "line_items": [{"price": "price_p1000", "quantity": 1}],
        "client_reference_id": "user-1",
        "customer_creation": "always",
        "metadata": {"app": "echoes", "order_id": "o-1"},
        "payment_intent_data": {"metadata": {"app": "echoes", "order_id": "o-1"}},
        "success_url": "http://127.0.0.1:9/return?session_id={CHECKOUT_SESSION_ID}",
        "cancel_url": "http://127.0.0.1:9/billing",
        "expires_at": int(time.time()) + 1900,
        "automatic_tax": {"enabled": True},
        "allow_promotion_codes": True,
        "adaptive_pricing": {"enabled": True},
        "invoice_creation": {"enabled": True},
    }
    return {name: value for name, value in (params | changes).items() if value is not None}


def until(condition: Callable[[], bool], seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "the condition did not come true in time"
        time.sleep(0.01)


def raw(sim: StripeSimulator, method: str, path: str, **options: Any) -> requests.Response:  # noqa: ANN401  # of requests
    headers = {"Authorization": f"Bearer {sim.api_key}", **options.pop("headers", {})}
    return requests.request(method, sim.url + path, headers=headers, timeout=10, **options)
