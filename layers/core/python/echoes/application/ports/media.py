"""The port of stored files."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class PostForm:
    """Where a browser posts a file, and the fields that must come before it."""

    url: str
    fields: Mapping[str, str]


class MediaLinks(Protocol):
    """Gives out addresses of one bucket's files. Keys are relative to it."""

    def link(self, key: str, *, lifetime: timedelta, filename: str | None = None) -> str:
        """Return a signed URL to read *key*; with *filename* browsers save it under that name."""
        ...


class MediaStore(MediaLinks, Protocol):
    """Stores the files of one bucket. Keys are relative to it."""

    def form(self, key: str, *, content_type: str, max_bytes: int, lifetime: timedelta) -> PostForm:
        """Return a form that accepts one file of that type and size at exactly *key*."""
        ...

    def read(self, key: str, *, max_bytes: int) -> bytes:
        """Return the whole file. Raises `NotFound`, or `PhotoTooLarge` above *max_bytes*."""
        ...

    def write(
        self, key: str, content: bytes | Path, *, content_type: str, passing: bool = False
    ) -> None:
        """Store *content* at *key*, replacing what is there; *passing* files expire in a week."""
        ...

    def delete(self, prefix: str) -> None:
        """Delete every file under *prefix*, if there is any."""
        ...
