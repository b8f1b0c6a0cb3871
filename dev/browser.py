"""
The browser of our tests: a headless Chromium that plays H.264 and AAC.

`ECHOES_CHROMIUM` names a program. Without it, on Linux x86-64, it is the one that
`package-lock.json` pins: the package holds it packed, and it is unpacked once below `.local/`.
Anywhere else it is a Chromium or Chrome of the machine. Nothing is downloaded here.
"""

import fcntl
import json
import os
import platform
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, sync_playwright

PROJECT: Final = Path(__file__).resolve().parents[1]
PACKAGE: Final = PROJECT / "node_modules" / "@sparticuz" / "chromium"
UNPACKED: Final = PROJECT / ".local" / "browser"
NAMES: Final = (
    "chromium",
    "chromium-browser",
    "chromium-headless-shell",
    "google-chrome",
    "google-chrome-stable",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
# No sandbox: the tests may run as root, and open no page but our own. The others keep it from
# speaking to anybody we did not ask for.
SWITCHES: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
)
LONGEST_START_SECONDS: Final = 60.0
LONGEST_UNPACKING_SECONDS: Final = 120.0
_INFLATE: Final = (
    "require('stream').pipeline(process.stdin, require('zlib').createBrotliDecompress(),"
    " process.stdout, error => { if (error) throw error })"
)


class NoBrowser(Exception):
    """There is no browser; the message says what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chromium:
    """A program, and what its environment needs beside our own."""

    program: Path
    environment: Mapping[str, str] = field(default_factory=dict)


@contextmanager
def chromium() -> Iterator[Browser]:
    """
    Yield a headless Chromium with an empty profile, and close it.

    Only one at a time in a thread. Raises `NoBrowser` when there is none, and playwright's own
    error when it does not start.
    """
    found = find()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=found.program,
            args=list(SWITCHES),
            env={**os.environ, **found.environment},
            timeout=LONGEST_START_SECONDS * 1000,
        )
        try:
            yield browser
        finally:
            browser.close()


def find(environ: Mapping[str, str] = os.environ) -> Chromium:
    """Return the browser to use, unpacked when it was not yet. Raises `NoBrowser`."""
    named = environ.get("ECHOES_CHROMIUM")
    if named:
        program = shutil.which(named)
        if program is None:
            raise NoBrowser(f"ECHOES_CHROMIUM names no program: {named}")
        return Chromium(program=Path(program))
    if (sys.platform, platform.machine()) == ("linux", "x86_64") and PACKAGE.is_dir():
        return unpack(PACKAGE, UNPACKED)
    for name in NAMES:
        program = shutil.which(name, path=environ.get("PATH"))
        if program is not None:
            return Chromium(program=Path(program))
    raise NoBrowser(
        "There is no browser. On Linux x86-64 `npm ci` installs one; elsewhere install Chromium or"
        " Chrome, or name its program in ECHOES_CHROMIUM."
    )


def unpack(package: Path, below: Path) -> Chromium:
    """
    Return the browser of *package*, unpacked into a directory of its version below *below*.

    A second caller waits for the first. What an interrupted run left is removed.
    Raises `NoBrowser` for a package that cannot be unpacked.
    """
    version = json.loads((package / "package.json").read_text())["version"]
    home = below / version
    unpacked = Chromium(
        program=home / "chromium", environment={"LD_LIBRARY_PATH": str(home / "lib")}
    )
    below.mkdir(parents=True, exist_ok=True)
    with (below / f"{version}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not home.is_dir():
            partial = below / f"{version}.partial"
            shutil.rmtree(partial, ignore_errors=True)
            partial.mkdir()
            _inflate(package / "bin" / "chromium.br", partial / "chromium")
            (partial / "chromium").chmod(0o755)
            libraries = partial / "libraries.tar"
            _inflate(package / "bin" / "al2023.tar.br", libraries)
            with tarfile.open(libraries) as archive:
                # Pythons before 3.11.4 have no filters; the archive is one that we pin.
                archive.extraction_filter = getattr(tarfile, "data_filter", None)
                archive.extractall(partial)  # noqa: S202  # filtered above
            libraries.unlink()
            partial.rename(home)
    return unpacked


def _inflate(packed: Path, into: Path) -> None:
    """Undo brotli with node's own, since Python has none. Raises `NoBrowser`."""
    try:
        with packed.open("rb") as source, into.open("wb") as target:
            subprocess.run(
                ["node", "-e", _INFLATE],  # noqa: S607  # the node of the caller's PATH
                stdin=source,
                stdout=target,
                stderr=subprocess.PIPE,
                timeout=LONGEST_UNPACKING_SECONDS,
                check=True,
            )
    except (OSError, subprocess.SubprocessError) as broken:
        raise NoBrowser(f"{packed} cannot be unpacked; `npm ci` fetches it anew") from broken
