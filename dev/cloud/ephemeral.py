"""A local cloud for a test: on free ports, in a directory of its own, removed afterwards."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import boto3
from botocore.config import Config

from dev.cloud.endpoints import Endpoints
from dev.cloud.instance import PROJECT, REGION, Instance
from dev.cloud.simulators import SIMULATORS

Found = TypeVar("Found")
# Ports for tests, below those that the kernel uses for outgoing connections.
_FIRST_PORT, _LAST_PORT = 21_000, 31_000
_PORTS_NEEDED = 1 + max(each.port_offset for each in SIMULATORS)
LONGEST_COMMAND_SECONDS = 240.0


@dataclass(slots=True, kw_only=True)
class EphemeralCloud:
    """Commands and clients for one cloud; every command is the one a person would type."""

    instance: Instance
    environment: Mapping[str, str]
    _clients: dict[str, Any] = field(default_factory=dict)

    def run(self, command: str, **more: str) -> subprocess.CompletedProcess[str]:
        """Run `python -m dev.cloud <command>`, with more variables; return what it printed."""
        return subprocess.run(
            [sys.executable, "-m", "dev.cloud", command],
            cwd=PROJECT,
            env={**os.environ, **self.environment, **more},
            capture_output=True,
            text=True,
            timeout=LONGEST_COMMAND_SECONDS,
            check=False,
        )

    def up(self, **more: str) -> Endpoints:
        """Bring the cloud up; raises AssertionError with what the command said when it fails."""
        done = self.run("up", **more)
        if done.returncode != 0:
            raise AssertionError(f"up failed:\n{done.stdout}\n{done.stderr}")
        return self.endpoints()

    def endpoints(self) -> Endpoints:
        """Return the endpoints as `up` wrote them last."""
        return Endpoints.load(self.instance.endpoints)

    def client(self, service: str) -> Any:  # noqa: ANN401  # boto3 makes it at run time
        """Return a client of an AWS service of this cloud, with the administrator's keys."""
        if service not in self._clients:
            self._clients[service] = boto3.client(  # type: ignore[call-overload]
                service,
                endpoint_url=self.instance.aws_endpoint_url,
                region_name=REGION,
                aws_access_key_id="test",
                aws_secret_access_key="test",  # noqa: S106  # the emulator's fixed pair
                config=Config(retries={"max_attempts": 0}, read_timeout=60),
            )
        return self._clients[service]


def free_port() -> int:
    """Return a base port with the simulators' ports free behind it; raises OSError for none."""
    start = _FIRST_PORT + (os.getpid() * 17) % (_LAST_PORT - _FIRST_PORT)
    bases: list[int] = [*range(start, _LAST_PORT, 5), *range(_FIRST_PORT, start, 5)]
    for base in bases:
        with ExitStack() as held:
            try:
                for port in range(base, base + _PORTS_NEEDED):
                    held.enter_context(socket.socket()).bind(("127.0.0.1", port))
            except OSError:
                continue
            return base
    raise OSError("no free ports")


def ephemeral_cloud(directory: Path, *, synth: str | None = None) -> EphemeralCloud:
    """
    Return a cloud of our stacks, or of those that `synth` writes into `$CDK_OUTDIR`.

    Nothing is started yet.
    """
    port = free_port()
    environment = {"ECHOES_PORT": str(port), "ECHOES_LOCAL": str(directory)}
    if synth is not None:
        environment |= {"ECHOES_SYNTH": synth, "ECHOES_SYNTH_SOURCES": "none"}
    return EphemeralCloud(instance=Instance(port=port, local=directory), environment=environment)


def until(look: Callable[[], Found | None], *, seconds: float = 20.0) -> Found:
    """Call `look` until its answer is true, and return it; raises AssertionError in the end."""
    deadline = time.monotonic() + seconds
    while not (found := look()):
        if time.monotonic() > deadline:
            raise AssertionError(f"did not come true in {seconds} s: {look!r}")
        time.sleep(0.1)
    return found
