"""What can be set about the simulator, at the start and over the control endpoint."""

from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

from dev.simulators.runway.clock import MAX_SPEED
from dev.simulators.runway.media.rendering import RenderMode

EXAMPLE_API_KEY: Final = "key_" + "0" * 128
"""A well-formed key that opens nothing but the simulator."""


class Settings(BaseModel):
    """
    How fast, how generous and how strict the provider is.

    Seconds are provider seconds: a task takes about `median_seconds / speed` real ones. Output
    links live `output_ttl_seconds` real seconds. `api_key` None admits every well-formed key,
    `entitled` None every model, `daily_limit` None any number of tasks.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    speed: Annotated[float, Field(ge=0.01, le=MAX_SPEED)] = 20.0
    concurrency: Annotated[int, Field(ge=1, le=1000)] = 5
    credits: Annotated[int, Field(ge=0)] = 1_000_000
    daily_limit: Annotated[int, Field(ge=0)] | None = 1000
    entitled: frozenset[str] | None = None
    api_key: str | None = None
    median_seconds: Annotated[float, Field(ge=0, le=36_000)] = 40.0
    spread: Annotated[float, Field(ge=0, le=3)] = 0.35
    output_ttl_seconds: Annotated[float, Field(ge=0)] = 24 * 3600.0
    render: RenderMode = RenderMode.MOVING
    on_behalf_of_required: bool = False
    random_seed: int | None = None
