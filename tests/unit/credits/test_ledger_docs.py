"""What is written about the ledger is true of the tests that exist."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
PAGES = (ROOT / "docs" / "ledger.md", ROOT / "layers/core/python/echoes/domain/README.md")


def test_every_test_the_pages_name_exists() -> None:
    """A law without its test is only an intention."""
    source = "\n".join(path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))
    files = {path.stem for path in (ROOT / "tests").rglob("test_*.py")}
    for page in PAGES:
        named = set(re.findall(r"`(?:[\w/]+/)?(test_\w+)(?:\.py)?`", page.read_text()))
        assert named, page
        missing = {name for name in named if f"def {name}(" not in source and name not in files}
        assert not missing, f"{page.name} names {missing}"


def test_every_capability_the_domain_lists_exists() -> None:
    """The list of capabilities is the list of folders and modules."""
    text = PAGES[1].read_text().split("## The laws")[0]
    listed = set(
        re.findall(r"`([a-z_]+)`", "\n".join(re.findall(r"^\| (`.+?) \|", text, re.MULTILINE)))
    )
    present = {
        path.stem
        for path in PAGES[1].parent.iterdir()
        if path.suffix == ".py" or (path / "__init__.py").exists()
    } - {"__init__"}
    assert listed == present


def promises() -> dict[str, str]:
    """Return the docstring of every test, by its name."""
    found: dict[str, str] = {}
    for path in (ROOT / "tests").rglob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                found[node.name] = found.get(node.name, "") + (ast.get_docstring(node) or "")
    return found


def test_every_law_has_a_test_that_names_it() -> None:
    """All twenty invariants: in words, and as the name of a test whose docstring says which."""
    rows = dict(re.findall(r"^\| L(\d+) \|(.*)$", PAGES[0].read_text(), re.MULTILINE))
    assert sorted(map(int, rows)) == list(range(1, 21))
    told = promises()
    for number, row in rows.items():
        named = re.findall(r"`(test_\w+)`", row)
        assert named, f"L{number} has no test"
        naming = [name for name in named if re.search(rf"\bL{number}\b", told[name])]
        assert naming, f"no test of L{number} says so: {named}"
