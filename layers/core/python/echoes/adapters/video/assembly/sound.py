"""
Music for a film, out of packets that are already encoded.

A prepared track is a loop: one packet that only fills the decoder, then a period of whole packets
whose last flows into its first. A film of any length takes as many as it needs; only the packets
of its fades are decoded and encoded again. Where a film has to be louder or softer, all are.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

import av
from av.audio.codeccontext import AudioCodecContext
from av.filter import Graph

from echoes.adapters.video.assembly.splice import (
    MOVIE_FRAME_TICKS,
    PACKET_SAMPLES,
    SAMPLE_RATE,
    Packets,
)
from echoes.adapters.video.assembly.streams import Source
from echoes.adapters.video.assembly.tables import (
    AUDIO,
    SOUND_ENTRY_BYTES,
    FootageUnusable,
    Table,
    read_table,
)
from echoes.adapters.video.boxes import BoxesBroken, only

BIT_RATE: Final = 128_000
CHANNELS: Final = 2
PRIMING: Final = 1
MAX_MUSIC_BYTES: Final = 16 * 1024 * 1024
"""A quarter of an hour at 128 kbit/s, all of which is held in memory."""

RUN_IN: Final = 6
"""
Packets encoded before the first that is kept.

The encoder chooses its windows by what went before: so warmed up, it chooses as it did when the
neighbours were encoded, and their halves add up.
"""

PEAK_DB: Final = -1.5
"""Before AAC, which may overshoot by a few tenths."""

LIMITER: Final = (
    "alimiter",
    f"limit={10 ** (PEAK_DB / 20):.4f}:level=disabled:latency=true",
)

FRAME_SAMPLES: Final = MOVIE_FRAME_TICKS
"""Samples at 48 kHz while one frame is seen: 2000."""

_CONFIG_TAG: Final = 5
_HEADER_TAGS: Final = {3: 3, 4: 13}
"""Bytes of ES and decoder descriptors before what they contain (ISO/IEC 14496-1, 7.2.6)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Music:
    """A prepared track; packet 0 only fills the decoder."""

    entry: bytes
    packets: Sequence[bytes]

    @property
    def period(self) -> int:
        """The packets after which it starts again."""
        return len(self.packets) - PRIMING

    def packet(self, number: int) -> bytes:
        """Return packet *number* of the endless music."""
        if number < PRIMING:
            return self.packets[number]
        return self.packets[PRIMING + (number - PRIMING) % self.period]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Change:
    """How music changes that is encoded again."""

    gain_db: float
    fades: tuple[str, ...]

    def filters(self) -> Iterator[tuple[str, str]]:
        """Yield the filters and their arguments; none of them delays the sound."""
        if self.gain_db:
            yield "volume", f"{self.gain_db:.2f}dB"
            yield LIMITER
            # The limiter keeps back what it looks ahead at; the encoder wants whole packets.
            yield "aformat", "sample_fmts=fltp:channel_layouts=stereo"
            yield "asetnsamples", f"n={PACKET_SAMPLES}:p=0"
        for fade in self.fades:
            yield "afade", fade


def read_music(source: Source) -> Music:
    """
    Read a prepared track.

    Raises FootageUnusable: what `read_table` says, `too_long`, and `unprepared` unless it is
    AAC-LC, stereo, 48 kHz, with one priming packet, as `prepare_music` writes.
    """
    table = read_table(source, AUDIO)
    whole = [place for place, ticks in enumerate(table.durations) if ticks == PACKET_SAMPLES]
    prepared = (
        table.entry[4:8] == b"mp4a"
        and table.timescale == SAMPLE_RATE
        and table.start == PRIMING * PACKET_SAMPLES
        and int.from_bytes(table.entry[24:26], "big") == CHANNELS
        and whole == list(range(len(whole)))
        and len(whole) > PRIMING
    )
    if not prepared:
        raise FootageUnusable("unprepared")
    if sum(table.sizes) > MAX_MUSIC_BYTES:
        raise FootageUnusable("too_long")
    return Music(entry=table.entry, packets=_contents(table, len(whole)))


