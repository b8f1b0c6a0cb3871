"""
List the letters that the font of title cards has: `domain/font_coverage.py`.

The domain must know them without Pillow. `--check` compares instead of writing; a test does, too.
"""

import argparse
import sys
import textwrap
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from PIL import ImageFont

from echoes.adapters.video.assembly.cards import FONT
from echoes.domain.assembly import font_coverage

FILE: Final = Path(font_coverage.__file__)
NOWHERE: Final = "\U0010ffff"
"""No font has it: shows what a font draws for lack of a letter."""

SIZE: Final = 20
"""Soon drawn, and large enough that no letter vanishes; 12 and 40 give the same table."""

LEFT_OUT: Final = frozenset({"Cc", "Cf", "Cn", "Co", "Cs"})
"""General categories without a look of their own."""

FROM_RIGHT: Final = frozenset({"R", "AL", "AN"})
"""Bidirectional classes that would have to be turned round and joined, which cards do not do."""

HEAD: Final = '''"""
The letters that the font of title cards can show, as ranges of code points in hex.

Made from the font by `python -m tools.font_coverage`. Left out, although it has them, are
letters that are written from right to left: see
`docs/decisions/0010-a-film-is-joined-by-its-tables.md`.
"""

from typing import Final

COVERAGE: Final = """
'''


def letters() -> Iterator[int]:
    """Yield the code points that the font draws with ink, from left to right, in their order."""
    font = ImageFont.truetype(FONT, SIZE, layout_engine=ImageFont.Layout.BASIC)
    lack = bytes(font.getmask(NOWHERE))
    for point in range(sys.maxunicode):
        letter = chr(point)
        if unicodedata.category(letter) in LEFT_OUT or letter.isspace():
            continue
        if unicodedata.bidirectional(letter) in FROM_RIGHT:
            continue
        drawn = font.getmask(letter)
        if bytes(drawn) != lack and drawn.getbbox() is not None:
            yield point


def module() -> str:
    """Return the text of `domain/font_coverage.py`."""
    ranges: list[list[int]] = []
    for point in letters():
        if ranges and ranges[-1][-1] == point - 1:
            ranges[-1][1:] = [point]
        else:
            ranges.append([point])
    words = " ".join("-".join(f"{end:X}" for end in ends) for ends in ranges)
    table = textwrap.fill(words, width=100, break_on_hyphens=False, break_long_words=False)
    return f'{HEAD}{table}\n"""\n'


def main() -> int:
    """Write the module, or compare it with ``--check``."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare instead of writing")
    wanted = module()
    if not parser.parse_args().check:
        FILE.write_text(wanted, encoding="utf-8")
        return 0
    if FILE.read_text(encoding="utf-8") == wanted:
        return 0
    print("domain/font_coverage.py is not what the font has: run `python -m tools.font_coverage`")
    return 1


if __name__ == "__main__":
    sys.exit(main())
