"""One simulator a module, emptied before each test."""

from collections.abc import Iterator

import pytest
import stripe

from dev.simulators.stripe.simulator import StripeSimulator
from tests.support.stripe_simulator import Receiver, client_of


@pytest.fixture(scope="module")
def running() -> Iterator[StripeSimulator]:
    with StripeSimulator() as simulator:
        yield simulator


@pytest.fixture
def sim(running: StripeSimulator) -> StripeSimulator:
    running.set_webhook(None)
    running.reset()
    running.add_price("price_p1000", name="1000 credits", unit_amount=4999)
    return running


@pytest.fixture
def sdk(sim: StripeSimulator) -> stripe.StripeClient:
    return client_of(sim.url, sim.api_key)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as endpoint:
        yield endpoint
