"""What a title card can show is known where titles are typed, and it is what the font has."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from echoes.adapters.video.assembly.cards import draw_card
from echoes.adapters.video.assembly.tables import FootageUnusable
from echoes.domain.assembly.lettering import missing_letters, require_showable, shown
from echoes.domain.assembly.render_plan import TitleCard
from echoes.domain.errors import InvalidRequest
from echoes.domain.stories.titles import MONTHS, PARTS_OF_DAY, chapter_titles, opening_title
from tests.support.story_photos import a_photo
from tools.font_coverage import FILE, module


def test_the_table_of_letters_is_what_the_font_has() -> None:
    """Made by `python -m tools.font_coverage`; another font needs another table."""
    assert FILE.read_text(encoding="utf-8") == module()


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("Summer 2026", ()),
        ("Příští léto, Größe, Ελλάδα, Лето, Հայաստան, საქართველო", ()),
        ("Summer \N{BLACK SUN WITH RAYS}\ufe0f \N{BEACH WITH UMBRELLA}\ufe0f", ()),
        ("\u200fSummer\u200b \u00ad", ()),
        ("夏休み in Kyōto 夏", ("夏", "休", "み")),
        ("한국", tuple("한국")),
        ("छुट्टी", ("छ", "ट", "ी")),
        ("קיץ", tuple("קיץ")),
        ("Sommer صيف", ("ص", "ي", "ف")),
        ("1987 ١٩", tuple("١٩")),
        ("a\x07b", ("\x07",)),
    ],
)
def test_letters_that_cannot_be_shown_are_named(text: str, missing: tuple[str, ...]) -> None:
    """Each once, in their order; emoji and invisible marks are left out instead."""
    assert missing_letters(text) == missing


def test_nothing_that_is_read_from_the_right_is_shown() -> None:
    """A card would show it from the left, which is another word."""
    letters = map(chr, range(0x110000))
    turned = [each for each in letters if unicodedata.bidirectional(each) in {"R", "AL", "AN"}]
    assert len(turned) > 1000
    assert all(missing_letters(each) or not shown(each) for each in turned)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("夏休み", "夏, 休, み"),
        ("\x07", "U+0007"),
        ("".join(map(chr, range(0x4E00, 0x4E0C))), "and 2 more"),
        ("\N{BEACH WITH UMBRELLA}\ufe0f", "nothing"),
    ],
)
def test_the_refusal_says_which_letters(text: str, says: str) -> None:
    """The author sees what to change."""
    with pytest.raises(InvalidRequest, match=says.replace("+", r"\+")) as refused:
        require_showable(text, field="title_card")
    assert refused.value.field == "title_card"


@given(
    text=st.text(st.characters(max_codepoint=0x24FF), min_size=1, max_size=80)
    | st.text(st.characters(max_codepoint=0x2FF), min_size=1, max_size=80)
    | st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)
)
def test_what_is_let_through_can_be_drawn(text: str) -> None:
    """And what is refused could not: no film fails for its title any more."""
    card = TitleCard(text=text, width=192, height=108)
    try:
        require_showable(text, field="title_card")
    except InvalidRequest:
        with pytest.raises(FootageUnusable, match="no_letter"):
            draw_card(card)
    else:
        assert draw_card(card).getbbox() is not None


def test_titles_of_stories_can_always_be_shown() -> None:
    """The autopilot proposes no card that a project would refuse."""
    days = [a_photo(f"{day}", minutes=1440 * day) for day in range(0, 800, 3)]
    titles = [opening_title(days[:end]) for end in range(1, len(days))]
    titles += chapter_titles([[day] for day in days])
    written = [title for title in titles if title is not None]
    for title in (*written, *MONTHS, *(part for _, part in PARTS_OF_DAY)):
        assert shown(title) == title
        assert missing_letters(title) == ()
