"""Folders and files stay small enough to be taken in at once, and names mean one thing."""

import ast
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).resolve().parents[3]
PACKAGE: Final = ROOT / "layers" / "core" / "python" / "echoes"
ROOTS: Final = (PACKAGE, *(ROOT / name for name in ("lambdas", "infra", "dev", "tools", "music")))
TESTS: Final = ROOT / "tests"

MOST_MODULES: Final = 15
MOST_LINES: Final = 350
MOST_LINES_OF_A_TEST: Final = 500

EXCEPTIONS: Final[Mapping[str, str]] = {}
"""Files that may be longer, each with the reason. The list only shrinks."""


def modules(root: Path) -> Iterator[Path]:
    """Yield every module below *root*."""
    yield from (path for path in sorted(root.rglob("*.py")) if "__pycache__" not in path.parts)


def too_long(root: Path, most: int) -> dict[str, int]:
    """Return the modules below *root* with more than *most* lines."""
    lines = {
        path.relative_to(ROOT).as_posix(): len(path.read_text().splitlines())
        for path in modules(root)
    }
    return {name: count for name, count in lines.items() if count > most}


def test_no_folder_of_the_package_holds_more_modules_than_a_reader_can_keep() -> None:
    """Fifteen, without `__init__.py`; a folder that is full gets folders."""
    counted: dict[str, int] = defaultdict(int)
    for path in modules(PACKAGE):
        counted[path.parent.relative_to(ROOT).as_posix()] += path.name != "__init__.py"
    assert {folder: n for folder, n in counted.items() if n > MOST_MODULES} == {}


@pytest.mark.parametrize("root", ROOTS, ids=lambda root: root.name)
def test_no_module_is_longer_than_a_reader_likes(root: Path) -> None:
    """A module that has more to say is two."""
    assert {k: n for k, n in too_long(root, MOST_LINES).items() if k not in EXCEPTIONS} == {}


def test_no_test_module_is_longer_than_a_reader_likes() -> None:
    """Tests may be longer: they are read one at a time."""
    found = too_long(TESTS, MOST_LINES_OF_A_TEST)
    assert {name: n for name, n in found.items() if name not in EXCEPTIONS} == {}


def test_every_exception_is_still_one() -> None:
    """A file that was split leaves the list."""
    long = too_long(TESTS, MOST_LINES_OF_A_TEST)
    for root in ROOTS:
        long |= too_long(root, MOST_LINES)
    assert set(EXCEPTIONS) - set(long) == set()


def test_no_class_name_is_defined_twice_in_the_domain() -> None:
    """One word for one thing: a reader who meets a name knows which class is meant."""
    places: dict[str, set[str]] = defaultdict(set)
    for path in modules(PACKAGE / "domain"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ClassDef):
                places[node.name].add(path.relative_to(PACKAGE).as_posix())
    assert {name: sorted(found) for name, found in places.items() if len(found) > 1} == {}
