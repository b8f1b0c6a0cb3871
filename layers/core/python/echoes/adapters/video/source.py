"""Decodes a provider's video: checked, bounded, and converted to our size, rate and colours."""

import math
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Final, Protocol

import av
from av.container import InputContainer
from av.filter import Graph
from av.filter.context import FilterContext
from av.video.stream import VideoStream

from echoes.adapters.video import profile
from echoes.adapters.video.boxes import BoxesBroken, top_level
from echoes.adapters.video.planes import tagged

MAX_BYTES: Final = 256 * 1024 * 1024  # a minute at 30 Mbit/s
MAX_SECONDS: Final = 60
MAX_PIXELS: Final = 4096 * 2304  # 4K of either kind
MAX_FRAMES: Final = MAX_SECONDS * 120
SAME_RATIO: Final = 0.04  # encoders round to 8 or 16 pixels; up to here we crop, beyond we pad

_CODECS: Final = frozenset({"h264", "hevc", "vp8", "vp9", "av1", "mpeg4", "prores"})
_EBML: Final = b"\x1a\x45\xdf\xa3"
_GROUND_SIDE: Final = 160
_GROUND_BLUR: Final = 6
_HD_LINES: Final = 720
_UNSPECIFIED: Final = 2  # FFmpeg's AVCOL_SPC_UNSPECIFIED
_BT601: Final = 6  # AVCOL_SPC_SMPTE170M
_FULL_RANGES: Final = ("yuvj", "rgb", "bgr", "gbr")
_QUARTER: Final = 90
_TURNS: Final = {90: "cclock", 270: "clock"}


