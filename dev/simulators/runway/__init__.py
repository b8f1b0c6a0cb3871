"""A simulator of Runway's developer API, strict in what it takes and able to fail on demand."""

from dev.simulators.runway.settings import EXAMPLE_API_KEY, Settings
from dev.simulators.runway.simulator import RunwaySimulator, data_uri

__all__ = ["EXAMPLE_API_KEY", "RunwaySimulator", "Settings", "data_uri"]
