"""Measures how similar two pictures are, and which of two similar ones is sharper."""

import math
from typing import Final

from PIL import Image, ImageFilter, ImageStat

_SIDE: Final = 32  # pixels of the transform: finer detail is noise here
_WAVES: Final = 8  # the slowest waves across and down: 64 bits
_SHARP_SIDE: Final = 480
_COSINES: Final = tuple(
    tuple(math.cos(math.pi * wave * (2 * place + 1) / (2 * _SIDE)) for place in range(_SIDE))
    for wave in range(_WAVES + 1)
)


def perceptual_hash(picture: Image.Image) -> str:
    """
    Return 64 bits of an RGB picture as 16 hex digits.

    Each bit says whether one slow wave of brightness is stronger than the median of them (a
    discrete cosine transform, its constant left out), so size, compression, exposure and noise
    move few bits. Pictures of different things differ in about half of them.
    """
    grey = picture.convert("L").resize((_SIDE, _SIDE), Image.Resampling.BOX)
    # Without detail, the sign of a wave is chance; a little blur decides it.
    values = grey.filter(ImageFilter.GaussianBlur(1)).tobytes()
    rows = [values[start : start + _SIDE] for start in range(0, _SIDE * _SIDE, _SIDE)]
    across = [
        [sum(value * turn for value, turn in zip(row, wave, strict=True)) for wave in _COSINES]
        for row in rows
    ]
    waves = [
        sum(across[place][column] * wave[place] for place in range(_SIDE))
        for wave in _COSINES[1:]
        for column in range(1, _WAVES + 1)
    ]
    middle = sorted(waves)[len(waves) // 2]
    bits = sum((value >= middle) << place for place, value in enumerate(waves))
    return f"{bits:016x}"


def sharpness(picture: Image.Image) -> int:
    """
    Return how much fine detail an RGB picture has, 0 to 65,025.

    Photos of one scene can be compared by it: the one that is in focus, and was held still, has
    more. Measured at one size, so that more megapixels are no advantage.
    """
    grey = picture.convert("L")
    grey.thumbnail((_SHARP_SIDE, _SHARP_SIDE), Image.Resampling.BOX)
    edges = grey.filter(ImageFilter.Kernel((3, 3), (0, -1, 0, -1, 4, -1, 0, -1, 0), 1, 128))
    inside = edges.crop((1, 1, edges.width - 1, edges.height - 1))
    return round(ImageStat.Stat(inside).var[0])
