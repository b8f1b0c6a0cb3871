"""
Joins runs of frames of finished clips, and packets of sound, without decoding any of them.

The tables of the clips are concatenated, so that the film's whole index is known before its first
byte of media is read. It stands at the front, and the rest is copying.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Final

from echoes.adapters.video import profile
from echoes.adapters.video.assembly.index import (
    MOVIE_TIMESCALE,
    Chunk,
    TrackIndex,
    file_type,
    media_header,
    movie_index,
    runs_of,
)
from echoes.adapters.video.assembly.streams import BytesSink, FileSink, Piece, Sink, pour
from echoes.adapters.video.assembly.tables import FootageUnusable, Table

FRAME_TICKS: Final = profile.TIMESCALE // profile.FPS
MOVIE_FRAME_TICKS: Final = MOVIE_TIMESCALE // profile.FPS
PACKET_SAMPLES: Final = 1024
SAMPLE_RATE: Final = 48_000
MAX_PACKET_BYTES: Final = 2048
"""Of AAC: 6144 bits a channel (ISO/IEC 14496-3, 4.5.1.1), and room."""

CHUNK_FRAMES: Final = profile.FPS
"""Sound and pictures of one second are stored side by side, so that players need not seek."""

_NARROW: Final = 2**32 - 2**24
"""Below, every place in the file has 32 bits, index included."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Take:
    """The frames *first* … *first* + *frames* - 1 of a clip, in the order they are shown."""

    table: Table
    first: int
    frames: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Packets:
    """
    AAC at 48 kHz: packet *n* is heard from sample (*n* - *priming*) x 1024 on.

    The *samples* after the priming ones are played, which the last packet may exceed. Of the last
    ones only the number may be known yet: *late* waits for them.
    """

    entry: bytes
    packets: Sequence[bytes]
    priming: int
    samples: int
    late_count: int = 0
    late: Callable[[], Sequence[bytes]] | None = None

    @property
    def count(self) -> int:
        """The number of packets."""
        return len(self.packets) + self.late_count

    def whole(self) -> "Packets":
        """Wait for the last packets. Raises what their encoding raises."""
        if self.late is None:
            return self
        packets = [*self.packets, *self.late()]
        return replace(self, packets=packets, late_count=0, late=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spliced:
    """What was written."""

    size: int
    frames: int


def check_take(take: Take) -> None:
    """
    Refuse a run that cannot stand alone.

    Raises FootageUnusable: `no_such_frames`, `not_cuttable` (decoding cannot begin at its first
    frame, or needs frames beyond it), `uneven` (not 24 frames a second, in our time scale).
    """
    table, first, last = take.table, take.first, take.first + take.frames
    if not 0 <= first < last <= table.samples:
        raise FootageUnusable("no_such_frames")
    if table.timescale != profile.TIMESCALE or any(
        ticks != FRAME_TICKS for ticks in table.durations
    ):
        raise FootageUnusable("uneven")
    if first not in table.sync or not (last == table.samples or last in table.sync):
        raise FootageUnusable("not_cuttable")
    if table.shifts:
        shown = sorted(
            place * FRAME_TICKS + shift - table.start
            for place, shift in enumerate(table.shifts[first:last], start=first)
        )
        if shown != list(range(first * FRAME_TICKS, last * FRAME_TICKS, FRAME_TICKS)):
            raise FootageUnusable("not_cuttable")


def splice(  # what, where to, and who listens
    takes: Sequence[Take],
    sink: Sink,
    *,
    width: int,
    height: int,
    sound: Packets | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> Spliced:
    """
    Write the film; *on_progress* receives (bytes written, bytes in all).

    Raises FootageUnusable when takes differ in their encoding (`foreign`) or cannot be cut where
    they should be, before anything is written; then what sources, sinks and late packets raise.
    """
    for take in takes:
        check_take(take)
    if len({(take.table.signature, take.table.start) for take in takes}) != 1:
        raise FootageUnusable("foreign")
    return _write_groups(takes, sink, size=(width, height), sound=sound, on_progress=on_progress)


def small_file(take: Take, *, width: int, height: int) -> bytes:
    """
    Return a file of a few frames, for a decoder; only their bytes are read.

    The take may also be one frame that stands alone, though others follow it.
    """
    sink = BytesSink()
    _write_groups([take], sink, size=(width, height))
    return sink.buffer.getvalue()


def _write_groups(
    takes: Sequence[Take],
    sink: Sink,
    *,
    size: tuple[int, int],
    sound: Packets | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> Spliced:
    groups = _groups(takes)
    shares = _shares(groups, sound)
    frames = sum(take.frames for take in takes)
    pictures = _pictures(takes, groups, frames, width=size[0], height=size[1])
    pairs = list(zip([*groups, ()], shares, strict=True))
    bound = sum(pictures.sizes) + (sound.count * MAX_PACKET_BYTES if sound is not None else 0)
    wide = bound > _NARROW
    done = ready = room = 0

    def count(written: int) -> None:
        nonlocal done
        done += written
        if on_progress is not None:
            on_progress(done, bound)

    if isinstance(sink, FileSink) and sound is not None and sound.late is not None:
        # While the last packets are made, what precedes them is copied to its final position.
        blank = replace(sound, packets=(b"",) * sound.count, late_count=0, late=None)
        room = len(_head([pictures, _sound(blank, shares)], shares, wide=wide))
        sink.leave(room)
        ready = sum(share.stop <= len(sound.packets) for share in shares[:-1])
        pour(_pieces(pairs[:ready], sound), sink, on_progress=count)
    whole = sound.whole() if sound is not None else None
    tracks = [pictures] if whole is None else [pictures, _sound(whole, shares)]
    head = _head(tracks, shares, wide=wide)
    bound = len(head) + sum(sum(track.sizes) for track in tracks)
    rest = _pieces(pairs[ready:], whole)
    if room:
        pour(rest, sink, on_progress=count)
        _fill(sink, head, room)
        count(room)
    else:
        pour([head, *rest], sink, on_progress=count)
    return Spliced(size=bound, frames=frames)


def _fill(sink: Sink, head: bytes, room: int) -> None:
    if not isinstance(sink, FileSink) or len(head) != room:
        raise AssertionError("the index does not have the reserved length")
    sink.fill(head)


_Group = Sequence[tuple[Table, int]]
"""Up to a second of frames, each a sample of a table."""


def _groups(takes: Sequence[Take]) -> list[_Group]:
    """Cut the film into chunks of one clip each."""
    return [
        [
            (take.table, place)
            for place in range(start, min(start + CHUNK_FRAMES, take.first + take.frames))
        ]
        for take in takes
        for start in range(take.first, take.first + take.frames, CHUNK_FRAMES)
    ]


def _shares(groups: Sequence[_Group], sound: Packets | None) -> list[range]:
    """Return the packets that follow each chunk of frames; what is left follows the last."""
    shares: list[range] = []
    done = frames = 0
    for group in groups:
        frames += len(group)
        due = done
        if sound is not None:
            played = frames * SAMPLE_RATE // profile.FPS
            due = min(sound.count, sound.priming + -(-played // PACKET_SAMPLES))
        shares.append(range(done, due))
        done = due
    shares.append(range(done, sound.count if sound is not None else 0))
    return shares


def _pictures(
    takes: Sequence[Take], groups: Sequence[_Group], frames: int, *, width: int, height: int
) -> TrackIndex:
    first = takes[0].table
    places = (frame for group in groups for frame in group)
    sync = [number for number, (table, place) in enumerate(places, start=1) if place in table.sync]
    shifts = (
        shift
        for take in takes
        for shift in (
            take.table.shifts[take.first : take.first + take.frames] or (0,) * take.frames
        )
    )
    return TrackIndex(
        entry=first.entry,
        timescale=profile.TIMESCALE,
        start=first.start,
        duration=frames * MOVIE_FRAME_TICKS,
        sizes=[table.sizes[place] for group in groups for table, place in group],
        chunks=[
            Chunk(samples=len(group), size=sum(table.sizes[place] for table, place in group))
            for group in groups
        ],
        runs=[(frames, FRAME_TICKS)],
        shifts=runs_of(shifts),
        sync=sync,
        width=width,
        height=height,
    )


def _sound(sound: Packets, shares: Sequence[range]) -> TrackIndex:
    count = len(sound.packets)
    last = sound.samples - (count - sound.priming - 1) * PACKET_SAMPLES
    return TrackIndex(
        entry=sound.entry,
        timescale=SAMPLE_RATE,
        start=sound.priming * PACKET_SAMPLES,
        duration=sound.samples * (MOVIE_TIMESCALE // SAMPLE_RATE),
        sizes=[len(packet) for packet in sound.packets],
        chunks=[
            Chunk(samples=len(share), size=sum(len(sound.packets[place]) for place in share))
            for share in shares
            if share
        ],
        runs=runs_of((*(PACKET_SAMPLES,) * (count - 1), last)),
        pre_roll=True,
    )


def _pieces(pairs: Sequence[tuple[_Group, range]], sound: Packets | None) -> list[Piece]:
    """List chunks of frames, each followed by its share of sound."""
    return [
        piece
        for group, share in pairs
        for piece in (*_runs_of_bytes(group), *_bytes_of(sound, share))
    ]


def _runs_of_bytes(group: _Group) -> Iterator[Piece]:
    """Yield the group's bytes; consecutive frames are one piece."""
    if not group:
        return
    table = group[0][0]
    start = end = table.offsets[group[0][1]]
    for _, place in group:
        if table.offsets[place] != end:
            yield table.source, start, end - start
            start = end = table.offsets[place]
        end += table.sizes[place]
    yield table.source, start, end - start


def _bytes_of(sound: Packets | None, share: range) -> Iterator[Piece]:
    if sound is not None and share:
        yield b"".join(sound.packets[share.start : share.stop])


def _head(tracks: Sequence[TrackIndex], shares: Sequence[range], *, wide: bool) -> bytes:
    """Return all that stands before the media; its length does not depend on the sizes."""
    kind = file_type()
    header = media_header(sum(sum(track.sizes) for track in tracks), wide=wide)
    blank = [[0] * len(track.chunks) for track in tracks]
    start = len(kind) + len(movie_index(tracks, blank, wide=wide)) + len(header)
    return kind + movie_index(tracks, _chunk_offsets(tracks, shares, start), wide=wide) + header


def _chunk_offsets(
    tracks: Sequence[TrackIndex], shares: Sequence[range], start: int
) -> list[list[int]]:
    """Return the offsets of each track's chunks: a chunk of frames, then its share of sound."""
    if len(tracks) == 1:
        return [list(accumulate((chunk.size for chunk in tracks[0].chunks), initial=start))[:-1]]
    places: list[list[int]] = [[], []]
    frames, packets = (iter(track.chunks) for track in tracks)
    for share in shares:
        chunk = next(frames, None)
        if chunk is not None:
            places[0].append(start)
            start += chunk.size
        if share:
            places[1].append(start)
            start += next(packets).size
    return places
