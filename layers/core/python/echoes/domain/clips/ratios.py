"""Ratios: the shapes a clip can have."""

from enum import StrEnum
from typing import Final


class Ratio(StrEnum):
    """The ratio of a clip, as width to height."""

    WIDE = "16:9"
    TALL = "9:16"
    LANDSCAPE = "4:3"
    PORTRAIT = "3:4"
    SQUARE = "1:1"

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the master in pixels."""
        return SIZES[self]


SIZES: Final = {
    Ratio.WIDE: (1280, 720),
    Ratio.TALL: (720, 1280),
    Ratio.LANDSCAPE: (1104, 832),
    Ratio.PORTRAIT: (832, 1104),
    Ratio.SQUARE: (960, 960),
}
"""
The pixel sizes Runway's gen4 family makes.

Its sixth, 1584:672, is left out: it is wider than the 2:1 that Runway accepts of a photo.
"""


def nearest_ratio(width: int, height: int) -> Ratio:
    """Return the shape that cuts least off a photo of *width* by *height* pixels."""

    def loss(ratio: Ratio) -> float:
        wide, high = ratio.size
        factor = (width * high) / (height * wide)
        return max(factor, 1 / factor)

    return min(Ratio, key=loss)
