"""
Prepares music for films, once: stereo, 48 kHz, -14 LUFS, AAC in packets that can be looped.

The period is cut to whole packets, and its beginning is encoded once more after its end: these
packets replace the first ones, so that the encoder itself has heard the music flow round.
"""

import math
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Final

import av
from av.container import InputContainer
from av.filter import Graph
from av.stream import Disposition

from echoes.adapters.video.assembly.index import (
    MOVIE_TIMESCALE,
    Chunk,
    TrackIndex,
    file_type,
    media_header,
    movie_index,
)
from echoes.adapters.video.assembly.sound import (
    FINE,
    LIMITER,
    PRIMING,
    RUN_IN,
    Music,
    encoder,
    endless,
    read_music,
    ready,
)
from echoes.adapters.video.assembly.splice import PACKET_SAMPLES, SAMPLE_RATE
from echoes.adapters.video.assembly.streams import BytesSource
from echoes.adapters.video.assembly.tables import FootageUnusable
from echoes.domain.assembly.loudness import LOUDNESS_LUFS, MAX_SECONDS, SILENCE, Profile

MAX_BYTES: Final = 128 * 1024 * 1024
MIN_SECONDS: Final = 2
SILENCE_LUFS: Final = -50.0
LOUDEST_LUFS: Final = 20.0
"""Full scale is about zero; floating-point files may say anything, up to infinity."""

RATES: Final = range(8_000, 192_001)
"""Hertz. A file that claims one a second would be drawn out to hours."""

MAX_CHANNELS: Final = 8
COMPLETE_SHARE: Final = 0.98
"""Of what the file says it lasts; its last packets may be rounded."""

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
_ENDLESS: Final = 0xFFFFFFFF
"""What a wave file says that was written without knowing its end."""

_WINDOW: Final = 4  # tenths of a second that one of the meter's readings looks back
_DUST: Final = 1e-12

_CODECS: Final = {
    "wav": frozenset({"pcm_u8", "pcm_s16le", "pcm_s24le", "pcm_s32le", "pcm_f32le"}),
    "flac": frozenset({"flac"}),
    "ogg": frozenset({"vorbis", "opus", "flac"}),
    "mp3": frozenset({"mp3"}),
    "mp4": frozenset({"aac", "mp3"}),
}
"""What is decoded at all: codecs whose packets are small however large they claim to be."""

