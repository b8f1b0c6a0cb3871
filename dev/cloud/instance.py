"""Where one local cloud lives: its ports and its directories, so that two never meet."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

DEFAULT_PORT = 4566
PROJECT = Path(__file__).resolve().parents[2]
REGION = "us-east-1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Instance:
    """
    The ports and paths of the cloud whose first port is `port`.

    The default port's home is `.local/`; another's is `.local/<port>/`. A home holds
    `endpoints.json`, and `cloud/` with everything that `reset` deletes.
    """

    port: int
    local: Path
    project: Path = PROJECT

    @property
    def home(self) -> Path:
        """The directory of this cloud alone."""
        return self.local if self.port == DEFAULT_PORT else self.local / str(self.port)

    @property
    def cloud(self) -> Path:
        """State, logs and caches; `reset` deletes it."""
        return self.home / "cloud"

    @property
    def endpoints(self) -> Path:
        """The file that tests and the demo read."""
        return self.home / "endpoints.json"

    @property
    def supervisor(self) -> Path:
        """The record of the supervisor and of the processes it owns."""
        return self.cloud / "processes.json"

    @property
    def logs(self) -> Path:
        """One file a service, and the supervisor's own."""
        return self.cloud / "logs"

    @property
    def assembly(self) -> Path:
        """The synthesised stacks."""
        return self.cloud / "cdk.out"

    @property
    def aws_endpoint_url(self) -> str:
        """The address of every AWS service."""
        return f"http://127.0.0.1:{self.port}"


def instance_from(environment: Mapping[str, str] = os.environ) -> Instance:
    """
    Return the place that `ECHOES_PORT` (4566) and `ECHOES_LOCAL` (`.local`) name.

    Raises ValueError for a port that leaves no room for the simulators' ports.
    """
    port = int(environment.get("ECHOES_PORT", str(DEFAULT_PORT)))
    if not 1024 <= port <= 65_000:  # noqa: PLR2004  # unprivileged, with room above
        raise ValueError(f"ECHOES_PORT must be between 1024 and 65000, not {port}")
    local = Path(environment.get("ECHOES_LOCAL", PROJECT / ".local")).resolve()
    return Instance(port=port, local=local)
