"""Links to finished films that expire, and the byte ranges a player asks for."""

import re
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

import jwt

_ALGORITHM: Final = "HS256"
_RANGE: Final = re.compile(r"bytes=(\d*)-(\d*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class ByteRange:
    """A part of a file; both ends count."""

    first: int
    last: int

    @property
    def length(self) -> int:
        """Return how many bytes it has."""
        return self.last - self.first + 1


class RangeNotSatisfiable(Exception):
    """The range begins beyond the end of the file."""


class LinkSigner:
    """Signs output URLs with a key of its own; links end with the simulator. Thread-safe."""

    def __init__(self, *, wall: Callable[[], float] = time.time) -> None:
        self._key = secrets.token_hex(32)
        self._wall = wall

    def sign(self, base_url: str, task_id: str, *, ttl_seconds: float) -> str:
        """Return a link to the film of a task; a `ttl_seconds` below zero has already expired."""
        claims = {"keyHash": task_id, "until": self._wall() + ttl_seconds}
        token = jwt.encode(claims, self._key, algorithm=_ALGORITHM)
        return f"{base_url}/outputs/{task_id}.mp4?{urlencode({'_jwt': token})}"

    def opens(self, task_id: str, token: str) -> bool:
        """Return whether a token is ours, for this task, and still valid."""
        try:
            claims = jwt.decode(token, self._key, algorithms=[_ALGORITHM])
        except jwt.InvalidTokenError:
            return False
        until = claims.get("until")
        return (
            claims.get("keyHash") == task_id
            and isinstance(until, int | float)
            and self._wall() < until
        )


def parse_range(header: str | None, size: int) -> ByteRange | None:
    """
    Return the part of a file of `size` bytes that a `Range` header asks for.

    None means the whole file: no header, several ranges, or something else than bytes. Raises
    `RangeNotSatisfiable` for a range outside the file.
    """
    match = _RANGE.fullmatch((header or "").strip())
    if match is None or not any(match.groups()):
        return None
    first, last = match.groups()
    if not first:
        start, stop = max(0, size - int(last)), size - 1
        if int(last) == 0:
            raise RangeNotSatisfiable
    else:
        start, stop = int(first), min(int(last) if last else size - 1, size - 1)
        if last and int(last) < int(first):
            return None
    if start >= size:
        raise RangeNotSatisfiable
    return ByteRange(first=start, last=stop)
