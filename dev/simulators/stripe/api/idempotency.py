"""
Idempotency keys as Stripe's v1 API keeps them.

The first response to a request that began to execute is kept for 24 hours under its
key, a 500 too. What was refused before that (bad parameters, rate limit, key in use) is not kept.
"""

import base64
import hashlib
import threading
from typing import Final

from dev.simulators.core.request import Request
from dev.simulators.core.response import Response
from dev.simulators.stripe.clock import Clock
from dev.simulators.stripe.errors import StripeFailure
from dev.simulators.stripe.store import Store

KEPT_SECONDS: Final = 24 * 3600
MAX_KEY_LENGTH: Final = 255
_KIND: Final = "idempotency"


class Idempotency:
    """Remembers responses by key. Thread-safe."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._in_use: set[str] = set()
        self._lock = threading.Lock()

    def begin(self, key: str, request: Request) -> Response | None:
        """
        Return the response that was given before, or None: then the key is in use until `end`.

        Raise `StripeFailure` when the key is in use (409), was used for something else (400), or is
        too long (400).
        """
        if len(key) > MAX_KEY_LENGTH:
            raise StripeFailure(
                message=f"Idempotency keys may have at most {MAX_KEY_LENGTH} characters.",
                type="idempotency_error",
            )
        with self._lock:
            if key in self._in_use:
                raise key_in_use(key)
            kept = self._store.get(_KIND, key)
            if kept is None or kept["at"] + KEPT_SECONDS <= self._clock.now():
                self._in_use.add(key)
                return None
        if kept["request"] != _digest(request):
            message = (
                "Keys for idempotent requests can only be used with the same parameters they were "
                f"first used with. Try using a key other than '{key}' if you meant to execute a "
                "different request."
            )
            raise StripeFailure(message=message, type="idempotency_error")
        return Response(
            status=kept["status"],
            body=base64.b64decode(kept["body"]),
            headers={
                "Content-Type": "application/json",
                "Idempotent-Replayed": "true",
                "Original-Request": kept["request_id"],
            },
        )

    def keep(self, key: str, request: Request, response: Response, request_id: str) -> None:
        """Keep the first response of a request that was executed."""
        kept = {
            "id": key,
            "at": self._clock.now(),
            "request": _digest(request),
            "request_id": request_id,
            "status": response.status,
            "body": base64.b64encode(response.body).decode("ascii"),
        }
        self._store.put(_KIND, kept)

    def end(self, key: str) -> None:
        """Say that the request with this key is over."""
        with self._lock:
            self._in_use.discard(key)


def key_in_use(key: str) -> StripeFailure:
    """Return the refusal of a request whose twin is still being executed."""
    message = (
        "There is currently another in-progress request using this Idempotent Key (that probably "
        f"means you submitted twice, and the other request is still going through): {key}. "
        "Please try again later."
    )
    return StripeFailure(
        message=message, status=409, type="idempotency_error", code="idempotency_key_in_use"
    )


def _digest(request: Request) -> str:
    whole = b"\n".join((request.method.encode(), request.path.encode(), request.body))
    return hashlib.sha256(whole).hexdigest()
