"""
Each layer version is unpacked once and shared by every worker.

Upstream: every cold start unpacks every layer again, and leaves it in the temporary directory.

AWS: a layer version is an immutable snapshot, extracted into /opt (Lambda Developer Guide,
"Managing Lambda dependencies with layers"); so one copy can serve all workers.

Mended upstream when these pass in `tests/integration/cloud/` with `ECHOES_CLOUD_PATCHES=-layers`:

* `test_functions.py::test_a_layer_is_unpacked_once_for_all_functions`
"""

import fcntl
import hashlib
import importlib
import os
import shutil
import zipfile
from functools import wraps
from io import BytesIO
from pathlib import Path
from typing import Any

from dev.cloud.patches.patch import Patch, Source

# Unpacked layers kept on disk: three layers, and a few former versions of each.
LAYERS_KEPT = 8


def cache_directory() -> Path:
    """Return where unpacked layers live: `ECHOES_LAYER_CACHE`, which outlives the process."""
    return Path(os.environ["ECHOES_LAYER_CACHE"])


def unpacked(content: bytes, into: Path) -> Path:
    """
    Return the directory with the content of a layer's archive, unpacking it when it is new.

    Safe for concurrent callers (a file lock), complete or absent (renamed when done).
    """
    target = into / hashlib.sha256(content).hexdigest()[:32]
    if not target.exists():
        into.mkdir(parents=True, exist_ok=True)
        with (into / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not target.exists():
                _unpack(content, target)
                _forget_oldest(into)
    os.utime(target)
    return target


def _unpack(content: bytes, target: Path) -> None:
    partial = target.with_suffix(".partial")
    shutil.rmtree(partial, ignore_errors=True)
    with zipfile.ZipFile(BytesIO(content)) as archive:
        archive.extractall(partial)  # zipfile itself keeps members inside the target
        for member in archive.infolist():
            mode = member.external_attr >> 16
            if mode & 0o111:
                (partial / member.filename).chmod(mode & 0o777)
    partial.rename(target)


def _forget_oldest(into: Path) -> None:
    found = sorted((p for p in into.iterdir() if p.is_dir()), key=lambda p: p.stat().st_mtime)
    for old in found[:-LAYERS_KEPT]:
        shutil.rmtree(old, ignore_errors=True)


def _apply() -> None:
    runtime: Any = importlib.import_module("ministack.core.lambda_runtime")
    lambdas: Any = importlib.import_module("ministack.services.lambda_svc")
    spawn = runtime.Worker._spawn

    @wraps(spawn)
    def spawn_with_shared_layers(self: Any) -> None:
        own = self.config
        if not str(own.get("Runtime", "")).startswith("python"):
            spawn(self)
            return
        contents = [lambdas._resolve_layer_zip(layer) for layer in own.get("Layers") or []]
        shared = [str(unpacked(content, cache_directory())) for content in contents if content]
        variables = dict(own.get("Environment", {}).get("Variables", {}))
        if shared:
            variables["_LAMBDA_LAYERS_DIRS"] = os.pathsep.join(shared)
        self.config = {**own, "Layers": [], "Environment": {"Variables": variables}}
        try:
            spawn(self)
        finally:
            self.config = own

    runtime.Worker._spawn = spawn_with_shared_layers


PATCH = Patch(
    name="layers",
    reason="every cold start unpacks every layer again, and leaves it in the temporary directory",
    sources=(
        Source("ministack.core.lambda_runtime:Worker._spawn", "c55febf956565c5e"),
        Source("ministack.services.lambda_svc:_resolve_layer_zip", "447d3c3ec42c50ad"),
    ),
    apply=_apply,
)
