"""The ways through a state machine, read from its definition."""

from collections.abc import Iterator, Mapping
from typing import Any


def exits(state: Mapping[str, Any]) -> Iterator[str]:
    """Every state that *state* can lead to, by success, choice or caught error."""
    yield from (state[key] for key in ("Next", "Default") if key in state)
    for branch in (*state.get("Choices", ()), *state.get("Catch", ())):
        yield branch["Next"]


def acyclic_paths(
    states: Mapping[str, Any], name: str, path: tuple[str, ...] = ()
) -> Iterator[tuple[str, ...]]:
    """Every way from *name* to an end, going round no loop twice."""
    path = (*path, name)
    state = states[name]
    if state.get("End") or state["Type"] == "Fail":
        yield path
    for following in exits(state):
        if following not in path:
            yield from acyclic_paths(states, following, path)
