"""Draws title cards: white words on black, as a clip like any other."""

import unicodedata
from pathlib import Path
from typing import Final

from PIL import Image, ImageDraw, ImageFont

from echoes.adapters.video import planes
from echoes.adapters.video.assembly.tables import FootageUnusable
from echoes.adapters.video.writer import master_writer
from echoes.domain.films import TitleCard

FONT: Final = Path(__file__).parents[1] / "fonts/DejaVuSans.ttf"
"""Pillow's own has ASCII alone, and Lambda has none."""

TEXT_WIDTH: Final = 0.8  # of the picture's; screens cut edges off
TEXT_HEIGHT: Final = 0.6
LARGEST: Final = 1 / 9  # of the short side: 80 px at 720
SMALLEST: Final = 1 / 40
LINE: Final = 1.3  # of the font's size
_INK: Final = (244, 241, 234)
_STEP: Final = 0.9
_NOWHERE: Final = "\U0010ffff"  # no font has it: shows what a font draws for lack of a letter

_ORNAMENTS: Final = frozenset({"So", "Sk", "Cf", "Cn", "Co", "Mn"})
"""Emoji and what modifies them (Unicode's general categories): a title can do without."""

_SELECTORS: Final = frozenset(map(chr, range(0xFE00, 0xFE10)))
"""They choose between an emoji's two looks, of which our font has one."""

_Font = ImageFont.FreeTypeFont


def write_card(card: TitleCard, target: Path, *, font: Path = FONT) -> int:
    """
    Write the card as a clip and answer its frames; repeatable, with the same bytes.

    Emoji that the font lacks are left out. Raises FootageUnusable `no_letter` where it lacks a
    letter of the text's, `long_title` where the text does not fit.
    """
    picture = draw_card(card, font=font)
    frame = planes.to_frame(planes.from_rgb(picture))
    with master_writer(target, width=card.width, height=card.height, frames=card.frames) as writer:
        for _ in range(card.frames):
            writer.write(frame)
    return writer.frames


def draw_card(card: TitleCard, *, font: Path = FONT) -> Image.Image:
    """Return the card's picture; raises what `write_card` raises."""
    text = _writable(card.text, font)
    lines, letters, size = _fitted(text, card.width, card.height, font)
    picture = Image.new("RGB", (card.width, card.height))
    draw = ImageDraw.Draw(picture)
    top = card.height / 2 - (len(lines) - 1) * size * LINE / 2
    for number, line in enumerate(lines):
        place = (card.width / 2, top + number * size * LINE)
        draw.text(place, line, font=letters, fill=_INK, anchor="mm")
    return picture


def _fitted(text: str, width: int, height: int, font: Path) -> tuple[list[str], _Font, float]:
    """Find the largest letters whose lines stay inside."""
    size = min(width, height) * LARGEST
    while size >= min(width, height) * SMALLEST:
        letters = ImageFont.truetype(font, size)
        lines = _wrapped(text, letters, width * TEXT_WIDTH)
        widest = max(letters.getlength(line) for line in lines)
        if widest <= width * TEXT_WIDTH and len(lines) * size * LINE <= height * TEXT_HEIGHT:
            return lines, letters, size
        size *= _STEP
    raise FootageUnusable("long_title")


def _writable(text: str, font: Path) -> str:
    """Leave out the ornaments that the font lacks; boxes in their place would be a wrong film."""
    letters = ImageFont.truetype(font, 40)
    lack = bytes(letters.getmask(_NOWHERE))
    written = ""
    for letter in text:
        if letter in _SELECTORS:
            continue
        if letter.isspace() or bytes(letters.getmask(letter)) != lack:
            written += letter
        elif unicodedata.category(letter) not in _ORNAMENTS:
            raise FootageUnusable("no_letter")
    words = written.split()
    if letters.getmask("".join(words)).getbbox() is None:
        raise FootageUnusable("no_letter")
    return " ".join(words)


def _wrapped(text: str, letters: _Font, width: float) -> list[str]:
    lines: list[str] = []
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and letters.getlength(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines
