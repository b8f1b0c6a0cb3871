"""Draws title cards: white words on black, as a clip like any other."""

import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from PIL import Image, ImageDraw, ImageFont

from echoes.adapters.video import planes
from echoes.adapters.video.assembly.tables import FootageUnusable
from echoes.adapters.video.writer import master_writer
from echoes.domain.assembly.lettering import missing_letters, shown
from echoes.domain.assembly.render_plan import TitleCard

FONT: Final = Path(__file__).parents[1] / "fonts/DejaVuSans.ttf"
"""Pillow's own font has ASCII only, and Lambda has no fonts."""

TEXT_WIDTH: Final = 0.8  # of the picture's; screens cut edges off
TEXT_HEIGHT: Final = 0.6
LARGEST: Final = 1 / 9  # of the short side: 80 px at 720
SMALLEST: Final = 1 / 40
LINE: Final = 1.3  # of the font's size
_INK: Final = (244, 241, 234)
_STEP: Final = 0.9
_Font = ImageFont.FreeTypeFont


def write_card(card: TitleCard, target: Path) -> int:
    """
    Write the card as a clip and return its frames; repeatable, with identical bytes.

    Emoji that the font lacks are left out. Raises FootageUnusable `no_letter` where it lacks a
    letter of the text's, `long_title` where there is more text than titles have.
    """
    picture = draw_card(card)
    frame = planes.to_frame(planes.from_rgb(picture))
    with master_writer(target, width=card.width, height=card.height, frames=card.frames) as writer:
        for _ in range(card.frames):
            writer.write(frame)
    return writer.frames


def draw_card(card: TitleCard) -> Image.Image:
    """Return the card's picture; raises what `write_card` raises."""
    text = shown(card.text)
    if missing_letters(card.text) or not text:
        raise FootageUnusable("no_letter")
    lines, letters, size = _fit_text(text, card.width, card.height)
    picture = Image.new("RGB", (card.width, card.height))
    draw = ImageDraw.Draw(picture)
    top = card.height / 2 - (len(lines) - 1) * size * LINE / 2
    for number, line in enumerate(lines):
        place = (card.width / 2, top + number * size * LINE)
        draw.text(place, line, font=letters, fill=_INK, anchor="mm")
    return picture


def _fit_text(text: str, width: int, height: int) -> tuple[list[str], _Font, float]:
    """Find the largest letters whose lines stay inside; words are broken only if none do."""
    for breaking in (False, True):
        size = min(width, height) * LARGEST
        while size >= min(width, height) * SMALLEST:
            letters = _letters(size)
            lines = _wrap(text, letters, width * TEXT_WIDTH, breaking=breaking)
            widest = max(letters.getlength(line) for line in lines)
            if widest <= width * TEXT_WIDTH and len(lines) * size * LINE <= height * TEXT_HEIGHT:
                return lines, letters, size
            size *= _STEP
    raise FootageUnusable("long_title")


def _letters(size: float) -> _Font:
    """
    Open the font with Pillow's own layout.

    The other one asks the system for a library that turns text round: it is there on some
    machines only, and the same card would have other bytes on each.
    """
    return ImageFont.truetype(FONT, size, layout_engine=ImageFont.Layout.BASIC)


def _wrap(text: str, letters: _Font, width: float, *, breaking: bool) -> list[str]:
    lines: list[str] = []
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and letters.getlength(longer) <= width:
            lines[-1] = longer
        elif breaking:
            lines += _break_word(word, letters, width)
        else:
            lines.append(word)
    return lines


def _break_word(word: str, letters: _Font, width: float) -> Iterator[str]:
    """Break a word where the line is full, but never between a letter and its marks."""
    piece = ""
    for letter in word:
        mark = unicodedata.combining(letter) != 0
        if piece and not mark and letters.getlength(piece + letter) > width:
            yield piece
            piece = ""
        piece += letter
    yield piece
