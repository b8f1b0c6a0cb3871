"""Synthesised templates, as tests read them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """One synthesised stack."""

    document: dict[str, Any]
    after: frozenset[str]
    """The stacks that must be deployed before it."""

    @property
    def resources(self) -> dict[str, Any]:
        """Every resource by its logical id."""
        found: dict[str, Any] = self.document["Resources"]
        return found

    def of(self, *types: str) -> dict[str, dict[str, Any]]:
        """Resources of the types, by logical id, each as its properties."""
        return {
            name: resource.get("Properties", {})
            for name, resource in self.resources.items()
            if resource["Type"] in types
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Synthesised:
    """One environment: its stacks, and what the rules found."""

    stacks: Mapping[str, Template]
    report: dict[str, Any] | None

    def __getitem__(self, stack: str) -> Template:
        return self.stacks[stack]

    def all_of(self, *types: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """Every resource of the types in any stack."""
        for template in self.stacks.values():
            yield from template.of(*types).items()
