"""
What an mp4 file says about the frames of its video, or the packets of its sound.

One read at the file's head is enough for files that carry their index there, as all of ours do.
"""

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

from echoes.adapters.video.assembly.streams import Source
from echoes.adapters.video.boxes import (
    MAX_BOXES,
    MAX_INDEX_BYTES,
    BoxesBroken,
    children_of,
    index_signature,
    only,
    split,
)

HEAD_BYTES: Final = 32 * 1024
"""Holds the index of a clip of a minute."""

MAX_SAMPLES: Final = 200_000
"""An hour of sound; a table that claims more is not ours."""

VIDEO: Final = b"vide"
AUDIO: Final = b"soun"
VISUAL_ENTRY_BYTES: Final = 86
SOUND_ENTRY_BYTES: Final = 36
"""Of a sample entry, header included, before its child boxes."""

_HEADER: Final = 8


class FootageUnusable(Exception):
    """
    A file that cannot be used in a film as it is.

    `reason` is one snake_case word for logs; `handle` says which file, where that is known.
    """

    def __init__(self, reason: str, *, handle: str | None = None) -> None:
        super().__init__(f"{handle}: {reason}" if handle else reason)
        self.reason = reason
        self.handle = handle


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """
    The samples of one track, in the order in which they are decoded.

    *entry* is the sample entry as a film carries it, *start* the place of the edit list in ticks,
    *shifts* how much later than decoded a sample is shown (none: at once), *sync* the samples
    where decoding can begin (none: any). *signature* is of the video, empty for sound.
    """

    source: Source
    entry: bytes
    timescale: int
    start: int
    signature: str
    sizes: Sequence[int]
    offsets: Sequence[int]
    durations: Sequence[int]
    shifts: Sequence[int]
    sync: frozenset[int]

    @property
    def samples(self) -> int:
        """The number of samples."""
        return len(self.sizes)


def read_table(source: Source, handler: bytes = VIDEO) -> Table:
    """
    Read the table of the first track of a kind.

    Raises FootageUnusable: `empty`, `unreadable` (no mp4, or a broken index), `no_video`,
    `no_sound`, `truncated` (the index speaks of bytes that are not there).
    """
    if not source.size:
        raise FootageUnusable("empty")
    try:
        moov = memoryview(_index(source))
        track = _track(moov, handler)
        if track is None:
            raise FootageUnusable("no_video" if handler == VIDEO else "no_sound")
        table = _table(source, moov, track, video=handler == VIDEO)
    except (BoxesBroken, struct.error, IndexError, ValueError) as error:
        raise FootageUnusable("unreadable") from error
    if not table.sizes:
        raise FootageUnusable("empty")
    if max(map(int.__add__, table.offsets, table.sizes)) > source.size:
        raise FootageUnusable("truncated")
    return table


def _index(source: Source) -> bytes:
    """Return the body of `moov`."""
    head = source.read(0, HEAD_BYTES)
    at = 0
    for _ in range(MAX_BOXES):
        if at + _HEADER > source.size:
            break
        outside = at + 2 * _HEADER > len(head)
        header = source.read(at, 2 * _HEADER) if outside else head[at : at + 2 * _HEADER]
        length, kind, body = int.from_bytes(header[:4], "big"), header[4:8], at + _HEADER
        if length == 1:
            length, body = int.from_bytes(header[8:16], "big"), body + _HEADER
        elif not length:
            length = source.size - at
        if at + length < body:
            break
        if kind == b"moov":
            if length > MAX_INDEX_BYTES or at + length > source.size:
                break
            return (
                head[body : at + length]
                if at + length <= len(head)
                else (source.read(body, at + length - body))
            )
        at += length
    # A master begins with its index: what ends before it was cut.
    raise BoxesBroken("no usable index")


def _track(moov: memoryview, handler: bytes) -> memoryview | None:
    for track in children_of(moov, b"trak"):
        if bytes(only(only(track, b"mdia"), b"hdlr")[8:12]) == handler:
            return track
    return None


