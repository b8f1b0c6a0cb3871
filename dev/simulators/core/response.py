"""A response as the simulators give it, apart from sockets."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

JsonObject = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class FilePart:
    """Bytes of a file to send as a body: `length` of them from `first` on."""

    path: Path
    first: int
    length: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """
    One HTTP response, or the lack of it.

    A `file` is sent in the place of `body`. `lost` closes the connection without a response;
    `hang_seconds` keeps the client waiting for at most that long first.
    """

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    file: FilePart | None = None
    lost: bool = False
    hang_seconds: float = 0.0

    @property
    def outcome(self) -> str:
        """Return `lost` or the status, as logs and counters name it."""
        return "lost" if self.lost else str(self.status)