def film_sound(
    music: Music,
    *,
    frames: int,
    fade_in_frames: int,
    fade_out_frames: int,
    gain_db: float = 0.0,
    beside: Executor | None = None,
) -> Packets:
    """
    Return the sound of a film of so many frames; it begins with it.

    Its last packet is the one nearest to the film's end, at most 11 ms away: players differ in
    whether they hear a packet that reaches beyond the end out. With a gain everything is encoded,
    no peak above -1.5 dBTP before it. With *beside* the last packets to be encoded are made
    there, and come late.
    """
    samples = frames * FRAME_SAMPLES
    count = PRIMING + max(1, round(samples / PACKET_SAMPLES))
    change = _Change(gain_db=gain_db, fades=tuple(_fades(samples, fade_in_frames, fade_out_frames)))
    packets = [music.packet(number) for number in range(count)]
    late_count, late = 0, None
    changed = (
        [(0, count)] if gain_db else _fade_ranges(count, samples, fade_in_frames, fade_out_frames)
    )
    for first, last in changed:
        wanted = range(first, last)
        if beside is not None and last == count:
            late_count, late = len(wanted), beside.submit(_encode_again, music, wanted, change)
            del packets[first:]
        else:
            packets[first:last] = _encode_again(music, wanted, change)
    return Packets(
        entry=music.entry,
        packets=packets,
        priming=PRIMING,
        samples=min(samples, (count - PRIMING) * PACKET_SAMPLES),
        late_count=late_count,
        late=late.result if late is not None else None,
    )


FINE: Final = {"aac_coder": "twoloop"}
QUICK: Final = {"aac_coder": "fast", "aac_ms": "0", "aac_is": "0", "aac_tns": "0", "aac_pns": "0"}
"""A quarter of the time and no more noise: it costs bits, of which a fade has enough."""


def encoder(options: dict[str, str]) -> AudioCodecContext:
    """Open the encoder of all our sound; its first packet only fills the decoder."""
    context = av.CodecContext.create("aac", "w")
    if not isinstance(context, AudioCodecContext):
        raise TypeError("aac is not an audio encoder")
    context.sample_rate = SAMPLE_RATE
    context.layout = "stereo"
    context.format = "fltp"
    context.bit_rate = BIT_RATE
    context.time_base = Fraction(1, SAMPLE_RATE)
    context.options = {"flags": "+bitexact", **options}
    return context


def _contents(table: Table, count: int) -> list[bytes]:
    """Read the packets; our own files hold them in one run."""
    start = min(table.offsets[:count])
    end = max(map(int.__add__, table.offsets[:count], table.sizes))
    if end - start > MAX_MUSIC_BYTES:
        raise FootageUnusable("unprepared")
    content = table.source.read(start, end - start)
    return [
        content[offset - start : offset - start + size]
        for offset, size in zip(table.offsets[:count], table.sizes, strict=False)
    ]


