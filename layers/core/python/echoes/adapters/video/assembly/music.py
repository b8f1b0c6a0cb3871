"""
Prepares music for films, once: stereo, 48 kHz, -14 LUFS, AAC in packets that can be looped.

The period is cut to whole packets, and its beginning is encoded once more after its end: these
packets replace the first ones, so that the encoder itself has heard the music flow round.
"""

import math
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Final

import av
from av.filter import Graph

from echoes.adapters.video.assembly.index import (
    MOVIE_TIMESCALE,
    Chunk,
    TrackIndex,
    file_type,
    media_header,
    movie_index,
)
from echoes.adapters.video.assembly.sound import FINE, PRIMING, RUN_IN, encoder
from echoes.adapters.video.assembly.splice import PACKET_SAMPLES, SAMPLE_RATE
from echoes.adapters.video.assembly.tables import FootageUnusable

LOUDNESS_LUFS: Final = -14.0
PEAK_DB: Final = -1.5
"""Before AAC, which may overshoot by a few tenths."""

MAX_BYTES: Final = 128 * 1024 * 1024
MAX_SECONDS: Final = 15 * 60
MIN_SECONDS: Final = 2
SILENCE_LUFS: Final = -50.0
EDGE_SECONDS: Final = 1.0
"""The end of music that is no loop fades so long, so that its repetition begins out of silence."""

_DEMUXERS: Final = (
    (0, b"RIFF", "wav"),
    (0, b"fLaC", "flac"),
    (0, b"OggS", "ogg"),
    (0, b"ID3", "mp3"),
    (4, b"ftyp", "mp4"),
)
_MP3_SYNC: Final = 0xFFE0


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedMusic:
    """A prepared track: its period, and what the meter said before and of the result's peaks."""

    path: Path
    duration_seconds: float
    source_lufs: float
    gain_db: float


def prepare_music(source: Path, target: Path, *, loop: bool) -> PreparedMusic:
    """
    Write *target*, an m4a file that `read_music` reads.

    *loop* says that the music flows from its end into its beginning as it is. Repeatable, with the
    same bytes. Raises FootageUnusable: `empty`, `unsupported_format`, `no_sound`, `corrupt`,
    `too_short`, `too_long`, `silent`.
    """
    demuxer = _demuxer(source)
    lufs, samples = _measured(source, demuxer)
    if samples < MIN_SECONDS * SAMPLE_RATE:
        raise FootageUnusable("too_short")
    if lufs < SILENCE_LUFS:
        raise FootageUnusable("silent")
    gain = LOUDNESS_LUFS - lufs
    blocks = samples // PACKET_SAMPLES
    filters = [
        ("volume", f"{gain:.2f}dB"),
        ("alimiter", f"limit={10 ** (PEAK_DB / 20):.4f}:level=disabled:latency=true"),
    ]
    if not loop:
        edge = round(EDGE_SECONDS * SAMPLE_RATE)
        filters.append(("afade", f"t=out:ss={blocks * PACKET_SAMPLES - edge}:ns={edge}"))
    target.write_bytes(_file(_looped(_frames(source, demuxer, filters), blocks)))
    return PreparedMusic(
        path=target,
        duration_seconds=blocks * PACKET_SAMPLES / SAMPLE_RATE,
        source_lufs=lufs,
        gain_db=gain,
    )


def _demuxer(source: Path) -> str:
    size = source.stat().st_size
    if not size:
        raise FootageUnusable("empty")
    if size > MAX_BYTES:
        raise FootageUnusable("too_long")
    with source.open("rb") as file:
        head = file.read(12)
    for at, magic, name in _DEMUXERS:
        if head[at : at + len(magic)] == magic:
            return name
    if int.from_bytes(head[:2], "big") & _MP3_SYNC == _MP3_SYNC:
        return "mp3"
    raise FootageUnusable("unsupported_format")


def _measured(source: Path, demuxer: str) -> tuple[float, int]:
    """Answer the integrated loudness (ITU-R BS.1770) and the number of samples at 48 kHz."""
    lufs, samples = -math.inf, 0
    for frame in _frames(source, demuxer, [("ebur128", "metadata=1:framelog=quiet")], size=None):
        samples += frame.samples
        lufs = float(frame.metadata.get("lavfi.r128.I", lufs))
        if samples > MAX_SECONDS * SAMPLE_RATE:
            raise FootageUnusable("too_long")
    return lufs, samples


def _frames(
    source: Path,
    demuxer: str,
    filters: list[tuple[str, str]],
    *,
    size: int | None = PACKET_SAMPLES,
) -> Iterator[av.AudioFrame]:
    """Yield stereo at 48 kHz through the filters, in blocks of *size* (the last one shorter)."""
    try:
        with av.open(
            str(source), "r", format=demuxer, container_options={"protocol_whitelist": "file"}
        ) as container:
            if not container.streams.audio:
                raise FootageUnusable("no_sound")
            stream = container.streams.audio[0]
            graph: Graph | None = None
            for frame in container.decode(stream):
                if graph is None:
                    graph = _graph(frame, filters, size)
                frame.pts = None
                graph.push(frame)
                yield from _ready(graph)
            if graph is None:
                raise FootageUnusable("no_sound")
            graph.push(None)
            yield from _ready(graph)
    except (av.FFmpegError, ValueError) as error:
        raise FootageUnusable("corrupt") from error


