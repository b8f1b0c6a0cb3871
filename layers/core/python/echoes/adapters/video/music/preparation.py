"""
Prepares music for films, once: stereo, 48 kHz, -14 LUFS, AAC in packets that can be looped.

The period is cut to whole packets, and its beginning is encoded once more after its end: these
packets replace the first ones, so that the encoder has encoded the passage over the loop's end.
"""

import math
import time
from collections import deque
from collections.abc import Iterator, Sequence
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
from echoes.adapters.video.music.recording import Recording
from echoes.domain.assembly.loudness import LOUDNESS_LUFS, MAX_SECONDS, SILENCE, Profile

MIN_SECONDS: Final = 2
SILENCE_LUFS: Final = -50.0
LOUDEST_LUFS: Final = 20.0
"""Full scale is about zero; floating-point files may say anything, up to infinity."""

COMPLETE_SHARE: Final = 0.98
"""Of what the file says it lasts; its last packets may be rounded."""

EDGE_SECONDS: Final = 1.0
"""How long the end of music that is no loop fades, so that its repetition starts from silence."""

_WINDOW: Final = 4  # tenths of a second that one of the meter's readings looks back
_DUST: Final = 1e-12


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedMusic:
    """
    A prepared track: its period, and what the meter said before.

    *profile* is how loud each whole second of the result is, for `render_plan.Track`.
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

    *loop* says that the end of the music leads into its beginning as it is. Repeatable, with the
    same bytes. Raises FootageUnusable: `empty`, `unsupported_format`, `unsupported_codec`,
    `video`, `no_sound`, `corrupt`, `truncated`, `too_short`, `too_long`, `silent`, and `too_slow`
    when it is not done after *patience_seconds*.
    """
    recording = Recording(source, until=time.monotonic() + patience_seconds)
    declared = recording.declared_seconds()
    lufs, samples = recording.measure()
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
    content = _write_file(_encode_loop(recording.frames(filters), blocks))
    target.write_bytes(content)
    return PreparedMusic(
        path=target,
        duration_seconds=blocks * PACKET_SAMPLES / SAMPLE_RATE,
        source_lufs=lufs,
        gain_db=gain,
        profile=measure_profile(read_music(BytesSource(content))),
    )


def measure_profile(music: Music) -> Profile:
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


def _encode_loop(frames: Iterator[av.AudioFrame], blocks: int) -> list[bytes]:
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


def _write_file(packets: list[bytes]) -> bytes:
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
