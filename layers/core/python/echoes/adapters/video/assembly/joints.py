"""Encodes cross-fades, dips to black, and the fades that a film begins and ends with."""

import io
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Final

import av
from PIL import Image

from echoes.adapters.video import planes, profile
from echoes.adapters.video.assembly.splice import Take, small_file
from echoes.adapters.video.assembly.tables import FootageUnusable
from echoes.adapters.video.planes import Planes
from echoes.adapters.video.writer import ClipWriter
from echoes.domain.assembly.render_plan import Direction
from echoes.domain.assembly.transitions import Transition

JOINT_CRF: Final = 19
"""A little finer than the clips, whose own losses it encodes for the second time."""

JOINT_PRESET: Final = "superfast"
"""At one rate factor as good as the clips' veryfast, 15 % larger, in two thirds of the time."""

_BLACK: Final = 16  # studio range
_GREY: Final = 128


def write_joint(  # what is joined, where it goes, and its size
    kind: Transition, before: Take, after: Take, target: Path, *, width: int, height: int
) -> int:
    """
    Write the joint as a clip of its own and return its frames.

    Only the frames of the two takes are read and decoded, two pictures at a time. Repeatable,
    with identical bytes. Raises FootageUnusable `corrupt`, also where a take has other frames
    than its table says.
    """
    first = _planes(before, width=width, height=height)
    second = _planes(after, width=width, height=height)
    match kind:
        case Transition.CROSS_FADE:
            frames = _cross_fade(first, second, before.frames)
        case Transition.DIP:
            frames = chain(_down(first, before.frames), _up(second, after.frames))
        case Transition.CUT:
            raise ValueError("a cut has no joint")
    return _write_pictures(frames, target, width=width, height=height)


def write_fade(direction: Direction, take: Take, target: Path, *, width: int, height: int) -> int:
    """Write the fade as a clip of its own and return its frames; see `write_joint`."""
    frames = _planes(take, width=width, height=height)
    match direction:
        case Direction.UP:
            faded = _up(frames, take.frames)
        case Direction.DOWN:
            faded = _down(frames, take.frames)
    return _write_pictures(faded, target, width=width, height=height)


def _write_pictures(frames: Iterator[Planes], target: Path, *, width: int, height: int) -> int:
    options = profile.master_options(width, height, crf=JOINT_CRF) | {"preset": JOINT_PRESET}
    with ClipWriter(target, width=width, height=height, options=options) as writer:
        for frame in frames:
            writer.write(planes.to_frame(frame))
    return writer.frames


def decoded(take: Take, *, width: int, height: int) -> Iterator[av.VideoFrame]:
    """Yield exactly the frames of a take; raises FootageUnusable `corrupt`."""
    file = io.BytesIO(small_file(take, width=width, height=height))
    count = 0
    try:
        with av.open(file, "r", format="mp4") as container:
            stream = container.streams.video[0]
            stream.codec_context.thread_count = 1  # joints run beside one another
            for frame in container.decode(stream):
                shape = (frame.width, frame.height, frame.format.name)
                if frame.is_corrupt or shape != (width, height, "yuv420p"):
                    raise FootageUnusable("corrupt")
                count += 1
                yield frame
    except av.FFmpegError as error:
        raise FootageUnusable("corrupt") from error
    if count != take.frames:
        raise FootageUnusable("corrupt")


def _planes(take: Take, *, width: int, height: int) -> Iterator[Planes]:
    return map(planes.from_frame, decoded(take, width=width, height=height))


def _cross_fade(first: Iterator[Planes], second: Iterator[Planes], count: int) -> Iterator[Planes]:
    for place, (old, new) in enumerate(zip(first, second, strict=True), start=1):
        share = place / (count + 1)
        yield Planes(
            y=Image.blend(old.y, new.y, share),
            u=Image.blend(old.u, new.u, share),
            v=Image.blend(old.v, new.v, share),
        )


def _down(frames: Iterator[Planes], count: int) -> Iterator[Planes]:
    for place, frame in enumerate(frames, start=1):
        yield _dim(frame, 1 - place / count)


def _up(frames: Iterator[Planes], count: int) -> Iterator[Planes]:
    for place, frame in enumerate(frames, start=1):
        yield _dim(frame, place / (count + 1))


def _dim(frame: Planes, share: float) -> Planes:
    return Planes(
        y=frame.y.point(_towards(_BLACK, share)),
        u=frame.u.point(_towards(_GREY, share)),
        v=frame.v.point(_towards(_GREY, share)),
    )


def _towards(rest: int, share: float) -> list[int]:
    return [round(rest + (value - rest) * share) for value in range(256)]
