"""What the tests say they show, the requirements, and the list of open ones are held together."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[3]
PAGE: Final = ROOT / "docs" / "requirements.md"
OPEN: Final = ROOT / "docs" / "requirements-open.txt"
LEDGER: Final = ROOT / "docs" / "ledger.md"

MOST_OPEN: Final = 59
"""How many requirements no test names. Lower it with each one that gets a test; never raise it."""

AN_ID: Final = r"[A-Z]{1,3}(?:-[A-Z])?\d{1,2}[a-z]?"
DEFINED: Final = re.compile(rf"^\| ({AN_ID}) \|", re.MULTILINE)
RANGE: Final = re.compile(r"\b([A-Z]{1,3}(?:-[A-Z])?)(\d+) to \1(\d+)\b")
IN_FRONT: Final = re.compile(rf"\A{AN_ID}(?:(?:,| and| to)? {AN_ID})*(?=:| on\b)")
AT_THE_END: Final = re.compile(rf"\(({AN_ID}(?:, {AN_ID})*)\)\.?$", re.MULTILINE)


def docstrings() -> Iterator[tuple[str, str]]:
    """Yield place and text of every docstring of the tests and of what supports them."""
    for path in sorted((ROOT / "tests").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                name = getattr(node, "name", "module")
                text = ast.get_docstring(node)
                if text:
                    yield f"{path.relative_to(ROOT)}:{name}", text


def defined() -> list[str]:
    """Return every id that the page defines."""
    return DEFINED.findall(PAGE.read_text())


def listed() -> list[str]:
    """Return every id of the open list. What follows ``#`` is for people."""
    lines = (line.split("#")[0].strip() for line in OPEN.read_text().splitlines())
    return [line for line in lines if line]


def ids_in(text: str, known: frozenset[str]) -> set[str]:
    """Return the *known* ids of *text*, those inside a range too, and the claimed ones."""
    found = set(re.findall(rf"(?<![\w-]){AN_ID}(?![\w-])", text)) & known
    for prefix, first, last in RANGE.findall(text):
        found |= {f"{prefix}{number}" for number in range(int(first), int(last) + 1)}
    return found | claimed(text)


def claimed(text: str) -> set[str]:
    """Return what stands where ids stand: before the first colon, or in brackets at the end."""
    places = IN_FRONT.findall(text) + AT_THE_END.findall(text)
    return {an_id for place in places for an_id in re.findall(AN_ID, place)}


def named() -> dict[str, list[str]]:
    """Return every id that the tests name, and where."""
    known = frozenset(defined())
    places: dict[str, list[str]] = {}
    for place, text in docstrings():
        for an_id in ids_in(text, known):
            places.setdefault(an_id, []).append(place)
    return places


def test_every_id_is_defined_once() -> None:
    """Two meanings of one id would let a test show the wrong thing."""
    ids = defined()
    assert ids, "the page defines nothing"
    assert len(ids) == len(set(ids)), sorted({an_id for an_id in ids if ids.count(an_id) > 1})


def test_every_id_that_a_test_names_is_defined() -> None:
    """A reader finds what a docstring means."""
    unknown = {an_id: places for an_id, places in named().items() if an_id not in defined()}
    assert not unknown


def test_every_requirement_is_named_by_a_test_or_listed_as_open() -> None:
    """Nothing is promised without a test, unless the list says so."""
    assert set(defined()) - set(named()) <= set(listed())


def test_the_open_list_only_shrinks() -> None:
    """What a test names is open no longer, and the bound goes down with the list."""
    ids = listed()
    assert ids == list(dict.fromkeys(ids)), "an id is listed twice"
    assert set(ids) <= set(defined()), "the list names what the page does not define"
    assert not set(ids) & set(named()), "a test names what is listed as open: strike it"
    assert len(ids) == MOST_OPEN, "the list has shrunk: lower the bound"


def test_every_series_of_the_page_has_its_section() -> None:
    """The table of prefixes leads to each of them, and no section is without one."""
    text = PAGE.read_text()
    prefixes = re.findall(r"^\| \[([A-Z]{1,3}(?:-[A-Z])?)\]\(#([\w-]+)\) \|", text, re.MULTILINE)
    headings = re.findall(r"^## ([A-Z]{1,3}(?:-[A-Z])?): (.+)$", text, re.MULTILINE)
    assert [prefix for prefix, _ in prefixes] == [prefix for prefix, _ in headings]
    assert [anchor for _, anchor in prefixes] == [
        re.sub(r"[^\w -]", "", f"{prefix} {title}").replace(" ", "-").lower()
        for prefix, title in headings
    ]
    assert {re.split(r"\d", an_id)[0] for an_id in defined()} == {prefix for prefix, _ in prefixes}


def test_the_laws_of_the_page_are_those_of_the_ledger() -> None:
    """The page repeats them in short; `docs/ledger.md` defines them."""
    laws = set(re.findall(r"^\| (L\d+) \|", LEDGER.read_text(), re.MULTILINE))
    rules = set(re.findall(r"\b(R\d+)\b", LEDGER.read_text()))
    assert {an_id for an_id in defined() if re.fullmatch(r"L\d+", an_id)} == laws
    assert {an_id for an_id in defined() if re.fullmatch(r"R\d+", an_id)} == rules
