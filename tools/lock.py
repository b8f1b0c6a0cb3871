"""
Resolve every dependency again and pin it with hashes: `python -m tools.lock [name …]`.

Without names all lock files of `requirements/` are written. The layers' files take their versions
from `dev.txt`, so that what is tested is what is deployed.
"""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from uv import find_uv_bin

PROJECT: Final = Path(__file__).parents[1]
REQUIREMENTS: Final = PROJECT / "requirements"
OLDEST_PYTHON: Final = "3.11"


class LockFailed(Exception):
    """uv found no set of versions; the message is what it said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lock:
    """One lock file, and what uv reads to make it; *stdin* replaces a file."""

    name: str
    source: tuple[str, ...]
    stdin: str | None = None
    follows_dev: bool = False

    def command(self) -> list[str]:
        """Return the command that writes the file."""
        return [
            find_uv_bin(),
            "pip",
            "compile",
            "--quiet",
            "--universal",
            "--python-version",
            OLDEST_PYTHON,
            "--generate-hashes",
            "--no-emit-index-url",
            "--no-emit-find-links",
            "--no-annotate",
            "--custom-compile-command",
            "make lock",
            *(["--constraint", "requirements/dev.txt"] if self.follows_dev else ["--upgrade"]),
            *self.source,
            "--output-file",
            f"requirements/{self.name}.txt",
        ]


# In this order: later files follow the versions of the first.
LOCKS: Final = (
    Lock(name="dev", source=("pyproject.toml", "--group", "pyproject.toml:dev")),
    Lock(name="cloud", source=("--group", "pyproject.toml:cloud")),
    Lock(name="bench", source=("--group", "pyproject.toml:bench")),
    Lock(name="uv", source=("-",), stdin="uv\n"),
    Lock(name="vendor", source=("pyproject.toml",), follows_dev=True),
    Lock(name="video", source=("--group", "pyproject.toml:video"), follows_dev=True),
)


def write(lock: Lock) -> None:
    """Write one lock file. Raises `LockFailed`; the old file stays."""
    done = subprocess.run(
        lock.command(),
        cwd=PROJECT,
        input=lock.stdin,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise LockFailed(f"requirements/{lock.name}.txt: {done.stderr.strip()}")


def main(names: list[str]) -> None:
    """Write the lock files named, or all."""
    unknown = set(names) - {lock.name for lock in LOCKS}
    if unknown:
        sys.exit(f"no such lock file: {', '.join(sorted(unknown))}")
    for lock in LOCKS:
        if not names or lock.name in names:
            write(lock)
            print(f"requirements/{lock.name}.txt")


if __name__ == "__main__":
    main(sys.argv[1:])
