"""Reads the boxes of mp4 files (ISO/IEC 14496-12) as far as joining by stream copy needs."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

MAX_INDEX_BYTES: Final = 8 * 1024 * 1024  # a minute of video has an index of about 30 KB
MAX_BOXES: Final = 64  # at the top level; our own files have four

_SIZE_64: Final = 1
_TO_THE_END: Final = 0
_VISUAL_ENTRY_BYTES: Final = 86  # of a sample entry, header included, before its child boxes


class BoxesBroken(Exception):
    """The boxes do not fill the file: it was cut off, or it is not an mp4."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """One box: its kind, where it starts, where its body starts and where it ends, in bytes."""

    kind: bytes
    start: int
    body: int
    end: int


def top_level(path: Path) -> tuple[Box, ...]:
    """List the outermost boxes of a file; raises BoxesBroken unless they end where it ends."""
    length = path.stat().st_size
    found: list[Box] = []
    with path.open("rb") as file:
        at = 0
        while at < length:
            box = _box_at(file, at, length)
            found.append(box)
            if len(found) > MAX_BOXES:
                raise BoxesBroken("too many boxes")
            at = box.end
    return tuple(found)


def stream_signature(path: Path) -> str:
    """
    Return a hash (hex) of everything that must be equal in clips joined by stream copy.

    That is, of the video track: the sample entry's kind, size and child boxes (avcC, colr, pasp)
    without `btrt`, which holds one file's bit rates; the time scale; the edit list's start.
    """
    index = next((box for box in top_level(path) if box.kind == b"moov"), None)
    if index is None or index.end - index.body > MAX_INDEX_BYTES:
        raise BoxesBroken("no usable index")
    with path.open("rb") as file:
        file.seek(index.body)
        return index_signature(memoryview(file.read(index.end - index.body)))


def index_signature(moov: memoryview) -> str:
    """Return `stream_signature` for the body of a file's index."""
    for track in children_of(moov, b"trak"):
        media = only(track, b"mdia")
        if bytes(only(media, b"hdlr")[8:12]) == b"vide":
            return _video_signature(track, media)
    raise BoxesBroken("no video track")


def _video_signature(track: memoryview, media: memoryview) -> str:
    header = only(media, b"mdhd")
    timescale = header[20:24] if header[0] else header[12:16]
    edits = only(only(track, b"edts"), b"elst")
    start = edits[16:24] if edits[0] else edits[12:16]
    table = only(only(only(media, b"minf"), b"stbl"), b"stsd")
    length = int.from_bytes(table[8:12], "big")
    entry = table[8 : 8 + length]
    digest = hashlib.sha256()
    # The bytes between size and children name the encoder's version, which players ignore.
    for part in (
        bytes(timescale),
        int.from_bytes(start, "big").to_bytes(8, "big"),
        bytes(entry[4:8]),
        bytes(entry[32:36]),
    ):
        digest.update(part)
    children = split(entry[_VISUAL_ENTRY_BYTES:])
    for kind, body in sorted((kind, bytes(body)) for kind, body in children if kind != b"btrt"):
        digest.update(kind + len(body).to_bytes(4, "big") + body)
    return digest.hexdigest()


def _box_at(file: BinaryIO, at: int, length: int) -> Box:
    file.seek(at)
    header = file.read(16)
    size, kind, body = int.from_bytes(header[:4], "big"), header[4:8], at + 8
    if size == _SIZE_64:
        size, body = int.from_bytes(header[8:16], "big"), at + 16
    elif size == _TO_THE_END:
        size = length - at
    if len(kind) < 4 or at + size > length or at + size < body:  # noqa: PLR2004  # four-letter kinds
        raise BoxesBroken(f"a box at byte {at} ends outside the file")
    return Box(kind=kind, start=at, body=body, end=at + size)


def split(data: memoryview) -> Iterator[tuple[bytes, memoryview]]:
    """Yield kind and body of the adjacent boxes in *data*."""
    at = 0
    while at + 8 <= len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        if size < 8 or at + size > len(data):  # noqa: PLR2004  # a box's own header
            raise BoxesBroken("a box ends outside its parent")
        yield bytes(data[at + 4 : at + 8]), data[at + 8 : at + size]
        at += size


def children_of(data: memoryview, kind: bytes) -> Iterator[memoryview]:
    """Yield the bodies of the adjacent boxes of one kind in *data*."""
    return (body for found, body in split(data) if found == kind)


def only(data: memoryview, kind: bytes) -> memoryview:
    """Return the body of the first box of this kind in *data*; raises BoxesBroken without one."""
    body = next(children_of(data, kind), None)
    if body is None:
        raise BoxesBroken(f"no {kind.decode('ascii')} box")
    return body