def _table(source: Source, moov: memoryview, track: memoryview, *, video: bool) -> Table:
    media = only(track, b"mdia")
    header = only(media, b"mdhd")
    table = only(only(media, b"minf"), b"stbl")
    sizes = _sizes(only(table, b"stsz"))
    durations = _runs(only(table, b"stts"), len(sizes))
    shifts = next(children_of(table, b"ctts"), None)
    sync = next(children_of(table, b"stss"), None)
    return Table(
        source=source,
        entry=_entry(only(table, b"stsd"), VISUAL_ENTRY_BYTES if video else SOUND_ENTRY_BYTES),
        timescale=int.from_bytes(header[20:24] if header[0] else header[12:16], "big"),
        start=_edit(track),
        signature=index_signature(moov) if video else "",
        sizes=sizes,
        offsets=_offsets(table, sizes),
        durations=durations,
        shifts=_runs(shifts, len(sizes)) if shifts is not None else (),
        sync=frozenset(number - 1 for number in _words(sync, 1))
        if sync is not None
        else frozenset(),
    )


def _edit(track: memoryview) -> int:
    """Return where the edit list starts; 0 without one. Our files never have more than one edit."""
    edits = next(children_of(track, b"edts"), None)
    if edits is None:
        return 0
    entries = only(edits, b"elst")
    if int.from_bytes(entries[4:8], "big") != 1:
        raise BoxesBroken("an edited file")
    return int.from_bytes(entries[16:24] if entries[0] else entries[12:16], "big")


def _entry(descriptions: memoryview, fixed: int) -> bytes:
    """Return the one sample entry, without the box that holds this file's bit rates."""
    if int.from_bytes(descriptions[4:8], "big") != 1:
        raise BoxesBroken("more than one sample entry")
    length = int.from_bytes(descriptions[8:12], "big")
    entry = descriptions[8 : 8 + length]
    children = b"".join(
        struct.pack(">I4s", _HEADER + len(body), kind) + bytes(body)
        for kind, body in split(entry[fixed:])
        if kind != b"btrt"
    )
    rest = bytes(entry[4:fixed]) + children
    return (4 + len(rest)).to_bytes(4, "big") + rest


def _words(body: memoryview, width: int) -> tuple[int, ...]:
    """Return the 32-bit words of a counted table, *width* of them an entry."""
    count = int.from_bytes(body[4:8], "big") * width
    if count > 2 * MAX_SAMPLES:
        raise BoxesBroken("too many samples")
    return struct.unpack_from(f">{count}I", body, 8)


def _sizes(body: memoryview) -> tuple[int, ...]:
    same, count = struct.unpack_from(">II", body, 4)
    if count > MAX_SAMPLES:
        raise BoxesBroken("too many samples")
    return (same,) * count if same else struct.unpack_from(f">{count}I", body, 12)


def _runs(body: memoryview, samples: int) -> list[int]:
    """Spread a table of (how many, value) over its samples."""
    words = _words(body, 2)
    values: list[int] = []
    for count, value in zip(words[::2], words[1::2], strict=True):
        if count > samples - len(values):
            raise BoxesBroken("a table longer than its track")
        values += [value] * count
    if len(values) != samples:
        raise BoxesBroken("a table shorter than its track")
    return values


def _offsets(table: memoryview, sizes: Sequence[int]) -> list[int]:
    """Return where each sample starts."""
    wide = next(children_of(table, b"co64"), None)
    if wide is None:
        chunks = _words(only(table, b"stco"), 1)
    else:
        words = _words(wide, 2)
        chunks = tuple(high << 32 | low for high, low in zip(words[::2], words[1::2], strict=True))
    offsets: list[int] = []
    done = 0
    for start, count in zip(chunks, _chunk_lengths(only(table, b"stsc"), len(chunks)), strict=True):
        inside = sizes[done : done + count]
        offsets += list(accumulate(inside, initial=start))[:-1]
        done += count
    if len(offsets) != len(sizes):
        raise BoxesBroken("chunks and samples disagree")
    return offsets


def _chunk_lengths(body: memoryview, chunks: int) -> Iterator[int]:
    words = _words(body, 3)
    firsts = [*words[::3], chunks + 1]
    for place, count in enumerate(words[1::3]):
        for _ in range(firsts[place + 1] - firsts[place]):
            yield count
