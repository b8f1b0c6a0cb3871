"""A film's poster, and a small moving preview made of frames that stand alone."""

import io
from collections.abc import Sequence
from typing import Final

from PIL import Image

from echoes.adapters.video import planes
from echoes.adapters.video.assembly.joints import decoded
from echoes.adapters.video.assembly.splice import Take
from echoes.adapters.video.assembly.streams import Source
from echoes.adapters.video.assembly.tables import Table, read_table
from echoes.adapters.video.watermark import Watermark
from echoes.domain.assembly.render_plan import JOINT_FRAMES

POSTER_SIDE: Final = 1280
POSTER_QUALITY: Final = 80
PREVIEW_SIDE: Final = 320
PREVIEW_FRAMES: Final = 16
PREVIEW_QUALITY: Final = 60
PREVIEW_MILLISECONDS: Final = 400
"""How long each frame of the preview is shown: six seconds in all."""

POSTER_SHARE: Final = 0.2
"""How far into the film the poster is taken: past titles, before the end is shown."""


def film_poster(
    source: Source, *, width: int, height: int, watermark_seed: str | None = None
) -> bytes:
    """
    Return a JPEG of one frame, its long side at most 1280; repeatable, with identical bytes.

    Reads the index and that frame alone. A *watermark_seed* burns our name into it. Raises
    FootageUnusable.
    """
    table = read_table(source)
    alone = sorted(_alone(table))
    wanted = table.samples * POSTER_SHARE
    place = min(alone, key=lambda number: abs(number - wanted))
    picture = _picture(table, place, (width, height), POSTER_SIDE, watermark_seed)
    target = io.BytesIO()
    picture.save(target, "JPEG", quality=POSTER_QUALITY, optimize=True, progressive=True)
    return target.getvalue()


def film_preview(
    source: Source, *, width: int, height: int, watermark_seed: str | None = None
) -> bytes:
    """
    Return an animated WebP of up to 16 frames from all over the film, its long side 320.

    Reads the index and these frames alone. Repeatable, with identical bytes. Raises
    FootageUnusable.
    """
    table = read_table(source)
    pictures = [
        _picture(table, place, (width, height), PREVIEW_SIDE, watermark_seed)
        for place in _spread(sorted(_alone(table)), table.samples)
    ]
    target = io.BytesIO()
    pictures[0].save(
        target,
        "WEBP",
        save_all=True,
        append_images=pictures[1:],
        duration=PREVIEW_MILLISECONDS,
        loop=0,
        quality=PREVIEW_QUALITY,
    )
    return target.getvalue()


def _alone(table: Table) -> frozenset[int]:
    """Return the frames that can be decoded without any other, past the black of the beginning."""
    alone = table.sync or frozenset({0})
    return frozenset(place for place in alone if place >= JOINT_FRAMES) or alone


def _spread(alone: Sequence[int], frames: int) -> list[int]:
    """Choose frames as evenly spaced as possible."""
    count = min(PREVIEW_FRAMES, len(alone))
    wanted = (frames * (number + 0.5) / count for number in range(count))
    chosen = {min(alone, key=lambda place: abs(place - time)) for time in wanted}
    return sorted(chosen)


def _picture(
    table: Table, place: int, size: tuple[int, int], side: int, seed: str | None
) -> Image.Image:
    take = Take(table=table, first=place, frames=1)
    (frame,) = decoded(take, width=size[0], height=size[1])
    scale = min(1.0, side / max(size))
    width, height = (2 * round(length * scale / 2) for length in size)
    small = frame.reformat(width=width, height=height, interpolation="AREA")
    if seed is not None:
        marked = Watermark(width=width, height=height, seed=seed).burn(planes.from_frame(small))
        small = planes.to_frame(marked)
    picture: Image.Image = small.to_image()
    return picture