_SAYING_THEIR_LENGTH: Final = frozenset({"wav", "flac", "mp4"})
"""Kinds of file that know how long they are; the others are measured or guessed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedMusic:
    """
    A prepared track: its period, and what the meter said before.

    *profile* is how loud each whole second of the result is, for `films.Track`.
    """

    path: Path
    duration_seconds: float
    source_lufs: float
    gain_db: float
    profile: Profile


def prepare_music(
    source: Path, target: Path, *, loop: bool, patience_seconds: float = math.inf
) -> PreparedMusic:
    """
    Write *target*, an m4a file that `read_music` reads: the sound of *source*, and nothing else.

    *loop* says that the music flows from its end into its beginning as it is. Repeatable, with the
    same bytes. Raises FootageUnusable: `empty`, `unsupported_format`, `unsupported_codec`,
    `video`, `no_sound`, `corrupt`, `truncated`, `too_short`, `too_long`, `silent`, and `too_slow`
    when it is not done after *patience_seconds*.
    """
    until = time.monotonic() + patience_seconds
    demuxer = _demuxer(source)
    declared = _declared_seconds(source, demuxer)
    lufs, samples = _measured(source, demuxer, until)
    if samples < declared * COMPLETE_SHARE * SAMPLE_RATE:
        raise FootageUnusable("truncated")
    if samples < MIN_SECONDS * SAMPLE_RATE:
        raise FootageUnusable("too_short")
    if math.isnan(lufs) or lufs > LOUDEST_LUFS:
        raise FootageUnusable("corrupt")
    if lufs < SILENCE_LUFS:
        raise FootageUnusable("silent")
    gain = LOUDNESS_LUFS - lufs
    blocks = samples // PACKET_SAMPLES
    filters = [
        ("volume", f"{gain:.2f}dB"),
        LIMITER,
    ]
    if not loop:
        edge = round(EDGE_SECONDS * SAMPLE_RATE)
        filters.append(("afade", f"t=out:ss={blocks * PACKET_SAMPLES - edge}:ns={edge}"))
    content = _file(_looped(_frames(source, demuxer, filters, until), blocks))
    target.write_bytes(content)
    return PreparedMusic(
        path=target,
        duration_seconds=blocks * PACKET_SAMPLES / SAMPLE_RATE,
        source_lufs=lufs,
        gain_db=gain,
        profile=measured_profile(read_music(BytesSource(content))),
    )


def measured_profile(music: Music) -> Profile:
    """Return how loud each whole second of a prepared track is, as a player hears it."""
    graph = Graph()
    graph.link_nodes(
        graph.add_abuffer(
            sample_rate=SAMPLE_RATE,
            format="fltp",
            layout="stereo",
            time_base=Fraction(1, SAMPLE_RATE),
        ),
        graph.add("ebur128", "metadata=1:framelog=quiet"),
        graph.add("abuffersink"),
    ).configure()
    tenths: list[float] = []
    for number, frame in enumerate(endless(music, music.period)):
        frame.pts = number * PACKET_SAMPLES
        frame.time_base = Fraction(1, SAMPLE_RATE)
        graph.push(frame)
        tenths += [float(block.metadata["lavfi.r128.M"]) for block in ready(graph)]
    seconds = (tenths[first : first + 10] for first in range(0, len(tenths) - 9, 10))
    return tuple(_loudness(second[_WINDOW - 1 :]) for second in seconds)[:MAX_SECONDS]


def _loudness(windows: Sequence[float]) -> int:
    """Return, in tenths, the loudness of windows of four tenths of a second, in LUFS."""
    energy = sum(10 ** (lufs / 10) for lufs in windows) / len(windows)
    return max(SILENCE, round(100 * math.log10(max(energy, _DUST))))


def _demuxer(source: Path) -> str:
    size = source.stat().st_size
    if not size:
        raise FootageUnusable("empty")
    if size > MAX_BYTES:
        raise FootageUnusable("too_long")
    with source.open("rb") as file:
        head = file.read(12)
    if head.startswith(b"RIFF") and size < int.from_bytes(head[4:8], "little") + 8 < _ENDLESS:
        # The demuxer would call what is there the whole.
        raise FootageUnusable("truncated")
    for at, magic, name in _DEMUXERS:
        if head[at : at + len(magic)] == magic:
            return name
    if int.from_bytes(head[:2], "big") & _MP3_SYNC == _MP3_SYNC:
        return "mp3"
    raise FootageUnusable("unsupported_format")


def _declared_seconds(source: Path, demuxer: str) -> float:
    """
    Return how long the file says it is, 0 where it does not say.

    Raises FootageUnusable for what is no sound, or more than sound; a picture of the cover is fine.
    """
    with _opened(source, demuxer) as container:
        if any(not each.disposition & Disposition.attached_pic for each in container.streams.video):
            raise FootageUnusable("video")
        if not container.streams.audio:
            raise FootageUnusable("no_sound")
        stream = container.streams.audio[0]
        if stream.codec_context.codec.canonical_name not in _CODECS[demuxer]:
            raise FootageUnusable("unsupported_codec")
        if demuxer not in _SAYING_THEIR_LENGTH or not stream.duration or not stream.time_base:
            return 0.0
        seconds = float(stream.duration * stream.time_base)
        if seconds > MAX_SECONDS:
            raise FootageUnusable("too_long")
        return seconds


@contextmanager
def _opened(source: Path, demuxer: str) -> Iterator[InputContainer]:
    try:
        with av.open(
            str(source), "r", format=demuxer, container_options={"protocol_whitelist": "file"}
        ) as container:
            yield container
    except (av.FFmpegError, ValueError) as error:
        raise FootageUnusable("corrupt") from error


def _measured(source: Path, demuxer: str, until: float) -> tuple[float, int]:
    """Return the integrated loudness (ITU-R BS.1770) and the number of samples at 48 kHz."""
    lufs, samples = -math.inf, 0
    metering = [("ebur128", "metadata=1:framelog=quiet")]
    for frame in _frames(source, demuxer, metering, until, size=None):
        samples += frame.samples
        lufs = float(frame.metadata.get("lavfi.r128.I", lufs))
        if samples > MAX_SECONDS * SAMPLE_RATE:
            raise FootageUnusable("too_long")
    return lufs, samples


def _frames(
    source: Path,
    demuxer: str,
    filters: list[tuple[str, str]],
    until: float,
    *,
    size: int | None = PACKET_SAMPLES,
) -> Iterator[av.AudioFrame]:
    """Yield stereo at 48 kHz through the filters, in blocks of *size* (the last one shorter)."""
    with _opened(source, demuxer) as container:
        graph: Graph | None = None
        shape = None
        for frame in _decoded(container, until):
            if graph is None:
                graph, shape = _graph(frame, filters, size), _shape(frame)
            elif _shape(frame) != shape:
                raise FootageUnusable("corrupt")
            frame.pts = None
            graph.push(frame)
            yield from ready(graph)
        if graph is None:
            raise FootageUnusable("no_sound")
        graph.push(None)
        yield from ready(graph)


def _decoded(container: InputContainer, until: float) -> Iterator[av.AudioFrame]:
    """Yield the first sound stream's frames. Packets without any take time, too."""
    for packet in container.demux(container.streams.audio[0]):
        if time.monotonic() > until:
            raise FootageUnusable("too_slow")
        yield from packet.decode()


def _shape(frame: av.AudioFrame) -> tuple[int, str, str]:
    return frame.sample_rate, frame.layout.name, frame.format.name


def _graph(frame: av.AudioFrame, filters: list[tuple[str, str]], size: int | None) -> Graph:
    if frame.sample_rate not in RATES or frame.layout.nb_channels > MAX_CHANNELS:
        raise FootageUnusable("unsupported_codec")
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
