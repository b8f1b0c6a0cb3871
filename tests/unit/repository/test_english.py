"""Texts that people read are short, and free of the phrases that `docs/style.md` lists."""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from infra.alarms import alarms

ROOT: Final = Path(__file__).resolve().parents[3]
STYLE: Final = ROOT / "docs" / "style.md"
CATALOGUES: Final = "layers/core/python/echoes/domain/**/*catalogue.py"

MOST_WORDS: Final = 30
"""In a sentence of an API text or an error, as `docs/style.md` says."""

BANNED: Final = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"\bone's own\b|\b(?<!your )(?<!their )(?<!his )(?<!her )own music\b",
        r"\bof (?:ours|one's own)\b",
        r"\bwhoever\b",
        r"\b(?:for|of|to|by|from|with) who\b",
        r"\bwish(?:es|ed)?\b",
        r"\bwhat (?:became|becomes) of\b",
        r"\b(?:is|are|was|were) none\b",
        r"\bcomes? again\b",
        r"\bgoes again\b|\bgo again\b",
        r"\blies? (?:below|beside|with|in|under|there)\b",
        r"\bcomes? about\b",
        r"\bsome(?:body|one) was faster\b",
        r"\bfor want of\b",
        r"\bthat (?:would|will) do\b",
        r"\botherwise than\b",
        r"\bknows? [\w ]*no more\b",
        r"\bno such thing\b",
        r"\bnone of our concern\b",
        r"\bwhatever happens\b",
        r"\bis told by\b",
        r"\b(?:installed|made|found) below this folder\b",
        r"\bsomebody(?:'s)?\b",
        r"\bnobody(?:'s)?\b",
    )
)
"""In the order of the table of `docs/style.md`: a pattern a row."""

PUBLIC_ONLY: Final = BANNED[-2:]
"""In a page, "nobody can change it" is the shortest way to say so; in an API text it is vague."""

SPOKEN: Final = frozenset({"description", "summary", "title"})
DESCRIBED: Final = frozenset({"description", "alarm_description", "does", "meaning"})
"""The arguments that carry the texts of alarms, functions and resources."""

SENTENCE: Final = re.compile(r"(?<=[.!?])\s+|\n\s*\n|\n\s*[*-] | · ")


def texts(node: object, place: str = "") -> Iterator[tuple[str, str]]:
    """Yield place and text of all that an OpenAPI document says to people, examples left out."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key in SPOKEN and isinstance(value, str):
                yield f"{place}/{key}", value
            elif key not in {"example", "examples"}:
                yield from texts(value, f"{place}/{key}")
    elif isinstance(node, list):
        for number, value in enumerate(node):
            yield from texts(value, f"{place}/{number}")


def catalogue() -> Iterator[tuple[str, str]]:
    """Yield place and words of every code, read from the source."""
    for path in ROOT.glob(CATALOGUES):
        for node in ast.walk(ast.parse(path.read_text())):
            if (
                isinstance(node, ast.keyword)
                and node.arg == "title"
                and isinstance(node.value, ast.Constant)
            ):
                yield f"{path.name}:{node.value.lineno}", str(node.value.value)


def public() -> list[tuple[str, str]]:
    """Return place and text of all that callers and people read."""
    document = json.loads((ROOT / "docs" / "openapi.json").read_text())
    found = [*texts(document), *catalogue()]
    assert len(found) > 100, "the texts moved: look for them where they are"
    return found


def operators() -> list[tuple[str, str]]:
    """Return place and text of all that operators read in AWS: what it deploys says of itself."""
    found = [(f"alarm {spec.name}", spec.meaning) for spec in alarms(["records"])]
    for path in sorted((ROOT / "infra").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.keyword) and node.arg in DESCRIBED:
                place = f"{path.relative_to(ROOT)}:{node.value.lineno}"
                found.append((place, " … ".join(words(node.value))))
    for path in sorted((ROOT / "infra" / "workflows").glob("*.asl.json")):
        found += comments(json.loads(path.read_text()), path.name)
    assert len(found) > 100, "the texts moved: look for them where they are"
    return found


def words(node: ast.AST) -> Iterator[str]:
    """Yield the text of an expression, without what is filled in."""
    for part in ast.walk(node):
        if isinstance(part, ast.Constant) and isinstance(part.value, str):
            yield part.value


def comments(node: object, place: str) -> Iterator[tuple[str, str]]:
    """Yield place and text of all comments of a state machine."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "Comment":
                yield place, value
            else:
                yield from comments(value, f"{place}/{key}")
    elif isinstance(node, list):
        for number, value in enumerate(node):
            yield from comments(value, f"{place}/{number}")


def prose(page: Path) -> str:
    """Return *page* without its code."""
    return re.sub(r"`[^`\n]+`", "`…`", re.sub(r"```.*?```", "", page.read_text(), flags=re.DOTALL))


def pages() -> list[Path]:
    """Return every page of the documentation but the one that quotes what to avoid."""
    found = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")]
    return [*found, *(page for page in (ROOT / "docs").rglob("*.md") if page != STYLE)]


def avoided() -> list[tuple[str, str]]:
    """Return the rows of the table of phrases: what not to write, and what instead."""
    section = STYLE.read_text().split("## Phrases to avoid")[1].split("\n## ")[0]
    return re.findall(r"^\| (?!Not \|)(?!-)(.+?) \| (.+?) \|$", section, re.MULTILINE)


def test_the_style_page_and_the_patterns_agree() -> None:
    """A row for each pattern and a pattern for each row; what to write instead is not banned."""
    rows = avoided()
    assert len(rows) == len(BANNED)
    for (bad, good), pattern in zip(rows, BANNED, strict=True):
        assert pattern.search(bad), f"{bad!r} is not found by {pattern.pattern}"
        assert not [p.pattern for p in BANNED if p.search(good)], good


def test_the_style_page_names_the_bound() -> None:
    """People read the number where they read the rule."""
    assert f"At most {MOST_WORDS} words" in STYLE.read_text()


def test_public_texts_have_short_sentences() -> None:
    """A sentence that is longer can be two."""
    long = {
        place: sentence
        for place, text in [*public(), *operators()]
        for sentence in SENTENCE.split(text)
        if len(sentence.split()) > MOST_WORDS
    }
    assert not long


def test_public_texts_avoid_translated_phrases() -> None:
    """None of the phrases is in the OpenAPI document, the catalogue, or what operators read."""
    found = {
        place: (text, pattern.pattern)
        for place, text in [*public(), *operators()]
        for pattern in BANNED
        if pattern.search(text)
    }
    assert not found


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_pages_avoid_translated_phrases(page: Path) -> None:
    """None of the phrases of `docs/style.md` is in the documentation; code may quote them."""
    found = [
        f"{number}: {match.group()}"
        for pattern in BANNED
        if pattern not in PUBLIC_ONLY
        for number, line in enumerate(prose(page).splitlines(), 1)
        for match in pattern.finditer(line)
    ]
    assert not found
