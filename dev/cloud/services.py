"""The processes a local cloud is made of."""

import os
import shlex
import socket
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from dev.cloud.instance import REGION, Instance
from dev.cloud.simulators import SIMULATORS, Simulator

# What a process of ours may inherit: everything else would reach the handlers.
_INHERITED = ("HOME", "LANG", "PATH", "USER")
_ANSWER_SECONDS = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One long-lived process: how to start it, and how to tell that it answers."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    port: int
    health_path: str | None = None

    def healthy(self) -> bool:
        """Tell whether it answers: 2xx on its health path, or just a connection without one."""
        if self.health_path is None:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=_ANSWER_SECONDS).close()
            except OSError:
                return False
            return True
        try:
            url = f"http://127.0.0.1:{self.port}{self.health_path}"
            with urllib.request.urlopen(url, timeout=_ANSWER_SECONDS):  # loopback
                return True
        except (OSError, urllib.error.HTTPError):
            return False


def inherited() -> dict[str, str]:
    """Return the few variables a service takes from the caller's environment."""
    kept = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    return {**kept, "TZ": "UTC"}


def cloud_python(project: Path) -> Path:
    """Return the interpreter of the cloud's own environment, which also runs the handlers."""
    named = os.environ.get("ECHOES_CLOUD_PYTHON")
    return Path(named) if named else project / ".venv-cloud" / "bin" / "python"


def services_of(instance: Instance) -> tuple[Service, ...]:
    """Return the services in the order they start; a simulator not yet written is left out."""
    found = [_ministack(instance)]
    found.extend(
        _simulator(instance, each)
        for each in SIMULATORS
        if (instance.project / "dev" / "simulators" / each.name / "__main__.py").exists()
    )
    return tuple(found)


def _simulator(instance: Instance, simulator: Simulator) -> Service:
    """Return a simulator; `ECHOES_RUNWAY_ARGS` and its like add options to its command."""
    name, port = simulator.name, simulator.port(instance)
    options = shlex.split(os.environ.get(f"ECHOES_{name.upper()}_ARGS", ""))
    state = ("--state", str(instance.cloud / name))
    return Service(
        name=name,
        command=(
            sys.executable,
            "-m",
            f"dev.simulators.{name}",
            "--port",
            str(port),
            *state,
            *options,
        ),
        environment={**inherited(), "PYTHONPATH": f"{instance.project}/layers/core/python"},
        port=port,
        health_path="/_control/health",
    )


def _ministack(instance: Instance) -> Service:
    cores = os.cpu_count() or 1
    environment = {
        **inherited(),
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(instance.port),
        # Policies hold here as on AWS: what a role lacks is refused before it is deployed.
        "AUTH": "true",
        "MINISTACK_HOST": "127.0.0.1",
        "MINISTACK_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "PERSIST_STATE": "1",
        "STATE_DIR": str(instance.cloud / "state"),
        "S3_PERSIST": "1",
        "S3_DATA_DIR": str(instance.cloud / "objects"),
        "TMPDIR": str(instance.cloud / "tmp"),
        "ECHOES_LAYER_CACHE": str(instance.cloud / "layers"),
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        # Over these bounds calls wait for their turn (patch `concurrency`).
        "LAMBDA_ACCOUNT_CONCURRENCY": str(max(12, 4 * cores)),
        "ECHOES_FUNCTION_CONCURRENCY": str(max(4, 2 * cores)),
        "ECHOES_CLOUD_PATCHES": os.environ.get("ECHOES_CLOUD_PATCHES", ""),
    }
    return Service(
        name="ministack",
        command=(str(cloud_python(instance.project)), "-m", "dev.cloud.ministack"),
        environment=environment,
        port=instance.port,
        health_path="/_ministack/ready",
    )
