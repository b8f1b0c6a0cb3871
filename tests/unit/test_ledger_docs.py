"""What is written about the ledger is true of the tests that exist."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGES = (ROOT / "docs" / "ledger.md", ROOT / "layers/core/python/echoes/domain/README.md")


def test_every_test_the_pages_name_exists() -> None:
    """A law without its test would be a wish."""
    source = "\n".join(path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))
    files = {path.stem for path in (ROOT / "tests").rglob("test_*.py")}
    for page in PAGES:
        named = set(re.findall(r"`(?:[\w/]+/)?(test_\w+)(?:\.py)?`", page.read_text()))
        assert named, page
        missing = {name for name in named if f"def {name}(" not in source and name not in files}
        assert not missing, f"{page.name} names {missing}"


def test_every_module_the_domain_lists_exists() -> None:
    """The list of modules is the list of modules."""
    text = PAGES[1].read_text().split("## The laws")[0]
    listed = set(
        re.findall(r"`([a-z_]+)`", "\n".join(re.findall(r"^\| (`.+?) \|", text, re.MULTILINE)))
    )
    present = {path.stem for path in PAGES[1].parent.glob("*.py")} - {"__init__"}
    assert listed == present
