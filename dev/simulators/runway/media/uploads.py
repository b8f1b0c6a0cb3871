"""Ephemeral uploads: a slot is asked for, the file is posted to it, a `runway://` URI names it."""

import re
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from dev.simulators.runway.contract import UploadLimits

MAX_SLOTS: Final = 1000
_HEADER_NAME: Final = re.compile(rb'name="([^"]*)"')
_CONTENT_TYPE: Final = re.compile(rb"content-type:\s*([^\r\n;]+)", re.IGNORECASE)


class StorageRefused(Exception):
    """The storage does not take the file; `status` is HTTP's, the text is S3's error code."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(code)
        self.status = status


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One field of a form; a file has a content type."""

    name: str
    content_type: str | None
    data: bytes


@dataclass(slots=True, kw_only=True)
class Slot:
    """A place for one file."""

    key: str
    signature: str
    until: float
    content_type: str | None = None


class Uploads:
    """The slots and their files below `directory`. Not thread-safe."""

    def __init__(
        self, directory: Path, limits: UploadLimits, *, wall: Callable[[], float] = time.time
    ) -> None:
        self._directory = directory
        self._limits = limits
        self._wall = wall
        self._slots: dict[str, Slot] = {}

    def open_slot(self) -> Slot:
        """Return a new slot, valid for 24 hours; the oldest gives way beyond `MAX_SLOTS`."""
        while len(self._slots) >= MAX_SLOTS:
            self._drop(next(iter(self._slots)))
        slot = Slot(
            key=secrets.token_urlsafe(24),
            signature=secrets.token_hex(32),
            until=self._wall() + self._limits.ttl_seconds,
        )
        self._slots[slot.key] = slot
        return slot

    def store(self, parts: list[Part]) -> None:
        """Keep the posted file, or raise `StorageRefused`; the fields must precede the file."""
        names = [part.name for part in parts]
        if "file" not in names:
            raise StorageRefused(400, "InvalidArgument")
        fields: Mapping[str, str] = {
            part.name: part.data.decode("utf-8", "replace") for part in parts[: names.index("file")]
        }
        file = parts[names.index("file")]
        slot = self._slots.get(fields.get("key", ""))
        if slot is None or fields.get("x-amz-signature") != slot.signature:
            raise StorageRefused(403, "SignatureDoesNotMatch")
        if self._wall() >= slot.until:
            raise StorageRefused(403, "AccessDenied")
        if len(file.data) < self._limits.min_bytes:
            raise StorageRefused(400, "EntityTooSmall")
        if len(file.data) > self._limits.max_bytes:
            raise StorageRefused(400, "EntityTooLarge")
        (self._directory / slot.key).write_bytes(file.data)
        slot.content_type = file.content_type or "application/octet-stream"

    def find(self, uri: str) -> tuple[bytes, str] | None:
        """Return bytes and content type of a file by its `runway://` URI, or None."""
        slot = self._slots.get(uri.removeprefix("runway://"))
        if slot is None or slot.content_type is None or self._wall() >= slot.until:
            return None
        return (self._directory / slot.key).read_bytes(), slot.content_type

    def clear(self) -> None:
        """Forget all slots and files."""
        for key in list(self._slots):
            self._drop(key)

    def _drop(self, key: str) -> None:
        del self._slots[key]
        (self._directory / key).unlink(missing_ok=True)


def parse_form(body: bytes, content_type: str) -> list[Part]:
    """Split a `multipart/form-data` body; raise `StorageRefused` when it is none."""
    match = re.search(r'multipart/form-data;.*boundary="?([^";]+)"?', content_type)
    if match is None:
        raise StorageRefused(412, "PreconditionFailed")
    pieces = (b"\r\n" + body).split(b"\r\n--" + match.group(1).encode("latin-1"))
    parts = []
    for piece in pieces[1:]:
        head, gap, data = piece.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        name = _HEADER_NAME.search(head)
        if not gap or name is None:
            continue
        kind = _CONTENT_TYPE.search(head)
        parts.append(
            Part(
                name=name.group(1).decode("utf-8", "replace"),
                content_type=kind.group(1).decode("latin-1").strip() if kind else None,
                data=data,
            )
        )
    return parts
