"""
The providers of video that have an API, as data: one entry each.

From an entry follow the secret of the API key, its output, the environment variables of every
function that may call providers, and their right to read the key. Still motion has no entry: it is
our own code.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderSpec:
    """
    One provider.

    A value may be given as context when the stacks are synthesised, under the variable's name in
    lower case: `-c runway_model=…`.
    """

    name: str
    """As attempts store it. `<name>-api-key` is the secret, `<NAME>_SECRET_ARN` its variable."""

    title: str
    """What people call it. Ids of constructs are made of it, so it is a contract once deployed."""

    variables: Mapping[str, str]
    """The environment variables that say how it is called, with their values on AWS."""

    local_variables: Mapping[str, str]
    """Those that differ on the local cloud: where its simulator is."""

    why_no_rotation: str
    """Why its key is replaced by hand."""

    @property
    def secret_variable(self) -> str:
        """The environment variable that names the secret."""
        return f"{self.name.upper()}_SECRET_ARN"


PROVIDERS: Final = (
    ProviderSpec(
        name="runway",
        title="Runway",
        variables={
            # That host is Runway's production address.
            "RUNWAY_URL": "https://api.dev.runwayml.com",
            "RUNWAY_MODEL": "gen4_turbo",
        },
        local_variables={"RUNWAY_URL": "http://127.0.0.1:4567"},
        why_no_rotation="Runway issues keys in its console; there is no API to rotate them.",
    ),
)
