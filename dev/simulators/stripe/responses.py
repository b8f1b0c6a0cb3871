"""Responses as Stripe gives them: JSON, and pages for people."""

import json
from collections.abc import Mapping
from typing import Final

from dev.simulators.core.response import Response
from dev.simulators.core.server import Vendor

MAX_BODY_BYTES: Final = 1024 * 1024
"""More than any request of a shop needs."""


def json_response(status: int, body: object, headers: Mapping[str, str] | None = None) -> Response:
    """Return a JSON response, indented as Stripe's are."""
    return Response(
        status=status,
        body=json.dumps(body, indent=2).encode(),
        headers={"Content-Type": "application/json", **(headers or {})},
    )


def html_response(status: int, page: str) -> Response:
    """Return a page that may load nothing, run nothing and be framed nowhere."""
    return Response(
        status=status,
        body=page.encode(),
        headers={
            "Content-Type": "text/html; charset=utf-8",
            "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; "
            "frame-ancestors 'none'; base-uri 'none'",
            "Cache-Control": "no-store",
            "Referrer-Policy": "no-referrer",
        },
    )


def redirect(url: str) -> Response:
    """Send the browser on with a GET, so that going back does not post again."""
    return Response(status=303, headers={"Location": url, "Cache-Control": "no-store"})


def _refuse(status: int) -> Response:
    error = {"type": "invalid_request_error"}
    if status >= 500:  # noqa: PLR2004  # the simulator's own fault
        message = "The simulator itself has failed; see its log."
        error = {"type": "api_error", "message": message}
    return json_response(status, {"error": error})


STRIPE: Final = Vendor(name="StripeSimulator", refuse=_refuse, max_body_bytes=MAX_BODY_BYTES)
