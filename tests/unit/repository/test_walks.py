"""The walks can be followed: each step is an import, each leg begins where AWS calls a function."""

import ast
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

from infra.functions import FUNCTION_NAMED
from infra.functions.spec import FunctionSpec

ROOT: Final = Path(__file__).resolve().parents[3]
PAGE: Final = ROOT / "docs" / "walks.md"
SOURCES: Final = "layers/core/python/"
TRIPS: Final = ("One credit", "One clip", "One film")
WIDTH_OF_A_STEP: Final = 2

STEP: Final = re.compile(r"^( *)\* `([\w./]+\.py)` (.+)$", re.MULTILINE)
A_FILE: Final = re.compile(r"`((?:[\w.-]+/)+[\w.-]+\.(?:py|json))`")
FUNCTION: Final = re.compile(r"(?:arrives at|calls?) `([a-z-]+)`")
STATE: Final = re.compile(r"(?:States?|map) \*(\w+)\*(?: and \*(\w+)\*)?")
ROUTE: Final = re.compile(r"`(GET|POST) (/[\w/{}-]+)` arrives at")


@dataclass(frozen=True, slots=True)
class Leg:
    """One call of one function."""

    title: str
    arrival: str
    steps: tuple[tuple[int, str], ...]
    """Depth and file of each step."""

    @property
    def function(self) -> FunctionSpec:
        """The function that is called."""
        (name,) = FUNCTION.findall(self.arrival)
        return FUNCTION_NAMED[name]


def path_of(file: str) -> Path:
    """Return where *file* of the page is."""
    return ROOT / (SOURCES + file if file.startswith("echoes/") else file)


def legs() -> list[Leg]:
    """Return the legs of all trips, in order."""
    found = []
    for part in re.split(r"^## ", PAGE.read_text(), flags=re.MULTILINE)[1:]:
        trip, *sections = re.split(r"^### ", part, flags=re.MULTILINE)
        for section in sections:
            title, text = section.split("\n\n", 1)
            steps = tuple(
                (len(indent) // WIDTH_OF_A_STEP, file) for indent, file, _ in STEP.findall(text)
            )
            arrival = " ".join(text.split("\n* ")[0].split())
            found.append(Leg(f"{trip.splitlines()[0]}: {title}", arrival, steps))
    return found


def imports(path: Path) -> set[str]:
    """Return every module that *path* imports, at its top or within its functions."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def module_of(file: str) -> str:
    """Return the name under which *file* is imported."""
    return file.removesuffix(".py").replace("/", ".")


def pairs(leg: Leg) -> list[tuple[str, str]]:
    """Return each step of *leg* with the step that it is indented under."""
    found: list[tuple[str, str]] = []
    above: list[str] = []
    for depth, file in leg.steps:
        assert depth <= len(above), f"{file} is indented under nothing"
        if depth:
            found.append((above[depth - 1], file))
        above = [*above[:depth], file]
    return found


def test_the_page_has_the_three_trips() -> None:
    """A credit, a clip and a film, each in several legs."""
    headings = re.findall(r"^## (.+)$", PAGE.read_text(), re.MULTILINE)
    assert headings == list(TRIPS)
    assert len(legs()) == len(re.findall(r"^### ", PAGE.read_text(), re.MULTILINE))


def test_every_file_of_the_page_exists() -> None:
    """In the lists and in the sentences."""
    files = A_FILE.findall(PAGE.read_text())
    assert files
    assert [file for file in files if not path_of(file).is_file()] == []


def test_every_line_of_a_list_is_a_step() -> None:
    """A step that the tests cannot read would be followed by nobody."""
    bullets = re.findall(r"^ *\* .+$", PAGE.read_text(), re.MULTILINE)
    assert len(bullets) == sum(len(leg.steps) for leg in legs())


@pytest.mark.parametrize("leg", legs(), ids=lambda leg: leg.title)
def test_each_step_is_imported_by_the_step_it_is_indented_under(leg: Leg) -> None:
    """Read from the source: what the page shows as the next file is imported by the one above."""
    assert leg.steps
    astray = [
        f"{above} does not import {below}"
        for above, below in pairs(leg)
        if module_of(below) not in imports(path_of(above))
    ]
    assert astray == []


@pytest.mark.parametrize("leg", legs(), ids=lambda leg: leg.title)
def test_each_leg_begins_at_the_entry_point_of_its_function(leg: Leg) -> None:
    """The function that AWS calls is the one whose entry point the list begins with."""
    spec = leg.function
    roots = [file for depth, file in leg.steps if not depth]
    assert roots == [f"lambdas/{spec.folder}/{spec.module}.py"]


@pytest.mark.parametrize("leg", legs(), ids=lambda leg: leg.title)
def test_each_hop_through_aws_is_in_the_file_that_connects_it(leg: Leg) -> None:
    """A file of `infra/` that the sentence names also names the function, as data or in code."""
    named = [file for file in A_FILE.findall(leg.arrival) if file.startswith("infra/")]
    name = leg.function.name
    words = (f'"{name}"', name.upper().replace("-", "_"))
    assert [file for file in named if any(word in path_of(file).read_text() for word in words)]


@pytest.mark.parametrize(
    "leg", [leg for leg in legs() if ROUTE.search(leg.arrival)], ids=lambda leg: leg.title
)
def test_each_route_leads_to_its_function(leg: Leg) -> None:
    """The gateway's list of routes sends that request to that function."""
    ((method, path),) = ROUTE.findall(leg.arrival)
    routes = json.loads((ROOT / "infra" / "routes.json").read_text())
    assert [r["function"] for r in routes if (r["method"], r["path"]) == (method, path)] == [
        leg.function.name
    ]


@pytest.mark.parametrize(
    "leg", [leg for leg in legs() if STATE.search(leg.arrival)], ids=lambda leg: leg.title
)
def test_each_state_calls_its_function(leg: Leg) -> None:
    """The state that the sentence names calls the placeholder of the function."""
    (workflow,) = (file for file in A_FILE.findall(leg.arrival) if file.endswith(".asl.json"))
    states = json.loads((ROOT / workflow).read_text())["States"]
    (names,) = STATE.findall(leg.arrival)
    placeholder = f"${{{leg.function.module.title()}FunctionArn}}"
    for name in filter(None, names):
        assert placeholder in json.dumps(states[name])
