"""
What a patch is: a reason, the sources it was written against, and a function that applies it.

The docstring of each patch's module says in the same shape what it mends, what AWS documents, and
which tests show that upstream has mended it; `tests/unit/dev/test_patches.py` holds it to that.
"""

import hashlib
import importlib
import inspect
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from types import ModuleType
from typing import Any


class UnknownSource(Exception):
    """The emulator's source is not the one a patch was written for; nothing was patched."""


@dataclass(frozen=True, slots=True)
class Source:
    """
    One function, class or constant that a patch replaces or relies on.

    `path` is `module:qualified.name`; `digest` the first 16 hex digits of the SHA-256 of its
    source text (of its `repr` when it is a constant).
    """

    path: str
    digest: str

    def found(self) -> str:
        """Return the digest of what is installed; raises `UnknownSource` when it is gone."""
        module_name, _, qualified = self.path.partition(":")
        found: Any = importlib.import_module(module_name)
        try:
            for part in qualified.split("."):
                found = getattr(found, part)
        except AttributeError as gone:
            raise UnknownSource(f"{self.path} does not exist") from gone
        text = inspect.getsource(found) if callable(found) else repr(found)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True, kw_only=True)
class Patch:
    """
    One difference from AWS, mended in the process at start.

    `apply` changes module attributes only, never a file. It may run once in a process.
    """

    name: str
    reason: str
    sources: tuple[Source, ...]
    apply: Callable[[], None]

    def verify(self) -> None:
        """Raise `UnknownSource` unless every source is the one this patch was written for."""
        for source in self.sources:
            found = source.found()
            if found != source.digest:
                raise UnknownSource(
                    f"patch {self.name!r}: {source.path} has digest {found}, not {source.digest}. "
                    "Read the new source, mend the patch, then pin the new digest."
                )


def provisioners() -> ModuleType:
    """Return the module that turns CloudFormation properties into resources."""
    return importlib.import_module("ministack.services.cloudformation.provisioners")


def wrap_resource(
    resource_type: str,
    apply_properties: Callable[[str, dict[str, Any], dict[str, Any] | None], None],
) -> None:
    """
    Run `apply_properties(physical_id, new, old)` after a resource is created or updated.

    `old` is None on creation. What it raises fails the stack, as a provisioner's error does.
    """
    handler = provisioners()._RESOURCE_HANDLERS[resource_type]  # a patch
    create, update = handler["create"], handler.get("update")

    def created(logical_id: str, props: dict[str, Any], stack_name: str) -> Any:
        result = create(logical_id, props, stack_name)
        apply_properties(result[0], props, None)
        return result

    def updated(
        physical_id: str,
        old_props: dict[str, Any],
        new_props: dict[str, Any],
        stack_name: str,
        *more: object,
        **named: object,
    ) -> Any:
        result = update(physical_id, old_props, new_props, stack_name, *more, **named)
        apply_properties(result[0], new_props, old_props)
        return result

    handler["create"] = created
    if update is not None:
        handler["update"] = updated


def selected(patches: Iterable[Patch], choice: str) -> list[Patch]:
    """
    Return the patches that `choice` leaves on: empty means all, `-name,-other` switches off.

    Raises ValueError for a name that is not a patch, so that a typing error is not silence.
    """
    known = list(patches)
    off = {part.strip().removeprefix("-") for part in choice.split(",") if part.strip()}
    unknown = off - {patch.name for patch in known}
    if unknown:
        raise ValueError(f"no such patch: {', '.join(sorted(unknown))}")
    return [patch for patch in known if patch.name not in off]
