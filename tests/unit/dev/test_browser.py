"""Which browser the tests look through, and how the pinned one is unpacked."""

import io
import json
import subprocess
import tarfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from dev import browser

PACK = "process.stdin.pipe(require('zlib').createBrotliCompress()).pipe(process.stdout)"


def packed(content: bytes) -> bytes:
    return subprocess.run(
        ["node", "-e", PACK],  # noqa: S607  # the node of the caller's PATH
        input=content,
        capture_output=True,
        check=True,
    ).stdout


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """Make a package of the pinned one's shape, with a program of seven bytes."""
    folder = tmp_path / "package"
    (folder / "bin").mkdir(parents=True)
    (folder / "package.json").write_text(json.dumps({"version": "1.2.3"}))
    (folder / "bin" / "chromium.br").write_bytes(packed(b"program"))
    libraries = io.BytesIO()
    with tarfile.open(fileobj=libraries, mode="w") as archive:
        member = tarfile.TarInfo("lib/libnss3.so")
        member.size = 7
        archive.addfile(member, io.BytesIO(b"library"))
    (folder / "bin" / "al2023.tar.br").write_bytes(packed(libraries.getvalue()))
    return folder


def nothing_pinned(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(browser, "PACKAGE", tmp_path / "absent")
    monkeypatch.setattr(browser, "NAMES", ("chromium",))


def a_program(folder: Path, name: str) -> Path:
    folder.mkdir(exist_ok=True)
    program = folder / name
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    return program


def test_a_named_browser_comes_first(tmp_path: Path) -> None:
    """A program that is named is used."""
    program = a_program(tmp_path / "bin", "my-chromium")
    assert browser.find({"ECHOES_CHROMIUM": str(program)}).program == program


def test_a_name_of_nothing_is_refused(tmp_path: Path) -> None:
    """A misspelt name never falls back to another browser in silence."""
    with pytest.raises(browser.NoBrowser, match="ECHOES_CHROMIUM"):
        browser.find({"ECHOES_CHROMIUM": str(tmp_path / "none")})


def test_the_machines_browser_is_the_last_resort(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Where none is pinned, one in PATH will do; without any, the message says what to do."""
    nothing_pinned(monkeypatch, tmp_path)
    program = a_program(tmp_path / "bin", "chromium")
    assert browser.find({"PATH": str(program.parent)}).program == program
    with pytest.raises(browser.NoBrowser, match="npm ci"):
        browser.find({"PATH": str(tmp_path)})


def test_side_by_side_it_is_unpacked_once(package: Path, tmp_path: Path) -> None:
    """Four at once get the same whole browser, and nothing is left lying about."""
    below = tmp_path / "below"
    (below / "1.2.3.partial" / "lib").mkdir(parents=True)  # what an interrupted run left
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: browser.unpack(package, below), range(4)))
    [program] = {each.program for each in found}
    assert program.read_bytes() == b"program"
    assert program.stat().st_mode & 0o111
    libraries = Path(found[0].environment["LD_LIBRARY_PATH"])
    assert (libraries / "libnss3.so").read_bytes() == b"library"
    assert {each.name for each in below.iterdir()} == {"1.2.3", "1.2.3.lock"}


def test_a_broken_package_is_no_browser(package: Path, tmp_path: Path) -> None:
    """Half a download fails each time, instead of leaving half a program behind."""
    file = package / "bin" / "chromium.br"
    file.write_bytes(file.read_bytes()[:-2])
    for _ in range(2):
        with pytest.raises(browser.NoBrowser, match="npm ci"):
            browser.unpack(package, tmp_path / "below")
