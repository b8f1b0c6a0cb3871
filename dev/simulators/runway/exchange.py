"""What comes in and what goes out, apart from sockets."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from dev.simulators.runway.media.outputs import ByteRange


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One HTTP request; header names are lower case, `host` is the address it was sent to."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class FilePart:
    """Bytes of a file to send as a body."""

    path: Path
    part: ByteRange


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
    file: FilePart | None = None
    lost: bool = False
    hang_seconds: float = 0.0


def json_reply(status: int, body: object, headers: Mapping[str, str] | None = None) -> Reply:
    """Return a JSON reply with the headers Express gives it."""
    data = json.dumps(body, separators=(",", ":")).encode()
    digest = hashlib.sha256(data).hexdigest()[:27]
    extra = {
        "Content-Type": "application/json; charset=utf-8",
        "ETag": f'W/"{len(data):x}-{digest}"',
    }
    return Reply(status=status, body=data, headers=extra | dict(headers or {}))


def no_content() -> Reply:
    """Return 204."""
    return Reply(status=204)
