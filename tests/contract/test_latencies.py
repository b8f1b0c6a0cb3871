"""Run times are remembered, the latest fifty."""

import pytest
from pynamodb.connection import Connection

from dev.fakes.clips import InMemoryLatencies
from echoes.adapters.dynamodb.clips.latencies import DynamoLatencies
from echoes.application.ports.clips import Latencies
from tests.support.factories import an_id
from tests.support.storage import RECORDS


@pytest.fixture(params=["fake", "dynamodb"])
def latencies(request: pytest.FixtureRequest) -> Latencies:
    if request.param == "fake":
        return InMemoryLatencies()
    connection: Connection = request.getfixturevalue("connection")
    return DynamoLatencies(RECORDS, connection)


def test_of_an_unknown_provider_nothing_is_remembered(latencies: Latencies) -> None:
    """Before the first run there is nothing to guess from."""
    assert list(latencies.recent(an_id(), 5)) == []


def test_providers_and_lengths_are_remembered_apart(latencies: Latencies) -> None:
    """A long clip's time says nothing of a short one's, nor one provider's of another's."""
    one, other = an_id(), an_id()
    latencies.record(one, 5, 31.25)
    latencies.record(one, 5, 0.1 + 0.2)
    latencies.record(one, 10, 60)
    latencies.record(other, 5, 2.5)

    assert sorted(latencies.recent(one, 5)) == [0.1 + 0.2, 31.25]
    assert list(latencies.recent(one, 10)) == [60.0]
    assert list(latencies.recent(other, 5)) == [2.5]


def test_only_the_latest_fifty_are_remembered(latencies: Latencies) -> None:
    """The list is bounded, and what it forgets is the oldest."""
    provider = an_id()
    for number in range(60):
        latencies.record(provider, 5, float(number))

    assert sorted(latencies.recent(provider, 5)) == [float(number) for number in range(10, 60)]
