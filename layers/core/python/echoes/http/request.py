"""A request as routes see it."""

import json
import re
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from echoes.domain.errors import NotFound
from echoes.http.identity import Caller, caller_of
from echoes.http.rejections import RequestTooLarge, UnreadableRequest

MAX_BODY_BYTES: Final = 64 * 1024
"""Fifty photos of an upload, each with every field at its longest, stay below 40 KB."""

MAX_IDEMPOTENCY_KEY: Final = 255
RESOURCE_ID: Final = "[a-z2-7]{24}"
"""What `echoes.domain.identifiers.derive_id` makes."""

USER_ID: Final = "[a-z0-9]{4,8}(-[a-z0-9]{4,24}){1,4}"
"""A Cognito ``sub`` (a UUID), or ``guest-`` and an Echoes id."""

EVENT_ID: Final = "evt_[A-Za-z0-9_]{1,250}"
"""How Stripe names its events."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request, whatever its transport."""

    route: str
    """Method and pattern: ``POST /v1/clips/<clip_id>/cancellation``."""

    path: Mapping[str, str]
    query: Mapping[str, str]
    headers: Mapping[str, str]
    raw_body: str | None
    caller: Caller | None
    request_id: str
    source_ip: str
    context: Any
    """Lambda's context of the current invocation."""

    raw: bytes = b""
    """The raw body, for checking its signature."""

    def body(self) -> object:
        """
        Return the body's JSON.

        Raises:
            RequestTooLarge: It has more than `MAX_BODY_BYTES`.
            UnreadableRequest: It is not JSON, or contains NaN or Infinity.
        """
        text = self.raw_body or ""
        if len(text) > MAX_BODY_BYTES or len(text.encode(errors="replace")) > MAX_BODY_BYTES:
            raise RequestTooLarge(f"a request body may have at most {MAX_BODY_BYTES} bytes")
        try:
            return json.loads(text, parse_constant=_refuse_constant)
        except (ValueError, RecursionError) as error:
            raise UnreadableRequest("the body must be JSON") from error

    def resource(self, name: str) -> str:
        """Return the id in the path. Raises `NotFound` if it cannot be a valid id."""
        found = self.path.get(name, "")
        if not re.fullmatch(RESOURCE_ID, found):
            raise NotFound("not found")
        return found

    @property
    def idempotency_key(self) -> str | None:
        """Return the client's idempotency key. Raises `UnreadableRequest`."""
        key = self.headers.get("idempotency-key")
        if key is None:
            return None
        if not 1 <= len(key) <= MAX_IDEMPOTENCY_KEY or not (key.isascii() and key.isprintable()):
            raise UnreadableRequest(
                f"Idempotency-Key must be 1 to {MAX_IDEMPOTENCY_KEY} printable characters",
                field="Idempotency-Key",
            )
        return key


def read_event(
    event: Mapping[str, Any], *, route: str, path: Mapping[str, str], context: object
) -> Request:
    """Return the request in an API Gateway proxy event, payload format 1.0."""
    about = event.get("requestContext") or {}
    return Request(
        route=route,
        path=path,
        query=_single_values(event.get("queryStringParameters")),
        headers={
            name.lower(): value for name, value in _single_values(event.get("headers")).items()
        },
        raw_body=_text(event),
        caller=caller_of(about.get("authorizer")),
        request_id=request_id_of(event),
        source_ip=str((about.get("identity") or {}).get("sourceIp") or ""),
        context=context,
        raw=_bytes(event),
    )


def request_id_of(event: Mapping[str, Any]) -> str:
    """Return the gateway's id of the request."""
    return str((event.get("requestContext") or {}).get("requestId") or "unknown")


def _single_values(values: Mapping[str, str | None] | None) -> dict[str, str]:
    return {name: value for name, value in (values or {}).items() if value is not None}


def _text(event: Mapping[str, Any]) -> str | None:
    body = event.get("body")
    if not isinstance(body, str) or not event.get("isBase64Encoded"):
        return body
    if len(body) > 2 * MAX_BODY_BYTES:
        return body
    try:
        return b64decode(body, validate=True).decode()
    except (Base64Error, UnicodeDecodeError):
        return "\N{REPLACEMENT CHARACTER}"


def _bytes(event: Mapping[str, Any]) -> bytes:
    body = event.get("body")
    if not isinstance(body, str):
        return b""
    if not event.get("isBase64Encoded"):
        return body.encode(errors="replace")
    try:
        return b64decode(body, validate=True)
    except Base64Error:
        return b""


def _refuse_constant(name: str) -> None:
    raise ValueError(name)
