"""Draws our name into every part of a picture, so that no crop is free of it."""

import hashlib
import math
from typing import Final

from PIL import Image, ImageChops, ImageDraw, ImageFont

from echoes.adapters.video.planes import Planes

TEXT: Final = "Echoes"
_DEGREES: Final = 24.0
_JITTER_DEGREES: Final = 5.0
_FONT_SHARE: Final = 1 / 15  # of the long side: 43 px at 640
_PITCH_ACROSS: Final = 1.25  # of the word's width
_PITCH_DOWN: Final = 1.7  # of the font's size
_WORD: Final = 0.30  # opacity of the white word: read at once, and the picture behind it still too
_SHADOW: Final = 0.26  # of its dark edge, for the word to show on white
_WHITE: Final = 235  # studio range
_BLACK: Final = 16
_GREY: Final = 128  # chroma of both


class Watermark:
    """
    One layer for all frames of a clip.

    The seed turns and shifts the layer a little, so that two clips of one photo differ and the
    layer of one cannot be subtracted from another.
    """

    def __init__(self, *, width: int, height: int, seed: str) -> None:
        word, shadow = _layers(width, height, seed)
        half = (width // 2, height // 2)
        self._word = word
        self._shadow = shadow
        self._chroma = ImageChops.lighter(word, shadow).resize(half, Image.Resampling.BOX)

    def burn(self, planes: Planes) -> Planes:
        """Draw the layer into the planes, which it changes, and return them."""
        planes.y.paste(_BLACK, (0, 0), self._shadow)
        planes.y.paste(_WHITE, (0, 0), self._word)
        planes.u.paste(_GREY, (0, 0), self._chroma)
        planes.v.paste(_GREY, (0, 0), self._chroma)
        return planes


def _layers(width: int, height: int, seed: str) -> tuple[Image.Image, Image.Image]:
    """Return two masks: the words, and their shadow where no word covers it."""
    chance = [byte / 255 for byte in hashlib.sha256(seed.encode()).digest()[:3]]
    size = max(9, round(max(width, height) * _FONT_SHARE))
    font = ImageFont.load_default(size)  # Pillow's own Aileron: Lambda has no fonts
    across = max(1, round(font.getlength(TEXT) * _PITCH_ACROSS))
    down = max(1, round(size * _PITCH_DOWN))
    side = math.ceil(math.hypot(width, height)) + 2 * max(across, down)
    sheet = Image.new("L", (side, side))
    draw = ImageDraw.Draw(sheet)
    for row, top in enumerate(range(-down, side, down)):
        shift = across // 2 if row % 2 else 0
        for left in range(-across, side, across):
            place = (left + shift + chance[0] * across, top + chance[1] * down)
            draw.text(place, TEXT, fill=255, font=font)
    turned = sheet.rotate(
        _DEGREES + (2 * chance[2] - 1) * _JITTER_DEGREES, Image.Resampling.BICUBIC
    )
    left, top = (side - width) // 2, (side - height) // 2
    word = turned.crop((left, top, left + width, top + height))
    edge = max(1, size // 20)
    moved = turned.crop((left - edge, top - edge, left - edge + width, top - edge + height))
    shadow = ImageChops.subtract(moved, word)
    return _faded(word, _WORD), _faded(shadow, _SHADOW)


def _faded(mask: Image.Image, opacity: float) -> Image.Image:
    return mask.point([round(value * opacity) for value in range(256)])
