"""One simulator a module, emptied before each test."""

from collections.abc import Iterator

import pytest
from runwayml import RunwayML

from dev.simulators.runway import RunwaySimulator
from tests.support.runway_simulator import FAST, strict_client


@pytest.fixture(scope="module")
def running() -> Iterator[RunwaySimulator]:
    with RunwaySimulator(FAST) as simulator:
        yield simulator


@pytest.fixture
def runway(running: RunwaySimulator) -> RunwaySimulator:
    running.reset()
    return running


@pytest.fixture
def sdk(runway: RunwaySimulator) -> Iterator[RunwayML]:
    with strict_client(runway) as client:
        yield client