class SourceUnusable(Exception):
    """A provider's file that cannot become a clip; `reason` is one snake_case word for logs."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class _Ratio(Protocol):
    @property
    def numerator(self) -> int: ...

    @property
    def denominator(self) -> int: ...


def normalised_frames(source: Path, *, width: int, height: int) -> Iterator[av.VideoFrame]:
    """
    Yield the film at 24 frames a second, width x height, upright, square pixels, BT.709.

    A video of another ratio is shown whole on a blurred copy of itself. Sound is left out. Raises
    SourceUnusable as soon as the file turns out to be broken, cut off, of another format or beyond
    a bound.
    """
    demuxer = _checked_demuxer(source)
    try:
        with av.open(
            str(source), "r", format=demuxer, container_options={"protocol_whitelist": "file"}
        ) as container:
            yield from _frames(container, width=width, height=height)
    except (av.FFmpegError, ValueError) as error:
        raise SourceUnusable("corrupt") from error


def _checked_demuxer(source: Path) -> str:
    length = source.stat().st_size
    if not length:
        raise SourceUnusable("empty")
    if length > MAX_BYTES:
        raise SourceUnusable("too_many_bytes")
    with source.open("rb") as file:
        head = file.read(12)
    if head.startswith(_EBML):
        return "matroska"
    if head[4:8] != b"ftyp":
        raise SourceUnusable("unsupported_format")
    try:
        kinds = {box.kind for box in top_level(source)}
    except BoxesBroken as error:
        raise SourceUnusable("truncated") from error
    if not {b"moov", b"mdat"} <= kinds:
        raise SourceUnusable("truncated")
    return "mp4"


def _frames(container: InputContainer, *, width: int, height: int) -> Iterator[av.VideoFrame]:
    stream = _checked_stream(container)
    graph: Graph | None = None
    shape: tuple[int, int, str] | None = None
    for count, frame in enumerate(_decoded(container, stream)):
        if count >= MAX_FRAMES:
            raise SourceUnusable("too_many_frames")
        if shape is None:
            shape = (frame.width, frame.height, frame.format.name)
            _state_colours(frame)
            graph = _graph(frame, stream, width=width, height=height)
        elif shape != (frame.width, frame.height, frame.format.name):
            raise SourceUnusable("changes_shape")
        else:
            _state_colours(frame)
        if graph is not None:
            graph.vpush(frame)
            yield from _ready(graph)
    if graph is None:
        raise SourceUnusable("no_frames")
    graph.vpush(None)
    yield from _ready(graph)


def _checked_stream(container: InputContainer) -> VideoStream:
    if not container.streams.video:
        raise SourceUnusable("no_video")
    stream = container.streams.video[0]
    context = stream.codec_context
    if context.codec.canonical_name not in _CODECS:
        raise SourceUnusable("unsupported_codec")
    if not 0 < context.width * context.height <= MAX_PIXELS:
        raise SourceUnusable("too_many_pixels")
    if container.duration is not None and container.duration > MAX_SECONDS * 1_000_000:
        raise SourceUnusable("too_long")
    context.thread_count = profile.DECODER_THREADS
    stream.thread_type = "AUTO"
    return stream


def _decoded(container: InputContainer, stream: VideoStream) -> Iterator[av.VideoFrame]:
    for packet in container.demux(stream):
        if packet.is_corrupt:
            raise SourceUnusable("corrupt")
        for frame in packet.decode():
            if frame.is_corrupt or frame.pts is None:
                raise SourceUnusable("corrupt")
            if frame.width * frame.height > MAX_PIXELS:
                raise SourceUnusable("too_many_pixels")
            yield frame


def _state_colours(frame: av.VideoFrame) -> None:
    """If a file does not declare its colours, assume what players assume."""
    if frame.colorspace == _UNSPECIFIED:
        hd = min(frame.width, frame.height) >= _HD_LINES
        frame.colorspace = profile.BT709 if hd else _BT601
    if not frame.color_range:
        full = frame.format.name.startswith(_FULL_RANGES)
        frame.color_range = 2 if full else profile.TV_RANGE


def _ready(graph: Graph) -> Iterator[av.VideoFrame]:
    while True:
        try:
            frame = graph.vpull()
        except (BlockingIOError, EOFError):
            return
        yield tagged(frame)


def _graph(frame: av.VideoFrame, stream: VideoStream, *, width: int, height: int) -> Graph:
    """Build: upright, from zero on, 24 fps, our size and colours."""
    # PyAV returns None, a Fraction or, from version 19 on, its own type: convert to one.
    aspect = _fraction(stream.sample_aspect_ratio or Fraction(1))
    time_base = _fraction(frame.time_base or stream.time_base or Fraction(1, 90_000))
    graph = Graph()
    graph.threads = profile.DECODER_THREADS
    node = graph.add(
        "buffer",
        f"video_size={frame.width}x{frame.height}:pix_fmt={frame.format.name}"
        f":time_base={time_base.numerator}/{time_base.denominator}"
        f":pixel_aspect={aspect.numerator}/{aspect.denominator}"
        f":colorspace={int(frame.colorspace)}:range={int(frame.color_range)}",
    )
    shown = (frame.width * aspect, Fraction(frame.height))
    turn = round(frame.rotation / _QUARTER) * _QUARTER % 360
    if turn in _TURNS:
        node = _then(graph, node, "transpose", f"dir={_TURNS[turn]}")
        shown = (shown[1], shown[0])
    elif turn:
        node = _then(graph, _then(graph, node, "hflip"), "vflip")
    node = _then(graph, node, "setpts", "PTS-STARTPTS")
    node = _then(graph, node, "fps", f"fps={profile.FPS}:round=near")
    node = _placed(graph, node, shown=shown, size=(width, height))
    node = _then(graph, node, "setsar", "1")
    node = _then(graph, node, "format", "pix_fmts=yuv420p")
    _then(graph, node, "buffersink")
    graph.configure()
    return graph


def _placed(
    graph: Graph, node: FilterContext, *, shown: tuple[Fraction, Fraction], size: tuple[int, int]
) -> FilterContext:
    width, height = size
    foreign = abs(math.log(shown[0] / shown[1] * height / width)) > SAME_RATIO
    if not foreign:
        node = _scaled(graph, node, _covering(shown, size))
        return _then(graph, node, "crop", f"{width}:{height}")
    split = _then(graph, node, "split")
    shrink = _GROUND_SIDE / max(size)
    small = (_even(width * shrink), _even(height * shrink))
    ground = _scaled(graph, split, _covering(shown, small), flags="bilinear")
    ground = _then(graph, ground, "crop", f"{small[0]}:{small[1]}")
    ground = _then(graph, ground, "gblur", f"sigma={_GROUND_BLUR}")
    ground = _scaled(graph, ground, size, flags="bilinear")
    ground = _then(graph, ground, "setsar", "1")
    times = min(width / shown[0], height / shown[1])
    inside = (min(width, _even(shown[0] * times)), min(height, _even(shown[1] * times)))
    whole = graph.add("scale", _scale(inside, "bicubic"))
    split.link_to(whole, 1, 0)
    whole = _then(graph, whole, "setsar", "1")
    left, top = _even((width - inside[0]) / 2), _even((height - inside[1]) / 2)
    over = graph.add("overlay", f"x={left}:y={top}:format=yuv420")
    ground.link_to(over, 0, 0)
    whole.link_to(over, 0, 1)
    return over


def _then(graph: Graph, before: FilterContext, name: str, args: str | None = None) -> FilterContext:
    node = graph.add(name, args)
    before.link_to(node)
    return node


def _scaled(
    graph: Graph, before: FilterContext, size: tuple[int, int], *, flags: str = "bicubic"
) -> FilterContext:
    return _then(graph, before, "scale", _scale(size, flags))


def _scale(size: tuple[int, int], flags: str) -> str:
    # Colours are converted, not only tagged: 11 dB of difference on BT.601 clips.
    return f"{size[0]}:{size[1]}:flags={flags}:out_color_matrix=bt709:out_range=tv"


def _covering(shown: tuple[Fraction, Fraction], size: tuple[int, int]) -> tuple[int, int]:
    times = max(size[0] / shown[0], size[1] / shown[1])
    return max(size[0], _even(shown[0] * times)), max(size[1], _even(shown[1] * times))


def _fraction(number: _Ratio) -> Fraction:
    return Fraction(number.numerator, number.denominator)


def _even(value: float | Fraction) -> int:
    return 2 * round(value / 2)
