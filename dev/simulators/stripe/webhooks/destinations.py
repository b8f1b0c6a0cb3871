"""Where events go: webhook endpoints with their secrets."""

import fnmatch
import ipaddress
import socket
from typing import Annotated, Final
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from dev.simulators.stripe.settings import EXAMPLE_WEBHOOK_SECRET
from dev.simulators.stripe.webhooks.events import Payload

FIRST: Final = "we_1"
"""The destination that `/_control/webhook` speaks of."""


class Destination(BaseModel):
    """
    A webhook endpoint.

    Without a `url` its events wait. Each of the `secrets` signs, as during a roll; `secret` is the
    way to write one. `events` are types, `*` stands for anything.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = FIRST
    url: str | None = None
    secrets: Annotated[tuple[str, ...], Field(min_length=1, max_length=5)] = (
        EXAMPLE_WEBHOOK_SECRET,
    )
    payload: Payload = Payload.SNAPSHOT
    events: tuple[str, ...] = ("*",)

    @model_validator(mode="before")
    @classmethod
    def _one_secret(cls, values: dict[str, object]) -> dict[str, object]:
        if "secret" in values:
            values = {**values, "secrets": [values["secret"]]}
            del values["secret"]
        return values

    @field_validator("url")
    @classmethod
    def _on_this_machine(cls, url: str | None) -> str | None:
        if url is None:
            return None
        parts = urlsplit(url)
        if parts.scheme != "http" or not parts.hostname:
            raise ValueError("the url must be http://…")
        try:
            found = socket.getaddrinfo(parts.hostname, None, type=socket.SOCK_STREAM)
        except OSError as error:
            raise ValueError(f"the host of the url is not known: {error}") from error
        if not all(ipaddress.ip_address(entry[4][0]).is_loopback for entry in found):
            raise ValueError("the url must lead to this machine")
        return url

    def takes(self, kind: str) -> bool:
        """Tell whether it has subscribed to this type of event."""
        return any(fnmatch.fnmatchcase(kind, pattern) for pattern in self.events)
