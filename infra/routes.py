"""
The routes of the API, read as data from `routes.json`: nothing answers that is not listed there.

That file is generated from the operations in the run-time code (`tools/openapi.py`), where
each route is declared.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from infra.functions import FUNCTION_NAMED
from infra.functions.spec import FunctionSpec

FILE: Final = Path(__file__).parent / "routes.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Throttle:
    """How often all callers together may use a method."""

    per_second: float
    burst: int


# A family looks at its clips: many open pages, each asking every five seconds.
READING: Final = Throttle(per_second=200, burst=400)
# Orders come in batches of up to 50 photos.
ORDERING: Final = Throttle(per_second=50, burst=200)
# Guests and adjustments are rare; a flood of them is an attack or a mistake.
RARE: Final = Throttle(per_second=20, burst=50)

THROTTLES: Final = {"reading": READING, "ordering": ORDERING, "rare": RARE}
"""The throttle classes of the run-time code, by their names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One method of one path; *public* ones are answered without a token."""

    method: str
    path: str
    function: FunctionSpec
    throttle: Throttle
    public: bool = False


def route_of(entry: Mapping[str, str]) -> Route:
    """Return the route of one entry of the file; raises KeyError for what infra does not know."""
    return Route(
        method=entry["method"],
        path=entry["path"],
        function=FUNCTION_NAMED[entry["function"]],
        throttle=THROTTLES[entry["throttle"]],
        public=entry["audience"] == "all",
    )


ROUTES: Final = tuple(route_of(entry) for entry in json.loads(FILE.read_text(encoding="utf-8")))
