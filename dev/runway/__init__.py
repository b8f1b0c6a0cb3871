"""A simulator of Runway's developer API, strict in what it takes and able to fail on demand."""

from dev.runway.settings import EXAMPLE_API_KEY, Settings
from dev.runway.simulator import RunwaySimulator, data_uri

__all__ = ["EXAMPLE_API_KEY", "RunwaySimulator", "Settings", "data_uri"]
