"""Files kept in memory, and the browser's side of forms and links."""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from threading import Lock
from urllib.parse import parse_qs, urlencode, urlsplit

from echoes.application.ports.clock import Clock
from echoes.application.ports.media import PostForm
from echoes.domain.errors import NotFound, PhotoTooLarge


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFile:
    """A file and what it claims to be."""

    content: bytes
    content_type: str
    passing: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Form:
    fields: Mapping[str, str]
    max_bytes: int
    until: datetime


class InMemoryMediaStore:
    """The port `MediaStore`; ``files`` is what it keeps. Signatures are random words."""

    def __init__(self, clock: Clock, *, url: str = "https://media.test/bucket") -> None:
        self._clock = clock
        self._url = url
        self._lock = Lock()
        self._forms: dict[str, _Form] = {}
        self._links: dict[str, tuple[str, datetime]] = {}
        self.files: dict[str, StoredFile] = {}

    def form(self, key: str, *, content_type: str, max_bytes: int, lifetime: timedelta) -> PostForm:
        """Return a form that `receive` accepts while it lives."""
        signature = secrets.token_hex(16)
        until = self._clock.now() + lifetime
        fields = {
            "Content-Type": content_type,
            "key": key,
            "policy": json.dumps({"max_bytes": max_bytes, "until": until.isoformat()}),
            "x-amz-signature": signature,
        }
        with self._lock:
            self._forms[signature] = _Form(fields=fields, max_bytes=max_bytes, until=until)
        return PostForm(url=self._url, fields=dict(fields))

    def receive(self, fields: Mapping[str, str], content: bytes) -> bool:
        """Store *content* if *fields* are those of a valid form; return whether they are."""
        with self._lock:
            form = self._forms.get(fields.get("x-amz-signature", ""))
            if form is None or dict(fields) != form.fields or self._clock.now() >= form.until:
                return False
            if not 1 <= len(content) <= form.max_bytes:
                return False
            self.files[fields["key"]] = StoredFile(
                content=content, content_type=fields["Content-Type"]
            )
            return True

    def read(self, key: str, *, max_bytes: int) -> bytes:
        """Return the whole file. Raises `NotFound` or `PhotoTooLarge`."""
        with self._lock:
            file = self.files.get(key)
        if file is None:
            raise NotFound("file not found")
        if len(file.content) > max_bytes:
            raise PhotoTooLarge(f"{len(file.content)} bytes, allowed are {max_bytes}")
        return file.content

    def write(
        self, key: str, content: bytes | Path, *, content_type: str, passing: bool = False
    ) -> None:
        """Store *content*."""
        read = content.read_bytes() if isinstance(content, Path) else content
        with self._lock:
            self.files[key] = StoredFile(content=read, content_type=content_type, passing=passing)

    def let_week_pass(self) -> None:
        """Remove temporary files, as the bucket's lifecycle rule does."""
        with self._lock:
            for key in [key for key, file in self.files.items() if file.passing]:
                del self.files[key]

    def link(self, key: str, *, lifetime: timedelta, filename: str | None = None) -> str:
        """Return an address that `follow` understands while it lives."""
        signature = secrets.token_hex(16)
        query = {
            "X-Amz-Expires": str(int(lifetime.total_seconds())),
            "X-Amz-Signature": signature,
        } | ({"response-content-disposition": filename} if filename else {})
        with self._lock:
            self._links[signature] = (key, self._clock.now() + lifetime)
        return f"{self._url}/{key}?{urlencode(query)}"

    def follow(self, url: str) -> bytes | None:
        """Return what a browser gets at *url*; ``None`` if it is refused or nothing is there."""
        signature = parse_qs(urlsplit(url).query).get("X-Amz-Signature", [""])[0]
        with self._lock:
            key, until = self._links.get(signature, ("", self._clock.now()))
            if (
                self._clock.now() >= until
                or urlsplit(url)._replace(query="").geturl() != f"{self._url}/{key}"
            ):
                return None
            file = self.files.get(key)
        return file.content if file else None

    def delete(self, prefix: str) -> None:
        """Remove every file below *prefix*. Raises `ValueError` if that is not a folder."""
        if not prefix.strip("/") or not prefix.endswith("/"):
            raise ValueError("a prefix must name a folder and end with a slash")
        with self._lock:
            for key in [key for key in self.files if key.startswith(prefix)]:
                del self.files[key]
