"""
What a title card can show: which letters its font has, and which it leaves out.

The font is drawn elsewhere; here is only what it covers (`font_coverage`), so that a title which
cannot be written is refused when somebody types it and not when their film is made.
"""

import unicodedata
from bisect import bisect_right
from functools import cache
from typing import Final

from echoes.domain.assembly.font_coverage import COVERAGE
from echoes.domain.errors import InvalidRequest

MAX_TITLE_CHARACTERS: Final = 80

ORNAMENTS: Final = frozenset({"So", "Sk", "Cf", "Cn", "Co", "Mn"})
"""Emoji, what modifies them, invisible marks (general categories): a title can do without."""

SELECTORS: Final = frozenset(map(chr, range(0xFE00, 0xFE10)))
"""They choose between an emoji's two looks, of which the font has one."""

NAMED: Final = 10
"""So many of the letters that cannot be shown are named: enough to see what is meant."""


def shown(text: str) -> str:
    """Return *text* as a card shows it: composed (NFC), spaces single, without what is left out."""
    letters = unicodedata.normalize("NFC", text)
    return " ".join("".join(filter(_stays, letters)).split())


def missing_letters(text: str) -> tuple[str, ...]:
    """Return the letters of *text* that a card can neither show nor do without, each once."""
    letters = dict.fromkeys(unicodedata.normalize("NFC", text))
    return tuple(
        letter
        for letter in letters
        if not _stays(letter)
        and letter not in SELECTORS
        and unicodedata.category(letter) not in ORNAMENTS
    )


def require_showable(text: str, *, field: str) -> None:
    """Raise `InvalidRequest` that names *field*, and the letters, if a card cannot show *text*."""
    missing = missing_letters(text)
    if missing:
        named = ", ".join(map(_name, missing[:NAMED]))
        more = f" and {len(missing) - NAMED} more" if len(missing) > NAMED else ""
        raise InvalidRequest(
            f"the title card font lacks these characters: {named}{more}", field=field
        )
    if not shown(text):
        raise InvalidRequest("nothing in this text can be shown on a title card", field=field)


def _stays(letter: str) -> bool:
    return letter.isspace() or (letter not in SELECTORS and _covered(ord(letter)))


def _covered(point: int) -> bool:
    firsts, lasts = _ranges()
    place = bisect_right(firsts, point) - 1
    return place >= 0 and point <= lasts[place]


@cache
def _ranges() -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return where each range of the font's letters begins, and where it ends."""
    ends = [each.split("-") for each in COVERAGE.split()]
    return tuple(int(each[0], 16) for each in ends), tuple(int(each[-1], 16) for each in ends)


def _name(letter: str) -> str:
    return letter if letter.isprintable() else f"U+{ord(letter):04X}"
