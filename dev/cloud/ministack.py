"""
Start the pinned ministack with our patches: `python -m dev.cloud.ministack`.

Runs in the cloud's own environment and imports only ministack, boto3 and the standard library.
It is configured by ministack's environment variables and three of ours:

* `ECHOES_CLOUD_PATCHES`: `-name,-other` leaves patches off (for their tests);
* `ECHOES_LAYER_CACHE`: the directory of unpacked layers;
* `ECHOES_FUNCTION_CONCURRENCY`: how many processes one function may have (twice the cores).
"""

import asyncio
import importlib
import os
import shutil
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import Any

from dev.cloud.patches.catalogue import PATCHES
from dev.cloud.patches.patch import Patch, UnknownSource, selected

MINISTACK = "1.5.33"


def apply_patches(choice: str) -> list[Patch]:
    """
    Verify every source, then apply the chosen patches, and return them.

    Raises `UnknownSource` when the package is another one; then nothing is patched.
    """
    installed = version("ministack")
    if installed != MINISTACK:
        raise UnknownSource(f"the patches fit ministack {MINISTACK}, not {installed}")
    for patch in PATCHES:
        patch.verify()
    chosen = selected(PATCHES, choice)
    for patch in chosen:
        patch.apply()
    return chosen


def empty_temporary_directory() -> None:
    """Remove what former workers left, when the temporary directory is one of our own."""
    directory = os.environ.get("TMPDIR")
    if not directory or Path(directory).name != "tmp" or Path(directory) == Path("/tmp"):  # noqa: S108  # never the machine's
        return
    for left in Path(directory).iterdir():
        if left.is_dir():
            shutil.rmtree(left, ignore_errors=True)
        else:
            left.unlink(missing_ok=True)
    tempfile.tempdir = directory


async def _stop_workers() -> None:
    runtime: Any = importlib.import_module("ministack.core.lambda_runtime")
    await asyncio.to_thread(runtime.reset)


def main() -> None:
    """Patch and serve until SIGTERM; state is saved on the way out."""
    empty_temporary_directory()
    try:
        chosen = apply_patches(os.environ.get("ECHOES_CLOUD_PATCHES", ""))
    except UnknownSource as unknown:
        sys.exit(f"error: {unknown}")
    sys.stdout.write(f"patches: {', '.join(patch.name for patch in chosen)}\n")
    sys.stdout.flush()
    app: Any = importlib.import_module("ministack.app")
    try:
        app.main()
    finally:
        asyncio.run(_stop_workers())
        empty_temporary_directory()


if __name__ == "__main__":
    main()
