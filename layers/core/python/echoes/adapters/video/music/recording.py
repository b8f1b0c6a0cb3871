"""A file of music as people have it: one of five kinds, decoded within bounds."""

import math
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Final

import av
from av.container import InputContainer
from av.filter import Graph
from av.stream import Disposition

from echoes.adapters.video.assembly.sound import ready
from echoes.adapters.video.assembly.splice import PACKET_SAMPLES, SAMPLE_RATE
from echoes.adapters.video.assembly.tables import FootageUnusable
from echoes.domain.assembly.loudness import MAX_SECONDS

MAX_BYTES: Final = 128 * 1024 * 1024
RATES: Final = range(8_000, 192_001)
"""Hertz. A file that claims one a second would be stretched to hours."""

MAX_CHANNELS: Final = 8
_DEMUXERS: Final = (
    (0, b"RIFF", "wav"),
    (0, b"fLaC", "flac"),
    (0, b"OggS", "ogg"),
    (0, b"ID3", "mp3"),
    (4, b"ftyp", "mp4"),
)
_MP3_SYNC: Final = 0xFFE0
_ENDLESS: Final = 0xFFFFFFFF
"""The length in a wave file that was written without knowing its end."""

_CODECS: Final = {
    "wav": frozenset({"pcm_u8", "pcm_s16le", "pcm_s24le", "pcm_s32le", "pcm_f32le"}),
    "flac": frozenset({"flac"}),
    "ogg": frozenset({"vorbis", "opus", "flac"}),
    "mp3": frozenset({"mp3"}),
    "mp4": frozenset({"aac", "mp3"}),
}
"""The codecs that are decoded: their packets are small, whatever size they claim."""

_DECLARES_LENGTH: Final = frozenset({"wav", "flac", "mp4"})
"""Kinds of file that know how long they are; the others are measured or guessed."""


class Recording:
    """
    The first sound stream of a file; its kind is told by its first bytes, never by its name.

    Every method raises FootageUnusable: `too_slow` after the moment *until* (`time.monotonic`), and
    the reasons of `preparation.prepare_music`.
    """

    def __init__(self, path: Path, *, until: float) -> None:
        self._path = path
        self._demuxer = _demuxer_of(path)
        self._until = until

    def declared_seconds(self) -> float:
        """
        Return how long the file says it is, 0 where it does not say.

        Raises FootageUnusable for a file without sound or with a video; a cover picture is fine.
        """
        with self._open() as container:
            if any(
                not each.disposition & Disposition.attached_pic for each in container.streams.video
            ):
                raise FootageUnusable("video")
            if not container.streams.audio:
                raise FootageUnusable("no_sound")
            stream = container.streams.audio[0]
            if stream.codec_context.codec.canonical_name not in _CODECS[self._demuxer]:
                raise FootageUnusable("unsupported_codec")
            if self._demuxer not in _DECLARES_LENGTH or not stream.duration or not stream.time_base:
                return 0.0
            seconds = float(stream.duration * stream.time_base)
            if seconds > MAX_SECONDS:
                raise FootageUnusable("too_long")
            return seconds

    def measure(self) -> tuple[float, int]:
        """Return the integrated loudness (ITU-R BS.1770) and the number of samples at 48 kHz."""
        lufs, samples = -math.inf, 0
        metering = [("ebur128", "metadata=1:framelog=quiet")]
        for frame in self.frames(metering, size=None):
            samples += frame.samples
            lufs = float(frame.metadata.get("lavfi.r128.I", lufs))
            if samples > MAX_SECONDS * SAMPLE_RATE:
                raise FootageUnusable("too_long")
        return lufs, samples

    def frames(
        self, filters: Sequence[tuple[str, str]], *, size: int | None = PACKET_SAMPLES
    ) -> Iterator[av.AudioFrame]:
        """Yield stereo at 48 kHz through the filters, in blocks of *size*; the last is shorter."""
        with self._open() as container:
            graph: Graph | None = None
            shape = None
            for frame in self._decode(container):
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

    def _decode(self, container: InputContainer) -> Iterator[av.AudioFrame]:
        """Yield the first sound stream's frames. Packets without any take time, too."""
        for packet in container.demux(container.streams.audio[0]):
            if time.monotonic() > self._until:
                raise FootageUnusable("too_slow")
            yield from packet.decode()

    @contextmanager
    def _open(self) -> Iterator[InputContainer]:
        try:
            with av.open(
                str(self._path),
                "r",
                format=self._demuxer,
                container_options={"protocol_whitelist": "file"},
            ) as container:
                yield container
        except (av.FFmpegError, ValueError) as error:
            raise FootageUnusable("corrupt") from error


def _demuxer_of(path: Path) -> str:
    size = path.stat().st_size
    if not size:
        raise FootageUnusable("empty")
    if size > MAX_BYTES:
        raise FootageUnusable("too_long")
    with path.open("rb") as file:
        head = file.read(12)
    if head.startswith(b"RIFF") and size < int.from_bytes(head[4:8], "little") + 8 < _ENDLESS:
        # The demuxer would take what is there for the whole.
        raise FootageUnusable("truncated")
    for at, magic, name in _DEMUXERS:
        if head[at : at + len(magic)] == magic:
            return name
    if int.from_bytes(head[:2], "big") & _MP3_SYNC == _MP3_SYNC:
        return "mp3"
    raise FootageUnusable("unsupported_format")


def _shape(frame: av.AudioFrame) -> tuple[int, str, str]:
    return frame.sample_rate, frame.layout.name, frame.format.name


def _graph(frame: av.AudioFrame, filters: Sequence[tuple[str, str]], size: int | None) -> Graph:
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
