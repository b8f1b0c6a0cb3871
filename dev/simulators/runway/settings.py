"""What can be set about the simulator, at the start and over the control endpoint."""

from dataclasses import dataclass
from typing import Final

from dev.simulators.runway.media.rendering import RenderMode

EXAMPLE_API_KEY: Final = "key_" + "0" * 128
"""A well-formed key that opens nothing but the simulator."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """
    The provider's temper.

    Seconds are provider seconds: a task takes about `median_seconds / speed` real ones. Output
    links live `output_ttl_seconds` real seconds. `api_key` None admits every well-formed key,
    `entitled` None every model, `daily_limit` None any number of tasks.
    """

    speed: float = 20.0
    concurrency: int = 5
    credits: int = 1_000_000
    daily_limit: int | None = 1000
    entitled: frozenset[str] | None = None
    api_key: str | None = None
    median_seconds: float = 40.0
    spread: float = 0.35
    output_ttl_seconds: float = 24 * 3600.0
    render: RenderMode = RenderMode.MOVING
    on_behalf_of_required: bool = False
    random_seed: int | None = None
