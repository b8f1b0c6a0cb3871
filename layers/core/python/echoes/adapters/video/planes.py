"""Y, U and V planes as Pillow pictures, to and from the frames of PyAV."""

from dataclasses import dataclass
from typing import Final

import av
from PIL import Image

from echoes.adapters.video import profile

# Rows of BT.709, studio range, from full-range RGB: Y 16..235, U and V 16..240 around 128.
_Y: Final = (0.182586, 0.614231, 0.062007, 16.0)
_U: Final = (-0.100644, -0.338572, 0.439216, 128.0)
_V: Final = (0.439216, -0.398942, -0.040274, 128.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Planes:
    """One 4:2:0 picture: `u` and `v` are half as wide and half as high as `y`."""

    y: Image.Image
    u: Image.Image
    v: Image.Image


def from_rgb(picture: Image.Image) -> Planes:
    """Convert an RGB picture of even sides to BT.709, studio range, chroma centred."""
    return Planes(
        y=_row(picture, _Y),
        u=_row(picture, _U).reduce(2),
        v=_row(picture, _V).reduce(2),
    )


def from_frame(frame: av.VideoFrame) -> Planes:
    """Read the planes of a yuv420p frame; the pictures own their pixels."""
    y, u, v = (
        Image.frombytes("L", (plane.width, plane.height), bytes(plane), "raw", "L", plane.line_size)
        for plane in frame.planes
    )
    return Planes(y=y, u=u, v=v)


def to_frame(planes: Planes) -> av.VideoFrame:
    """Write the planes into a new yuv420p frame tagged BT.709, studio range."""
    frame = av.VideoFrame(planes.y.width, planes.y.height, "yuv420p")
    for target, source in zip(frame.planes, (planes.y, planes.u, planes.v), strict=True):
        # Frames pad their rows for SIMD; Pillow's raw encoder pads to the same stride.
        rows = source.tobytes("raw", "L", target.line_size, 1)
        target.update(rows.ljust(target.buffer_size, b"\0"))
    return tagged(frame)


def tagged(frame: av.VideoFrame) -> av.VideoFrame:
    """Mark a frame, whose pixels already are, as BT.709 in studio range."""
    frame.colorspace = profile.BT709
    frame.color_range = profile.TV_RANGE
    frame.color_primaries = profile.BT709
    frame.color_trc = profile.BT709
    return frame


def _row(picture: Image.Image, row: tuple[float, float, float, float]) -> Image.Image:
    return picture.convert("L", row)
