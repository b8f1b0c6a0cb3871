"""Writes the index of an mp4 file (ISO/IEC 14496-12) before there is a file."""

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

MOVIE_TIMESCALE: Final = 48_000
"""A frame at 24 a second has 2000 ticks and a sample of sound one: no length is rounded."""

_MATRIX: Final = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
_LANGUAGE: Final = 0x55C4  # "und", undetermined
_SELF_CONTAINED: Final = 1
_ENABLED_IN_MOVIE: Final = 3
_FULL_VOLUME: Final = 0x0100
_BIGGEST: Final = 2**32 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """Consecutive samples of one track: their number and their bytes."""

    samples: int
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackIndex:
    """
    One track as it will be written.

    *duration* is what is played, in ticks of the movie; *start* what the edit list skips, in the
    track's own. *runs* and *shifts* are (how many, value) of durations and of later showing,
    *sync* the numbers, from 1 on, where decoding can begin (none: anywhere). Width and height are
    0 for sound; *pre_roll* tells that a sample of sound needs the one before it.
    """

    entry: bytes
    timescale: int
    start: int
    duration: int
    sizes: Sequence[int]
    chunks: Sequence[Chunk]
    runs: Sequence[tuple[int, int]]
    shifts: Sequence[tuple[int, int]] = ()
    sync: Sequence[int] = ()
    width: int = 0
    height: int = 0
    pre_roll: bool = False


def runs_of(values: Iterable[int]) -> list[tuple[int, int]]:
    """Return (how many, value) for each run of equal values."""
    return [(sum(1 for _ in run), value) for value, run in groupby(values)]


def file_type() -> bytes:
    """Return the box that a file begins with."""
    return _box(b"ftyp", b"isom", struct.pack(">I", 0x200), b"isomiso2avc1mp41")


def media_header(size: int, *, wide: bool = False) -> bytes:
    """Return the header of the box that holds *size* bytes of media, *wide* if it might be huge."""
    if wide or size + 8 > _BIGGEST:
        return struct.pack(">I4sQ", 1, b"mdat", size + 16)
    return struct.pack(">I4s", size + 8, b"mdat")


def movie_index(
    tracks: Sequence[TrackIndex], places: Sequence[Sequence[int]], *, wide: bool
) -> bytes:
    """
    Return the index; *places* are where each track's chunks start, in bytes of the file.

    Its length depends on *wide* (places of 64 bits) and not on the places.
    """
    duration = max(track.duration for track in tracks)
    header = _full(
        b"mvhd",
        struct.pack(">IIIIIH10x", 0, 0, MOVIE_TIMESCALE, duration, 0x10000, _FULL_VOLUME),
        _MATRIX,
        bytes(24),
        struct.pack(">I", len(tracks) + 1),
    )
    return _box(
        b"moov",
        header,
        *(
            _track(number, track, offsets, wide=wide)
            for number, (track, offsets) in enumerate(zip(tracks, places, strict=True), start=1)
        ),
    )


def _track(number: int, track: TrackIndex, places: Sequence[int], *, wide: bool) -> bytes:
    visual = bool(track.width)
    header = _full(
        b"tkhd",
        struct.pack(">IIIII8x", 0, 0, number, 0, track.duration),
        struct.pack(">HHHH", 0, 0 if visual else 1, 0 if visual else _FULL_VOLUME, 0),
        _MATRIX,
        struct.pack(">II", track.width << 16, track.height << 16),
        flags=_ENABLED_IN_MOVIE,
    )
    edit = struct.pack(">IIIHH", 1, track.duration, track.start, 1, 0)
    length = sum(count * ticks for count, ticks in track.runs)
    media = _box(
        b"mdia",
        _full(b"mdhd", struct.pack(">IIIIHH", 0, 0, track.timescale, length, _LANGUAGE, 0)),
        _handler(visual=visual),
        _box(
            b"minf",
            _full(b"vmhd", bytes(8), flags=1) if visual else _full(b"smhd", bytes(4)),
            _box(
                b"dinf",
                _full(b"dref", struct.pack(">I", 1), _full(b"url ", flags=_SELF_CONTAINED)),
            ),
            _samples(track, places, wide=wide),
        ),
    )
    return _box(b"trak", header, _box(b"edts", _full(b"elst", edit)), media)


def _handler(*, visual: bool) -> bytes:
    kind, name = (b"vide", b"VideoHandler\0") if visual else (b"soun", b"SoundHandler\0")
    return _full(b"hdlr", struct.pack(">I4s12x", 0, kind), name)


def _samples(track: TrackIndex, places: Sequence[int], *, wide: bool) -> bytes:
    boxes = [
        _full(b"stsd", struct.pack(">I", 1), track.entry),
        _full(b"stts", _pairs(track.runs)),
    ]
    if any(value for _, value in track.shifts):
        boxes.append(_full(b"ctts", _pairs(track.shifts)))
    if track.sync:
        boxes.append(_full(b"stss", _words(len(track.sync), *track.sync)))
    boxes += [
        _full(b"stsc", _chunk_table(track.chunks)),
        _full(b"stsz", _words(0, len(track.sizes), *track.sizes)),
        _full(b"co64", _words(len(places)), struct.pack(f">{len(places)}Q", *places))
        if wide
        else _full(b"stco", _words(len(places), *places)),
    ]
    if track.pre_roll:
        # 14496-12, 10.1: one packet before the wanted one has to be decoded as well.
        group = struct.pack(">4sIIh", b"roll", 2, 1, -1)
        boxes.append(_full(b"sgpd", group, version=1))
        boxes.append(_full(b"sbgp", struct.pack(">4sIII", b"roll", 1, len(track.sizes), 1)))
    return _box(b"stbl", *boxes)


def _chunk_table(chunks: Sequence[Chunk]) -> bytes:
    entries: list[int] = []
    number = 1
    for count, samples in runs_of(chunk.samples for chunk in chunks):
        entries += (number, samples, 1)
        number += count
    return _words(len(entries) // 3, *entries)


def _pairs(runs: Sequence[tuple[int, int]]) -> bytes:
    return _words(len(runs), *(number for run in runs for number in run))


def _words(*values: int) -> bytes:
    return struct.pack(f">{len(values)}I", *values)


def _full(kind: bytes, *parts: bytes, version: int = 0, flags: int = 0) -> bytes:
    return _box(kind, struct.pack(">I", version << 24 | flags), *parts)


def _box(kind: bytes, *parts: bytes) -> bytes:
    return struct.pack(">I4s", 8 + sum(map(len, parts)), kind) + b"".join(parts)