def _graph(frame: av.AudioFrame, filters: list[tuple[str, str]], size: int | None) -> Graph:
    graph = Graph()
    nodes = [
        graph.add_abuffer(
            sample_rate=frame.sample_rate,
            format=frame.format.name,
            layout=frame.layout.name,
            time_base=Fraction(1, frame.sample_rate),
        ),
        graph.add("aresample", str(SAMPLE_RATE)),
        graph.add("aformat", "sample_fmts=fltp:channel_layouts=stereo"),
        *(graph.add(name, arguments) for name, arguments in filters),
        graph.add("aformat", "sample_fmts=fltp:channel_layouts=stereo"),
    ]
    if size is not None:
        nodes.append(graph.add("asetnsamples", f"n={size}:p=0"))
    graph.link_nodes(*nodes, graph.add("abuffersink")).configure()
    return graph


def _ready(graph: Graph) -> Iterator[av.AudioFrame]:
    while True:
        try:
            frame = graph.pull()
        except (BlockingIOError, EOFError):
            return
        if isinstance(frame, av.AudioFrame):
            yield frame


def _looped(frames: Iterator[av.AudioFrame], blocks: int) -> list[bytes]:
    """Return one packet that fills the decoder, and the period's packets."""
    context = encoder(FINE)
    packets: list[bytes] = []
    again: deque[av.AudioFrame] = deque()

    def feed(frame: av.AudioFrame, number: int) -> None:
        frame.pts = number * PACKET_SAMPLES
        frame.time_base = Fraction(1, SAMPLE_RATE)
        packets.extend(bytes(packet) for packet in context.encode(frame))

    fed = 0
    for frame in frames:
        if fed == blocks or frame.samples != PACKET_SAMPLES:
            break
        if fed < RUN_IN + 2:
            again.append(_copy(frame))
        feed(frame, fed)
        fed += 1
    if fed != blocks:
        raise FootageUnusable("corrupt")
    for number, frame in enumerate(again, start=blocks):
        feed(frame, number)
    packets += [bytes(packet) for packet in context.encode(None)]
    # Packet n covers the blocks n-1 and n; decoding it lets block n-1 be heard.
    first = packets[blocks + 1 : blocks + 1 + RUN_IN]
    return [packets[blocks], *first, *packets[RUN_IN + 1 : blocks + 1]]


def _copy(frame: av.AudioFrame) -> av.AudioFrame:
    """Return a frame that the encoder's work on the first one does not touch."""
    other = av.AudioFrame(format="fltp", layout="stereo", samples=frame.samples)
    other.sample_rate = SAMPLE_RATE
    for target, plane in zip(other.planes, frame.planes, strict=True):
        target.update(bytes(plane))
    return other


def _file(packets: list[bytes]) -> bytes:
    """Return an mp4 file of the packets alone."""
    size = sum(map(len, packets))
    track = TrackIndex(
        entry=_entry(),
        timescale=SAMPLE_RATE,
        start=PRIMING * PACKET_SAMPLES,
        duration=(len(packets) - PRIMING) * PACKET_SAMPLES * (MOVIE_TIMESCALE // SAMPLE_RATE),
        sizes=[len(packet) for packet in packets],
        chunks=[Chunk(samples=len(packets), size=size)],
        runs=[(len(packets), PACKET_SAMPLES)],
        pre_roll=True,
    )
    kind, header = file_type(), media_header(size)
    start = len(kind) + len(movie_index([track], [[0]], wide=False)) + len(header)
    return b"".join((kind, movie_index([track], [[start]], wide=False), header, *packets))


def _entry() -> bytes:
    """Return the sample entry of AAC-LC, 48 kHz, stereo (ISO/IEC 14496-14, 5.6)."""
    configuration = b"\x05\x02\x11\x90"
    decoder = b"\x40\x15" + bytes(3) + (128_000).to_bytes(4, "big") * 2 + configuration
    described = b"\x04" + bytes([len(decoder)]) + decoder + b"\x06\x01\x02"
    stream = b"\x03" + bytes([len(described) + 3]) + b"\x00\x01\x00" + described
    descriptors = b"esds" + bytes(4) + stream
    sound = (
        b"mp4a"
        + bytes(6)
        + b"\x00\x01"
        + bytes(8)
        + b"\x00\x02\x00\x10"
        + bytes(4)
        + (SAMPLE_RATE << 16).to_bytes(4, "big")
        + (4 + len(descriptors)).to_bytes(4, "big")
        + descriptors
    )
    return (4 + len(sound)).to_bytes(4, "big") + sound
