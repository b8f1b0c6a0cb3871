"""
Faults that are asked for by name and wait for the next requests.

Each simulator has an enumeration of its own faults; `F` stands for it.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final, Generic, TypeVar

MAX_QUEUED: Final = 1000
ANY: Final = "any"
"""The operation of a fault that any request may meet."""

F = TypeVar("F", bound=StrEnum)


class UnknownFault(ValueError):
    """A fault, operation or argument that does not exist."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call(Generic[F]):
    """A fault with its argument: seconds for those that wait, a factor for those that slow down."""

    fault: F
    argument: float | None = None

    def __str__(self) -> str:
        return self.fault.value + ("" if self.argument is None else f"={self.argument:g}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Queued(Generic[F]):
    """A fault that waits for the next `left` requests of an operation."""

    call: Call[F]
    operation: str
    left: int

    def as_json(self) -> dict[str, object]:
        """Return it as the control endpoint lists it."""
        return {"fault": str(self.call), "on": str(self.operation), "count": self.left}

    def meets(self, operation: str) -> bool:
        """Tell whether a request of this operation meets the fault."""
        return self.operation in (ANY, operation) or operation.startswith(f"{self.operation}.")


class FaultQueue(Generic[F]):
    """Faults in the order they were queued; each request takes at most one. Not thread-safe."""

    def __init__(self) -> None:
        self._queued: list[Queued[F]] = []

    def add(self, call: Call[F], *, operation: str, count: int) -> None:
        """Let the next `count` requests of `operation` (a name, its beginning, or `any`) fail."""
        if not 1 <= count <= MAX_QUEUED or len(self._queued) >= MAX_QUEUED:
            raise UnknownFault(f"count must be 1..{MAX_QUEUED}")
        self._queued.append(Queued(call=call, operation=operation, left=count))

    def take(self, operation: str) -> Call[F] | None:
        """Use up one queued fault for this request, or return None."""
        for index, queued in enumerate(self._queued):
            if queued.meets(operation):
                if queued.left == 1:
                    del self._queued[index]
                else:
                    self._queued[index] = replace(queued, left=queued.left - 1)
                return queued.call
        return None

    def pending(self) -> tuple[Queued[F], ...]:
        """Return what still waits."""
        return tuple(self._queued)

    def clear(self) -> None:
        """Forget every queued fault."""
        self._queued.clear()


def parse_call(faults: type[F], text: str) -> Call[F]:
    """Read `name` or `name=number`; raise `UnknownFault` for anything else."""
    name, _, argument = text.strip().partition("=")
    try:
        return Call(fault=faults(name), argument=float(argument) if argument else None)
    except ValueError as error:
        raise UnknownFault(f"unknown fault {text!r}") from error
