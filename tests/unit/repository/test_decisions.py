"""The list of decisions and the records are the same list."""

import re
from pathlib import Path
from typing import Final

DECISIONS: Final = Path(__file__).resolve().parents[3] / "docs" / "decisions"
STATUS: Final = re.compile(
    r"^\*\*Status:\*\* ((?:proposed|accepted|replaced by \d+)\b.*)$", re.MULTILINE
)


def test_every_record_is_listed_with_its_title_and_status() -> None:
    """Nobody has to open a record to know whether it still holds."""
    listed = re.findall(
        r"^\| \[(\d+)\]\((.+?)\) \| (.+) \| (.+) \|$",
        (DECISIONS / "README.md").read_text(),
        re.MULTILINE,
    )
    present = []
    for record in sorted(DECISIONS.glob("0*.md")):
        text = record.read_text()
        heading = re.match(r"# (\d+)\. (.+)\n\n", text)
        status = STATUS.search(text)
        assert heading, f"{record.name} begins with its number and its title"
        assert status, f"{record.name} says whether it holds"
        present.append((heading[1], record.name, heading[2], status[1]))
    assert listed == present


def test_records_are_numbered_without_a_gap() -> None:
    """A number is never used twice."""
    numbers = [int(record.name[:4]) for record in sorted(DECISIONS.glob("0*.md"))]
    assert numbers == list(range(1, len(numbers) + 1))
