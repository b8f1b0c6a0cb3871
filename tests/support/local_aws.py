"""
An emulated AWS of one test session: started on a free port, in its own directory, ended by pid.

It runs in the cloud's own environment (``.venv-cloud``) with nothing inherited but a path, so no
real credential and no setting of the developer can reach it.
"""

import json
import os
import secrets
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from dev.cloud.processes import die_with_parent

ROOT = Path(__file__).resolve().parents[2]
PYTHON = ROOT / ".venv-cloud" / "bin" / "python"
REGION = "us-east-1"
ACCOUNT = "000000000000"
START_SECONDS = 60.0
STOP_SECONDS = 30.0
LOOK_SECONDS = 0.1
FIRST_PORT, LAST_PORT = 20000, 32000
"""Above the local cloud's own ports and below those the kernel gives to clients."""


class NotStarted(Exception):
    """The emulator ended, or did not answer in time; the message holds its log."""


@dataclass(frozen=True, slots=True)
class LocalAws:
    """A running emulator."""

    endpoint: str
    directory: Path

    def environment(self) -> dict[str, str]:
        """Return what makes AWS clients of this process talk to the emulator."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def configure(self, settings: Mapping[str, object]) -> None:
        """Change settings while it runs, as ``{"stepfunctions._SFN_WAIT_SCALE": 0}``."""
        request = urllib.request.Request(  # noqa: S310  # our own http address
            f"{self.endpoint}/_ministack/config",
            data=json.dumps(dict(settings)).encode(),
            headers={"Content-Type": "application/json"},
            method="POST",
        )
        with urllib.request.urlopen(request, timeout=5):  # noqa: S310  # the same
            pass


@contextmanager
def local_aws(directory: Path, **settings: str) -> Iterator[LocalAws]:
    """
    Run an emulator whose files lie below *directory*; *settings* are further variables for it.

    The test fails where the cloud's environment was not installed (``make setup``).
    """
    if not PYTHON.exists():
        pytest.fail(f"no {PYTHON}: run `make setup`")
    port = free_port()
    temporary = directory / "tmp"
    temporary.mkdir(parents=True)
    log = directory / "emulator.log"
    with log.open("wb") as sink:
        process = subprocess.Popen(
            [PYTHON, "-m", "dev.cloud.ministack"],
            cwd=ROOT,
            env=_environment(port, temporary) | settings,
            stdout=sink,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            preexec_fn=die_with_parent,  # noqa: PLW1509  # fixtures run in pytest's main thread
        )
    try:
        emulator = LocalAws(endpoint=f"http://127.0.0.1:{port}", directory=directory)
        _wait_until_healthy(emulator, process, log)
        yield emulator
    finally:
        _stop(process)


def free_port() -> int:
    """Return a free port of 127.0.0.1."""
    while True:
        port = FIRST_PORT + secrets.randbelow(LAST_PORT - FIRST_PORT)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


def _environment(port: int, temporary: Path) -> dict[str, str]:
    return {
        "PATH": f"{PYTHON.parent}:/usr/bin:/bin",
        "HOME": str(temporary),
        "TMPDIR": str(temporary),
        "LANG": "C.UTF-8",
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "MINISTACK_HOST": "127.0.0.1",
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "PERSIST_STATE": "0",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": REGION,
    }


def _wait_until_healthy(emulator: LocalAws, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(  # noqa: S310  # our own http address
                f"{emulator.endpoint}/_ministack/health", timeout=2
            ):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(LOOK_SECONDS)
    raise NotStarted(log.read_text(errors="replace")[-4000:])


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(timeout=STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(timeout=STOP_SECONDS)


def _main() -> None:
    """Run one until interrupted: `python tests/local_aws.py DIRECTORY`."""
    with local_aws(Path(sys.argv[1])) as emulator:
        sys.stdout.write(emulator.endpoint + os.linesep)
        sys.stdout.flush()
        sys.stdin.read()


if __name__ == "__main__":
    _main()
