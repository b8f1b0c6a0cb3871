"""Small photos and clips, made on the spot, for the tests of the media adapters."""

import io
import math
from collections.abc import Callable, Iterable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from PIL import Image, ImageDraw

BT709, BT601 = 1, 6
TV, PC = 1, 2


def corners(width: int, height: int) -> Image.Image:
    """Paint quadrants of red, green, blue and white, clockwise from the top left."""
    picture = Image.new("RGB", (width, height), "red")
    draw = ImageDraw.Draw(picture)
    draw.rectangle((width // 2, 0, width, height // 2 - 1), fill="lime")
    draw.rectangle((width // 2, height // 2, width, height), fill="blue")
    draw.rectangle((0, height // 2, width // 2 - 1, height), fill="white")
    return picture


def landscape(width: int, height: int) -> Image.Image:
    """Paint a picture with texture everywhere, as photos have, the same each time."""
    coarse = np.random.default_rng(7).normal(128, 60, (max(8, height // 6), max(8, width // 6)))
    grain = Image.fromarray(coarse.clip(0, 255).astype(np.uint8))
    grain = grain.resize((width, height), Image.Resampling.BICUBIC)
    slope = Image.linear_gradient("L").resize((width, height))
    return Image.merge("RGB", (grain, slope, grain.transpose(Image.Transpose.FLIP_LEFT_RIGHT)))


def dot(width: int, height: int, *, x: float, y: float, sigma: float) -> Image.Image:
    """Paint a Gaussian dot on black, centred where it says, in pixels."""
    bell_x = [math.exp(-(((i + 0.5 - x) / sigma) ** 2) / 2) for i in range(width)]
    bell_y = [math.exp(-(((i + 0.5 - y) / sigma) ** 2) / 2) for i in range(height)]
    rows = bytes(round(255 * across * down) for down in bell_y for across in bell_x)
    return Image.frombytes("L", (width, height), rows).convert("RGB")


def encoded(picture: Image.Image, format: str = "JPEG", **options: object) -> bytes:  # noqa: A002  # Pillow's word
    target = io.BytesIO()
    picture.save(target, format, **options)
    return target.getvalue()


def reopened(content: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(content))
    picture.load()
    return picture


def panorama(width: int, height: int) -> Callable[[int], Image.Image]:
    """Frames that move, so that a wrong frame is a visible frame."""
    picture = landscape(width * 2, height)
    return lambda index: picture.crop(((index * 2) % width, 0, (index * 2) % width + width, height))


def write_clip(  # all that providers do differently
    path: Path,
    *,
    frames: Iterable[Image.Image],
    rate: int = 24,
    codec: str = "libx264",
    matrix: int = BT709,
    value_range: int = TV,
    rotation: int = 0,
    pts: Callable[[int], int] | None = None,
    aspect: Fraction = Fraction(1),
    tagged: bool = True,
    crf: int = 16,
    sound: bool = False,
) -> Path:
    """Write a clip as some provider would; `pts` counts thousandths of a second."""
    pictures = iter(frames)
    first = next(pictures)
    options = {"libx264": {"preset": "ultrafast", "crf": str(crf)}}.get(codec, {})
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=rate, options=options)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = *first.size, "yuv420p"
        context = stream.codec_context
        context.sample_aspect_ratio = aspect
        time_base = Fraction(1, rate) if pts is None else Fraction(1, 1000)
        context.time_base = time_base
        if tagged:
            context.colorspace, context.color_range = matrix, value_range
        if rotation:
            stream.set_display_rotation(rotation)
        if sound:
            add_silence(container)
        index = 0
        for index, picture in enumerate((first, *pictures)):  # counted for the sound
            frame = av.VideoFrame.from_image(picture).reformat(
                format="yuv420p", dst_colorspace=matrix, dst_color_range=value_range
            )
            if not tagged:
                frame.colorspace, frame.color_range = 2, 0
            frame.pts = index if pts is None else pts(index)
            frame.time_base = time_base
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def add_silence(container: av.container.OutputContainer) -> None:
    """Add a stereo track that says nothing."""
    stream = container.add_stream("aac", rate=48_000)
    for index in range(20):
        frame = av.AudioFrame(format="fltp", layout="stereo", samples=1024)
        for plane in frame.planes:
            plane.update(bytes(plane.buffer_size))
        frame.sample_rate, frame.pts = 48_000, index * 1024
        container.mux(stream.encode(frame))
    container.mux(stream.encode(None))


def decoded(source: Path | bytes) -> list[av.VideoFrame]:
    """Every frame of the clip; any error of the decoder is raised."""
    target = io.BytesIO(source) if isinstance(source, bytes) else str(source)
    with av.open(target, "r", options={"err_detect": "explode"}) as container:
        frames = list(container.decode(video=0))
    assert not any(frame.is_corrupt for frame in frames)
    return frames


def keyframes(path: Path) -> list[int]:
    return [index for index, frame in enumerate(decoded(path)) if frame.key_frame]


def luma(frame: av.VideoFrame) -> Image.Image:
    plane = frame.planes[0]
    return Image.frombytes(
        "L", (frame.width, frame.height), bytes(plane), "raw", "L", plane.line_size
    )
