"""
The endpoints under `/_control/`: what a test sets, breaks and asserts. No authentication.

Each simulator has its own table of them; this is what the tables share.
"""

import json
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Final, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from dev.simulators.core.faults import MAX_QUEUED
from dev.simulators.core.request import Request

PREFIX: Final = "/_control/"

Count = Annotated[int, Field(ge=1, le=MAX_QUEUED)]
"""How many of the next requests or events are meant."""

Settings = TypeVar("Settings", bound=BaseModel)
Endpoint = Callable[[Request], object]


class Body(BaseModel):
    """The body of a control request; an unknown field is a mistake."""

    model_config = ConfigDict(extra="forbid")


class FaultOrder(Body):
    """A fault for the next requests of an operation."""

    fault: str
    count: Count = 1


def changed(settings: Settings, changes: Mapping[str, Any]) -> Settings:
    """Return other settings; raise `ValidationError` for names and values that cannot be."""
    return type(settings).model_validate({**settings.model_dump(), **changes})


def json_object(request: Request) -> dict[str, Any]:
    """Return the JSON object in a body; raise `ValueError` for anything else."""
    found = json.loads(request.body)
    if not isinstance(found, dict):
        raise ValueError("the body must be a JSON object")  # noqa: TRY004  # a 400, like its kin
    return found
