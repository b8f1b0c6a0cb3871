"""What comes in and what goes out, apart from sockets."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

JsonObject = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One HTTP request; header names are lower case, `query` is still encoded."""

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """
    One HTTP reply, or the lack of it.

    `lost` closes the connection without a word; `hang_seconds` keeps the client waiting for at most
    that long first.
    """

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    lost: bool = False
    hang_seconds: float = 0.0


def json_reply(status: int, body: object, headers: Mapping[str, str] | None = None) -> Reply:
    """Return a JSON reply, indented as Stripe's are."""
    return Reply(
        status=status,
        body=json.dumps(body, indent=2).encode(),
        headers={"Content-Type": "application/json", **(headers or {})},
    )


def html_reply(status: int, page: str) -> Reply:
    """Return a page that may load nothing, run nothing and be framed by nobody."""
    return Reply(
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


def redirect(url: str) -> Reply:
    """Send the browser on with a GET, so that going back does not post again."""
    return Reply(status=303, headers={"Location": url, "Cache-Control": "no-store"})
