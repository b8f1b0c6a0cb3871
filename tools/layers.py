"""
Build the dependency layers, without Docker: `python -m tools.layers --target local|lambda`.

`vendor` and `video` are installed from their lock files into `layers/<name>/<target>/python`:
binary wheels only, each checked against its hash. For Lambda they are arm64 wheels of the runtime's
Python, whatever this machine is; for the local cloud they are this machine's. A build is skipped
when nothing it is made from has changed.
"""

import argparse
import hashlib
import json
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from uv import find_uv_bin

PROJECT: Final = Path(__file__).parents[1]
LAYERS: Final = ("vendor", "video")
LAMBDA_PYTHON: Final = "3.14"
# Lambda's Python since 3.12 is Amazon Linux 2023. With the older "manylinux2014" the resolver would
# silently take old versions, because new ones have no such wheels.
LAMBDA_PLATFORM: Final = "aarch64-manylinux_2_28"
# Lambda refuses a function whose layers and code unpack to more.
LARGEST_BYTES: Final = 250 * 1024 * 1024

# The services our adapters, Powertools and their tests of credentials call.
SERVICES: Final = frozenset(
    {"dynamodb", "events", "kms", "s3", "secretsmanager", "sqs", "stepfunctions", "sts"}
)
# What a running function never reads. Licences stay.
NEEDLESS_FOLDERS: Final = ("bin", "tests", "test", "__pycache__", "include")
NEEDLESS_SUFFIXES: Final = (".pyi", ".pyx", ".pxd", ".c", ".h", ".pyc")
NEEDLESS_RECORDS: Final = ("RECORD", "INSTALLER", "REQUESTED", "direct_url.json", "top_level.txt")


class BuildFailed(Exception):
    """A layer could not be built; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """One layer for one target."""

    name: str
    target: str

    @property
    def folder(self) -> Path:
        """Where it is built; the folder has a layer's shape."""
        return PROJECT / "layers" / self.name / self.target

    @property
    def requirements(self) -> Path:
        """Its lock file."""
        return PROJECT / "requirements" / f"{self.name}.txt"

    @property
    def python(self) -> str:
        """The Python it is for, as `3.14`."""
        if self.target == "lambda":
            return LAMBDA_PYTHON
        return f"{sys.version_info.major}.{sys.version_info.minor}"

    def stamp(self) -> str:
        """Return what changes when the layer must be built again."""
        made_from = hashlib.sha256(self.requirements.read_bytes())
        made_from.update(Path(__file__).read_bytes())
        made_from.update(f"{self.target} {self.python} {_compiler(self) or ''}".encode())
        return made_from.hexdigest()

    def is_built(self) -> bool:
        """Tell whether the folder holds what the stamp describes."""
        stamp = self.folder / ".stamp"
        return stamp.exists() and stamp.read_text() == self.stamp()


def build(layer: Layer) -> None:
    """Build *layer* in place of what was there. Raises `BuildFailed`; then the old one stays."""
    fresh = layer.folder.with_name(f"{layer.folder.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    packages = fresh / "python"
    _install(layer, packages)
    _strip(packages)
    if (packages / "botocore").exists():
        _trim_botocore(packages / "botocore" / "data")
    compiler = _compiler(layer)
    if compiler:
        _compile(compiler, packages)
    size = sum(path.stat().st_size for path in packages.rglob("*") if path.is_file())
    if size > LARGEST_BYTES:
        raise BuildFailed(f"{layer.name} has {size} bytes, Lambda takes {LARGEST_BYTES}")
    (fresh / ".stamp").write_text(layer.stamp())
    shutil.rmtree(layer.folder, ignore_errors=True)
    fresh.rename(layer.folder)


def _install(layer: Layer, packages: Path) -> None:
    where = (
        ["--python-platform", LAMBDA_PLATFORM, "--python-version", LAMBDA_PYTHON]
        if layer.target == "lambda"
        else ["--python", sys.executable]
    )
    _run(
        [
            find_uv_bin(),
            "pip",
            "install",
            "--quiet",
            "--target",
            str(packages),
            "--require-hashes",
            "--only-binary",
            ":all:",
            # Hard links into uv's cache would let an edit here reach other projects.
            "--link-mode",
            "copy",
            *where,
            "--requirement",
            str(layer.requirements),
        ],
        layer.name,
    )


def _strip(packages: Path) -> None:
    for folder in NEEDLESS_FOLDERS:
        for found in [path for path in packages.rglob(folder) if path.is_dir()]:
            shutil.rmtree(found, ignore_errors=True)
    for path in [path for path in packages.rglob("*") if path.is_file()]:
        recorded = path.parent.suffix == ".dist-info" and path.name in NEEDLESS_RECORDS
        if recorded or path.suffix in NEEDLESS_SUFFIXES or path.name == ".lock":
            path.unlink()


def _trim_botocore(data: Path) -> None:
    """
    Keep the models of the services we call: 25 of 28 megabytes go.

    `endpoints.json` is parsed whole by each new session: without the other services it costs a
    hundredth of the time.
    """
    for service in [path for path in data.iterdir() if path.is_dir()]:
        if service.name not in SERVICES:
            shutil.rmtree(service)
    file = data / "endpoints.json"
    endpoints = json.loads(file.read_text())
    for partition in endpoints["partitions"]:
        partition["services"] = {
            name: value
            for name, value in partition["services"].items()
            if name in {*SERVICES, "states"}
        }
    file.write_text(json.dumps(endpoints, separators=(",", ":"), sort_keys=True))


def _compiler(layer: Layer) -> str | None:
    """
    Return an interpreter that can compile for *layer*, if there is one.

    Without byte code every cold start compiles anew, three times as long. The local cloud needs
    none: its workers share one unpacked layer, and the first compiles it for all.
    """
    if layer.target == "local":
        return None
    return shutil.which(f"python{layer.python}")


def _compile(compiler: str, packages: Path) -> None:
    """
    Compile, and let Python believe the byte code unseen.

    The archives that CDK makes date every file to 1980, which makes ordinary byte code stale.
    """
    command = [compiler, "-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash"]
    _run([*command, "-s", str(packages), "-p", "/opt/python", str(packages)], "byte code")


def _run(command: list[str], what: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise BuildFailed(f"{what}: {(done.stderr or done.stdout).strip()}")


def build_all(target: str) -> Iterator[str]:
    """Build both layers where needed, and yield a line about each."""
    for name in LAYERS:
        layer = Layer(name=name, target=target)
        if layer.is_built():
            yield f"{name}: up to date"
            continue
        started = time.monotonic()
        build(layer)
        files = [path for path in layer.folder.rglob("*") if path.is_file()]
        megabytes = sum(path.stat().st_size for path in files) / 1e6
        compiled = "" if target == "local" or _compiler(layer) else ", without byte code"
        seconds = time.monotonic() - started
        yield (
            f"{name}: built for {target}, Python {layer.python}{compiled}, "
            f"{megabytes:.0f} MB ({seconds:.1f} s)"
        )


def main() -> None:
    """Build the layers of one target."""
    parser = argparse.ArgumentParser(prog="python -m tools.layers", description=__doc__)
    parser.add_argument("--target", choices=["local", "lambda"], required=True)
    try:
        for line in build_all(parser.parse_args().target):
            print(line)
    except BuildFailed as failed:
        sys.exit(str(failed))


if __name__ == "__main__":
    main()