def _fade_ranges(
    count: int, samples: int, fade_in_frames: int, fade_out_frames: int
) -> Iterator[tuple[int, int]]:
    """Yield the ranges of packets that a fade reaches; overlapping ones as one."""
    first_out = count
    if fade_out_frames:
        start = samples - fade_out_frames * FRAME_SAMPLES
        # A packet's window also covers the 1024 samples after the ones it lets us hear.
        first_out = max(0, PRIMING + start // PACKET_SAMPLES - 1)
    last_in = 0
    if fade_in_frames:
        last_in = min(count, PRIMING + -(-fade_in_frames * FRAME_SAMPLES // PACKET_SAMPLES))
    if last_in and first_out <= last_in + RUN_IN:
        yield 0, count
        return
    if last_in:
        yield 0, last_in
    if first_out < count:
        yield first_out, count


def _fades(samples: int, fade_in_frames: int, fade_out_frames: int) -> list[str]:
    fades = []
    if fade_in_frames:
        fades.append(f"t=in:ss=0:ns={fade_in_frames * FRAME_SAMPLES}:curve=hsin")
    if fade_out_frames:
        length = fade_out_frames * FRAME_SAMPLES
        fades.append(f"t=out:ss={samples - length}:ns={length}:curve=hsin")
    return fades


def _encode_again(music: Music, wanted: range, change: _Change) -> list[bytes]:
    """Return packets of the endless music with the change in them."""
    first = max(PRIMING, wanted.start - RUN_IN)
    context = encoder(FINE if change.gain_db else QUICK)
    # Two more than wanted, for the encoder to see what follows.
    frames = _change_blocks(music, range(first, wanted.stop + 2), change)
    made = [bytes(packet) for frame in frames for packet in context.encode(frame)]
    made += [bytes(packet) for packet in context.encode(None)]
    # The encoder's first packet is the one before the first it was fed.
    skipped = wanted.start - (first - PRIMING)
    return made[skipped : skipped + len(wanted)]


def _change_blocks(music: Music, numbers: range, change: _Change) -> Iterator[av.AudioFrame]:
    """Yield the changed sound of the packets: one block a packet, at its position."""
    graph = Graph()
    nodes = [
        graph.add_abuffer(
            sample_rate=SAMPLE_RATE,
            format="fltp",
            layout="stereo",
            time_base=Fraction(1, SAMPLE_RATE),
        ),
        *(graph.add(name, arguments) for name, arguments in change.filters()),
        graph.add("abuffersink"),
    ]
    graph.link_nodes(*nodes).configure()
    done = 0
    for number, frame in zip(numbers, _decode(music, numbers), strict=True):
        frame.pts = (number - PRIMING) * PACKET_SAMPLES
        frame.time_base = Fraction(1, SAMPLE_RATE)
        graph.push(frame)
        for block in ready(graph):
            done += 1
            yield block
    graph.push(None)
    for block in ready(graph):
        done += 1
        yield block
    if done != len(numbers):
        raise AssertionError("a filter changed the music's length")


def ready(graph: Graph) -> Iterator[av.AudioFrame]:
    """Yield the frames that a graph of filters has ready."""
    while True:
        try:
            block = graph.pull()
        except (BlockingIOError, EOFError):
            return
        if isinstance(block, av.AudioFrame):
            yield block


def endless(music: Music, blocks: int) -> Iterator[av.AudioFrame]:
    """Yield *blocks* blocks of a packet's samples each, from the beginning of the music."""
    return _decode(music, range(PRIMING, PRIMING + blocks))


def _decode(music: Music, numbers: range) -> Iterator[av.AudioFrame]:
    context = av.CodecContext.create("aac", "r")
    if not isinstance(context, AudioCodecContext):
        raise TypeError("aac is not an audio decoder")
    context.extradata = _configuration(music.entry)
    for number in range(numbers.start - 1, numbers.stop):
        try:
            frames = context.decode(av.Packet(music.packet(number)))
        except av.FFmpegError as error:
            raise FootageUnusable("corrupt") from error
        if len(frames) != 1 or frames[0].samples != PACKET_SAMPLES:
            raise FootageUnusable("corrupt")
        if number >= numbers.start:
            yield frames[0]


def _configuration(entry: bytes) -> bytes:
    """Return the AudioSpecificConfig that a sample entry's descriptors contain."""
    try:
        body = bytes(only(memoryview(entry)[SOUND_ENTRY_BYTES:], b"esds"))[4:]
        while True:
            tag, length, at = body[0], 0, 1
            while True:
                length = length << 7 | body[at] & 0x7F
                at += 1
                if not body[at - 1] & 0x80:
                    break
            if tag == _CONFIG_TAG:
                return body[at : at + length]
            body = body[at + _HEADER_TAGS[tag] :]
    except (BoxesBroken, IndexError, KeyError) as error:
        raise FootageUnusable("unprepared") from error
