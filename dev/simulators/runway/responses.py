"""Responses as Runway gives them: Express behind an API gateway."""

import hashlib
import json
import secrets
from collections.abc import Mapping
from typing import Final

from dev.simulators.core.response import Response
from dev.simulators.core.server import Vendor

MAX_BODY_BYTES: Final = 10 * 1024 * 1024
"""The gateway in front of the real API takes no more."""
MAX_UPLOAD_BODY_BYTES: Final = 201 * 1024 * 1024

_REFUSALS: Final[Mapping[int, Mapping[str, str]]] = {
    400: {"message": "Bad Request"},
    411: {"message": "Length Required"},
    413: {"message": "Request Entity Too Large"},
    500: {"error": "Internal server error."},
    503: {"message": "Service Unavailable"},
}


def json_response(status: int, body: object, headers: Mapping[str, str] | None = None) -> Response:
    """Return a JSON response with the headers Express gives it."""
    data = json.dumps(body, separators=(",", ":")).encode()
    digest = hashlib.sha256(data).hexdigest()[:27]
    extra = {
        "Content-Type": "application/json; charset=utf-8",
        "ETag": f'W/"{len(data):x}-{digest}"',
    }
    return Response(status=status, body=data, headers=extra | dict(headers or {}))


def no_content() -> Response:
    """Return 204."""
    return Response(status=204)


def _gateway_headers() -> Mapping[str, str]:
    return {
        "apigw-requestid": secrets.token_urlsafe(11)[:15] + "=",
        "X-Powered-By": "Express",
    }


RUNWAY: Final = Vendor(
    name="RunwaySimulator",
    refuse=lambda status: json_response(status, _REFUSALS[status]),
    max_body_bytes=MAX_BODY_BYTES,
    longer_bodies={"/_storage": MAX_UPLOAD_BODY_BYTES},
    chunked_status=411,
    headers=_gateway_headers,
)
