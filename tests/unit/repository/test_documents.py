"""Links and commands of every page lead somewhere."""

import importlib.util
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
LISTED = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"]
PAGES = sorted(
    path
    for name in subprocess.run(
        LISTED, cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout.splitlines()
    if (path := ROOT / name).exists()
)


def page_name(page: Path) -> str:
    return str(page.relative_to(ROOT))


@pytest.mark.parametrize("page", PAGES, ids=page_name)
def test_every_link_to_a_file_leads_to_one(page: Path) -> None:
    """Links to addresses elsewhere are not followed."""
    links = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text())
    files = [link for link in links if not re.match(r"[a-z]+:", link)]
    assert not [link for link in files if not (page.parent / link).exists()]


@pytest.mark.parametrize("page", PAGES, ids=page_name)
def test_every_program_of_ours_exists(page: Path) -> None:
    """What follows `python -m` can be imported."""
    named = set(re.findall(r"python3? -m ((?:dev|tools|music|tests)[\w.]*\w)", page.read_text()))
    assert not [name for name in named if importlib.util.find_spec(name) is None]
