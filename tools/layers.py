"""
Build the layers, without Docker: `python -m tools.layers --target local|lambda`.

`vendor` and `video` are installed from their lock files into `layers/<name>/<target>/python`:
binary wheels only, each checked against its hash. For Lambda they are arm64 wheels of the runtime's
Python, whatever this machine is; for the local cloud they are this machine's. `compiled` is our own
package with its byte code, for Lambda only: the local cloud takes the package as it lies here. A
build is skipped when nothing it is made from has changed.
"""

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from uv import find_uv_bin

from tools import deferred_imports, layer_contents

PROJECT: Final = Path(__file__).parents[1]
LAYERS: Final = {"local": ("vendor", "video"), "lambda": ("compiled", "vendor", "video")}
SOURCE: Final = PROJECT / "layers" / "core" / "python"
LAMBDA_PYTHON: Final = "3.13"
# Lambda's Python since 3.12 is Amazon Linux 2023. With the older "manylinux2014" the resolver would
# silently take old versions, because new ones have no such wheels.
LAMBDA_PLATFORM: Final = "aarch64-manylinux_2_28"
# Lambda refuses a function whose layers and code unpack to more.
LARGEST_BYTES: Final = 250 * 1024 * 1024


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
    def requirements(self) -> Path | None:
        """Its lock file; our own package has none."""
        return None if self.name == "compiled" else PROJECT / "requirements" / f"{self.name}.txt"

    @property
    def python(self) -> str:
        """The Python it is for, as `3.13`."""
        if self.target == "lambda":
            return LAMBDA_PYTHON
        return f"{sys.version_info.major}.{sys.version_info.minor}"

    def stamp(self) -> str:
        """Return what changes when the layer must be built again."""
        made_from = hashlib.sha256()
        programs = [Path(each) for each in (__file__, deferred_imports.__file__)]
        sources = [self.requirements] if self.requirements else sorted(SOURCE.rglob("*.py"))
        for file in [*programs, Path(layer_contents.__file__), *sources]:
            made_from.update(f"{file.relative_to(PROJECT)}\n".encode() + file.read_bytes())
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
    if layer.requirements is None:
        shutil.copytree(SOURCE, packages, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        _install(layer, layer.requirements, packages)
        layer_contents.trim(packages)
        try:
            deferred_imports.defer_imports(packages)
        except deferred_imports.CannotDefer as error:
            raise BuildFailed(f"{layer.name}: {error}") from error
    compiler = _compiler(layer)
    if compiler:
        compile_all(compiler, packages)
    size = sum(path.stat().st_size for path in packages.rglob("*") if path.is_file())
    if size > LARGEST_BYTES:
        raise BuildFailed(f"{layer.name} has {size} bytes, Lambda takes {LARGEST_BYTES}")
    (fresh / ".stamp").write_text(layer.stamp())
    shutil.rmtree(layer.folder, ignore_errors=True)
    fresh.rename(layer.folder)


def _install(layer: Layer, requirements: Path, packages: Path) -> None:
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
            str(requirements),
        ],
        layer.name,
    )


def _compiler(layer: Layer) -> str | None:
    """
    Return an interpreter that can compile for *layer*, if there is one.

    Without byte code every cold start compiles anew, three times as long. The local cloud needs
    none: its workers share one unpacked layer, and the first compiles it for all.
    """
    return None if layer.target == "local" else find_interpreter(layer.python)


@cache
def find_interpreter(version: str) -> str | None:
    """Return a Python of that minor *version*: this one, one on the path, or one of pyenv's."""
    name = f"python{version}"
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    ours = f"{sys.version_info.major}.{sys.version_info.minor}" == version
    candidates = [
        *([sys.executable] if ours else []),
        *filter(None, [shutil.which(name)]),
        *(str(found) for found in sorted(pyenv.glob(f"{version}*/bin/{name}"), reverse=True)),
    ]
    return next((each for each in candidates if _runs(each, version)), None)


def _runs(interpreter: str, version: str) -> bool:
    """Tell whether *interpreter* is what it is called; pyenv leaves names of what is not there."""
    program = "import sys; print(*sys.version_info[:2], sep='.')"
    done = subprocess.run([interpreter, "-c", program], capture_output=True, text=True, check=False)
    return done.returncode == 0 and done.stdout.strip() == version


def compile_all(interpreter: str, packages: Path, *, deployed_at: str = "/opt/python") -> None:
    """
    Compile *packages*, and let Python believe the byte code unseen. Raises `BuildFailed`.

    The archives that CDK makes date every file to 1980, which makes ordinary byte code stale.
    """
    command = [interpreter, "-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash"]
    _run([*command, "-s", str(packages), "-p", deployed_at, str(packages)], "byte code")


def _run(command: list[str], what: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise BuildFailed(f"{what}: {(done.stderr or done.stdout).strip()}")


def build_all(target: str, *, without_byte_code: bool = True) -> Iterator[str]:
    """
    Build the layers of *target* where needed, and yield a line about each.

    Raises `BuildFailed`, also when nothing here can compile for Lambda and that is not allowed.
    """
    for name in LAYERS[target]:
        layer = Layer(name=name, target=target)
        compiles = target == "local" or _compiler(layer) is not None
        if not compiles and not without_byte_code:
            raise BuildFailed(
                f"There is no Python {layer.python} here to compile the layers' byte code. Without "
                "it every cold start takes about three times as long. Install one, or deploy "
                "nevertheless with ALLOW_NO_BYTECODE=1."
            )
        if layer.is_built():
            yield f"{name}: up to date"
            continue
        started = time.monotonic()
        build(layer)
        files = [path for path in layer.folder.rglob("*") if path.is_file()]
        megabytes = sum(path.stat().st_size for path in files) / 1e6
        compiled = "" if compiles else ", without byte code"
        seconds = time.monotonic() - started
        yield (
            f"{name}: built for {target}, Python {layer.python}{compiled}, "
            f"{megabytes:.0f} MB ({seconds:.1f} s)"
        )


def main() -> None:
    """Build the layers of one target."""
    parser = argparse.ArgumentParser(prog="python -m tools.layers", description=__doc__)
    parser.add_argument("--target", choices=sorted(LAYERS), required=True)
    parser.add_argument(
        "--for-deployment",
        action="store_true",
        help="fail without byte code, unless the variable ALLOW_NO_BYTECODE is 1",
    )
    asked = parser.parse_args()
    allowed = not asked.for_deployment or os.environ.get("ALLOW_NO_BYTECODE") == "1"
    try:
        for line in build_all(asked.target, without_byte_code=allowed):
            print(line)
    except BuildFailed as failed:
        sys.exit(str(failed))


if __name__ == "__main__":
    main()
