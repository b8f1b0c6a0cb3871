"""The addresses of a running local cloud: `up` writes them, tests and the demo read them."""

import json
import os
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Self

from dev.cloud.instance import REGION, Instance, instance_from
from dev.cloud.simulators import SIMULATORS

_AWS_API = re.compile(
    r"https://(?P<id>[a-z0-9]+)\.execute-api\.[a-z0-9-]+\.amazonaws\.com/(?P<stage>[^/]+)/?"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoints:
    """
    What a client needs to use the local cloud; a value that no stack has put out is empty.

    URLs have no slash at the end. `simulators` holds their addresses by name; in the file each is a
    value of its own, as `runway_url`. `outputs` holds every stack's outputs as deployed.
    """

    api_url: str
    user_pool_id: str
    user_pool_client_id: str
    region: str
    aws_endpoint_url: str
    simulators: Mapping[str, str]
    outputs: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @classmethod
    def load(cls, path: Path | None = None) -> Self:
        """
        Read `path`, else the file `ECHOES_ENDPOINTS` names, else that of `ECHOES_PORT`.

        Raises FileNotFoundError when no cloud is up.
        """
        named = os.environ.get("ECHOES_ENDPOINTS")
        file = path or (Path(named) if named else instance_from().endpoints)
        values = json.loads(file.read_text())
        simulators = {each.name: values.pop(f"{each.name}_url") for each in SIMULATORS}
        return cls(simulators=simulators, **values)

    def save(self, path: Path) -> None:
        """Write the file in one step: a reader sees the old one or the new one, never half."""
        path.parent.mkdir(parents=True, exist_ok=True)
        values = asdict(self)
        values.update({f"{name}_url": url for name, url in values.pop("simulators").items()})
        partial = path.with_suffix(f".{os.getpid()}.partial")
        partial.write_text(json.dumps(values, indent=2) + "\n")
        partial.replace(path)


def endpoints_of(instance: Instance, outputs: Mapping[str, Mapping[str, str]]) -> Endpoints:
    """
    Return the endpoints of deployed stacks.

    The stacks name `ApiUrl` (API Gateway's own URL, turned into the local one), `UserPoolId` and
    `UserPoolClientId` among their outputs.
    """
    flat = {key: value for stack in outputs.values() for key, value in stack.items()}
    return Endpoints(
        api_url=local_api_url(flat.get("ApiUrl", ""), instance.aws_endpoint_url),
        user_pool_id=flat.get("UserPoolId", ""),
        user_pool_client_id=flat.get("UserPoolClientId", ""),
        region=REGION,
        aws_endpoint_url=instance.aws_endpoint_url,
        simulators={each.name: each.url(instance) for each in SIMULATORS},
        outputs={name: dict(values) for name, values in outputs.items()},
    )


def local_api_url(url: str, endpoint: str) -> str:
    """Return the local address of a REST API's stage; any other URL stays as it is."""
    found = _AWS_API.fullmatch(url)
    if found is None:
        return url.rstrip("/")
    return f"{endpoint}/_aws/execute-api/{found['id']}/{found['stage']}"
