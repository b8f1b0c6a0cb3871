"""Draws title cards: white words on black, as a clip like any other."""

from pathlib import Path
from typing import Final

from PIL import Image, ImageDraw, ImageFont

from echoes.adapters.video import planes
from echoes.adapters.video.assembly.tables import FootageUnusable
from echoes.adapters.video.writer import master_writer
from echoes.domain.films import TitleCard

TEXT_WIDTH: Final = 0.8  # of the picture's; screens cut edges off
TEXT_HEIGHT: Final = 0.6
LARGEST: Final = 1 / 9  # of the short side: 80 px at 720
SMALLEST: Final = 1 / 40
LINE: Final = 1.3  # of the font's size
_INK: Final = (244, 241, 234)
_STEP: Final = 0.9
_NOWHERE: Final = "\U0010ffff"  # no font has it: shows what a font draws for lack of a letter

_Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


def write_card(card: TitleCard, target: Path, *, font: Path | None = None) -> int:
    """
    Write the card as a clip and answer its frames; repeatable, with the same bytes.

    *font* replaces Pillow's own, which has Latin letters only. Raises FootageUnusable `no_letter`
    where the font lacks one of the text's, `long_title` where the text does not fit.
    """
    picture = draw_card(card, font=font)
    frame = planes.to_frame(planes.from_rgb(picture))
    with master_writer(target, width=card.width, height=card.height, frames=card.frames) as writer:
        for _ in range(card.frames):
            writer.write(frame)
    return writer.frames


def draw_card(card: TitleCard, *, font: Path | None = None) -> Image.Image:
    """Return the card's picture; raises what `write_card` raises."""
    text = " ".join(card.text.split())
    lines, letters, size = _fitted(text, card.width, card.height, font)
    picture = Image.new("RGB", (card.width, card.height))
    draw = ImageDraw.Draw(picture)
    top = card.height / 2 - (len(lines) - 1) * size * LINE / 2
    for number, line in enumerate(lines):
        place = (card.width / 2, top + number * size * LINE)
        draw.text(place, line, font=letters, fill=_INK, anchor="mm")
    return picture


def _fitted(
    text: str, width: int, height: int, font: Path | None
) -> tuple[list[str], _Font, float]:
    """Find the largest letters whose lines stay inside."""
    size = min(width, height) * LARGEST
    while size >= min(width, height) * SMALLEST:
        letters = _letters(font, size)
        _check_letters(text, letters)
        lines = _wrapped(text, letters, width * TEXT_WIDTH)
        widest = max(letters.getlength(line) for line in lines)
        if widest <= width * TEXT_WIDTH and len(lines) * size * LINE <= height * TEXT_HEIGHT:
            return lines, letters, size
        size *= _STEP
    raise FootageUnusable("long_title")


def _letters(font: Path | None, size: float) -> _Font:
    return ImageFont.truetype(font, size) if font else ImageFont.load_default(size)


def _check_letters(text: str, letters: _Font) -> None:
    lack = bytes(letters.getmask(_NOWHERE))
    if any(bytes(letters.getmask(letter)) == lack for letter in set(text) if letter != " "):
        raise FootageUnusable("no_letter")


def _wrapped(text: str, letters: _Font, width: float) -> list[str]:
    lines: list[str] = []
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and letters.getlength(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines
