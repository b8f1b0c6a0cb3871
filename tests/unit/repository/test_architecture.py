"""The page of the architecture, the folders, the functions and the import contracts are one."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Final

import pytest

from infra.functions import FUNCTIONS

ROOT: Final = Path(__file__).resolve().parents[3]
PAGE: Final = ROOT / "docs" / "architecture.md"
PACKAGE: Final = "layers/core/python/echoes"
ROOTS: Final = (PACKAGE, "lambdas", "infra", "dev", "tools", "music", "tests")
"""Every folder in these has its sentence; of the others the page names those worth knowing."""

CONTAINERS: Final = ("echoes", "echoes.domain", "echoes.application", "echoes.http")
"""Packages in which some modules stand on others; a contract of import-linter for each."""

WHOLE: Final = frozenset({"tests/integration/cloud/fixture"})
"""Folders that are one thing: what is inside them needs no sentence."""

LINE: Final = re.compile(r"^( *)((?:[\w./-]+/ )*[\w./-]+/) {2,}(\S.+)$")
MOST_COLUMNS: Final = 120
WIDTH_OF_A_STEP: Final = 2


def block(heading: str, fence: str = "```") -> list[str]:
    """Return the lines of the first block after *heading* that opens with *fence*."""
    section = PAGE.read_text().split(f"\n## {heading}\n")[1].split("\n## ")[0]
    return section.split(f"\n{fence}\n")[1].split("\n```")[0].splitlines()


def described() -> list[str]:
    """Return every folder of the tree: its path from the root of the repository."""
    found: list[str] = []
    path: list[str] = []
    for line in block("The tree"):
        match = LINE.match(line)
        if not match:
            continue
        depth = len(match[1]) // WIDTH_OF_A_STEP
        names = match[2].split(" ")
        found += ["/".join([*path[:depth], name.rstrip("/")]) for name in names]
        path = [*path[:depth], names[-1].rstrip("/")]
    return found


def folders() -> Iterator[str]:
    """Yield every folder of `ROOTS` that holds files, and those on the way to it."""
    for root in ROOTS:
        for file in (ROOT / root).rglob("*"):
            parts = file.relative_to(ROOT).parts
            hidden = any(part.startswith((".", "__pycache__")) for part in parts)
            if file.is_file() and not hidden:
                yield from map(str, PurePosixPath(*parts).parents)


def present() -> set[str]:
    """Return the folders that need a sentence."""
    return {
        folder
        for folder in folders()
        if folder.startswith(ROOTS)
        and not any(str(parent) in WHOLE for parent in PurePosixPath(folder).parents)
    }


def contract_of(container: str) -> list[str]:
    """Return the floors that import-linter enforces in *container*, the highest first."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    (found,) = (c for c in contracts["contracts"] if c.get("containers") == [container])
    assert found["exhaustive"], "a new module would stand on no floor"
    floors: list[str] = found["layers"]
    return floors


def test_every_folder_has_its_sentence() -> None:
    """A reader finds each folder on the page: no folder is missing."""
    assert sorted(present() - set(described())) == []


def test_every_folder_of_the_page_exists() -> None:
    """The page names nothing that moved or was deleted."""
    built = {"layers/vendor", "layers/video"}
    assert [path for path in described() if not (ROOT / path).is_dir() and path not in built] == []


def test_no_folder_is_described_twice() -> None:
    """One sentence a folder."""
    paths = described()
    assert len(paths) == len(set(paths))


def test_the_tree_fits_on_the_page() -> None:
    """No line is wider than the text around it."""
    assert [line for line in block("The tree") if len(line) > MOST_COLUMNS] == []


@pytest.mark.parametrize("container", CONTAINERS)
def test_the_floors_are_those_of_the_contracts(container: str) -> None:
    """What the page shows is what import-linter enforces."""
    shown = block("Who may import whom", f"```floors of {container}")
    assert shown == contract_of(container)


@pytest.mark.parametrize("container", CONTAINERS)
def test_every_module_stands_on_a_floor(container: str) -> None:
    """The contracts name folders and modules that exist, and all of them."""
    folder = ROOT / "layers/core/python" / container.replace(".", "/")
    modules = {path.stem for path in folder.glob("*.py")} | {
        path.name for path in folder.iterdir() if (path / "__init__.py").is_file()
    }
    floors = {name for floor in contract_of(container) for name in floor.split(" | ")}
    assert floors == modules - {"__init__"}


def test_every_function_is_listed_with_what_it_does() -> None:
    """The table of functions is the data that they are built from."""
    rows = re.findall(
        r"^\| `([\w-]+)` \| `lambdas/(\w+)/(\w+)\.py` \| (.+) \|$", PAGE.read_text(), re.MULTILINE
    )
    wanted = [
        (spec.name, spec.folder, spec.module, spec.does[0].lower() + spec.does[1:].rstrip("."))
        for spec in FUNCTIONS
    ]
    assert rows == wanted


def test_the_diagram_shows_every_function_once() -> None:
    """Each function is a box of the diagram, in the group that says how it is called."""
    section = PAGE.read_text().split("\n## Which function does what\n")[1].split("\n## ")[0]
    boxes = re.findall(r"\[([a-z]+(?:-[a-z]+)*)\]", section.split("```mermaid")[1].split("```")[0])
    assert sorted(boxes) == sorted(spec.name for spec in FUNCTIONS)


def test_every_entry_point_is_a_function() -> None:
    """`lambdas/` holds what is deployed, and its roots are in `bootstrap/` by the same name."""
    modules = {
        f"{path.parent.name}/{path.stem}"
        for path in (ROOT / "lambdas").glob("*/*.py")
        if path.stem != "__init__"
    }
    assert modules == {f"{spec.folder}/{spec.module}" for spec in FUNCTIONS}
    shared = {f"{path.name}" for path in (ROOT / PACKAGE / "bootstrap").iterdir() if path.is_dir()}
    assert shared - {"__pycache__"} == {spec.folder for spec in FUNCTIONS}


def test_the_page_shows_every_contract_of_floors() -> None:
    """A new contract of layers gets its list on the page, and this test its name."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    layered = [c["containers"] for c in contracts["contracts"] if c["type"] == "layers"]
    shown = re.findall(r"^```floors of ([\w.]+)$", PAGE.read_text(), re.MULTILINE)
    assert sorted(layered) == sorted([name] for name in CONTAINERS)
    assert sorted(shown) == sorted(CONTAINERS)
