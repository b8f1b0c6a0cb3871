"""The recipes of CONTRIBUTING name files that exist, and no more of them than they promise."""

import re
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).resolve().parents[3]
PAGE: Final = ROOT / "CONTRIBUTING.md"
PACKAGE: Final = "layers/core/python/"
FILE: Final = re.compile(r"`((?:[\w.-]+/)*[\w.-]+\.(?:py|md|json|toml|yml|txt))`")


def recipes() -> dict[str, str]:
    """Return the text of each recipe by its title."""
    section = PAGE.read_text().split("\n## Recipes\n")[1].split("\n## ")[0]
    _, *parts = re.split(r"^### (.+)$", section, flags=re.MULTILINE)
    return dict(zip(parts[::2], parts[1::2], strict=True))


@pytest.mark.parametrize("title", recipes())
def test_every_file_of_a_recipe_exists(title: str) -> None:
    """A recipe that names what moved would send people looking."""
    named = FILE.findall(recipes()[title])
    assert named
    paths = [PACKAGE + name if name.startswith("echoes/") else name for name in named]
    assert not [path for path in paths if not (ROOT / path).is_file()]


@pytest.mark.parametrize("title", recipes())
def test_a_recipe_names_no_more_files_than_it_promises(title: str) -> None:
    """The promise is the number of rows; a recipe that grows is a sign of a missing place."""
    text = recipes()[title]
    rows = re.findall(r"^\| `(.+?)` \| .+ \|$", text, re.MULTILINE)
    assert rows
    promised = re.search(r"At most (\d+) files\.", text)
    assert len(rows) == len(set(rows))
    assert promised is None or len(rows) <= int(promised[1])


def test_the_recipes_are_those_people_look_for() -> None:
    """The things that are added most often."""
    assert set(recipes()) >= {
        "A route",
        "An error code",
        "A metric",
        "A provider",
        "An attribute of a clip",
        "A table",
        "A switch",
    }
