"""
Saved state refers to layers by digest instead of holding them as base64.

Upstream: every stop writes, and every start reads, all layer versions as base64 in one JSON file:
seconds, and memory, for each media layer.

AWS: a layer version is an immutable snapshot (Lambda Developer Guide, "Managing Lambda dependencies
with layers"); so its digest stands for it.

Mended upstream when these pass in `tests/integration/cloud/` with
`ECHOES_CLOUD_PATCHES=-layer-state`:

* `test_commands.py::test_a_layers_content_survives_beside_the_state`
"""

import hashlib
import importlib
from collections.abc import Iterator
from functools import wraps
from pathlib import Path
from typing import Any

from dev.cloud.patches.layers import cache_directory
from dev.cloud.patches.patch import Patch, Source

_REFERENCE = "_layer_content"


def _archives() -> Path:
    """Return the directory of layer archives; it belongs to the state, unlike the cache."""
    return cache_directory().with_name("layer-archives")


def _versions(layers: Any) -> Iterator[dict[str, Any]]:
    for layer in layers._data.values():
        yield from layer.get("versions", [])


def _apply() -> None:
    lambdas: Any = importlib.import_module("ministack.services.lambda_svc")
    get_state, restore = lambdas.get_state, lambdas._restore_state

    @wraps(get_state)
    def get_state_with_references() -> dict[str, Any]:
        state: dict[str, Any] = get_state()
        archives = _archives()
        archives.mkdir(parents=True, exist_ok=True)
        used = set()
        for version in _versions(state["layers"]):
            content = version.get("_zip_data")
            if content:
                name = hashlib.sha256(content).hexdigest()
                used.add(name)
                _write_once(archives / name, content)
                version["_zip_data"], version[_REFERENCE] = None, name
        for archive in archives.iterdir():
            if archive.name not in used:
                archive.unlink()
        return state

    @wraps(restore)
    def restore_with_references(data: dict[str, Any]) -> None:
        for version in _versions(data["layers"]) if data and data.get("layers") else ():
            name = version.pop(_REFERENCE, None)
            if name:
                version["_zip_data"] = (_archives() / name).read_bytes()
        restore(data)

    lambdas.get_state = get_state_with_references
    lambdas._restore_state = restore_with_references


def _write_once(path: Path, content: bytes) -> None:
    if not path.exists():
        partial = path.with_suffix(".partial")
        partial.write_bytes(content)
        partial.rename(path)


PATCH = Patch(
    name="layer-state",
    reason="every stop writes, and every start reads, all layer versions as base64 in one JSON "
    "file: seconds, and memory, for each media layer",
    sources=(
        Source("ministack.services.lambda_svc:get_state", "fbae0860de48c568"),
        Source("ministack.services.lambda_svc:_restore_state", "29d435d6b65629e3"),
    ),
    apply=_apply,
)
