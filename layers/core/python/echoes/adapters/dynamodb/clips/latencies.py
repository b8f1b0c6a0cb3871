"""Run times of providers, kept in the records table: ``LATENCY#<provider>`` / ``<seconds>``."""

from typing import Any, Final

from pynamodb.attributes import ListAttribute
from pynamodb.connection import Connection
from pynamodb.exceptions import DoesNotExist, PynamoDBException

from echoes.adapters.dynamodb.attributes import FloatAttribute
from echoes.adapters.dynamodb.connection import bind
from echoes.adapters.dynamodb.failures import translated
from echoes.adapters.dynamodb.records import RecordItem
from echoes.observability import logger

LATENCY: Final = "LATENCY#"

REMEMBERED: Final = 50
"""Enough for a steady tenth percentile; old times say nothing about a provider's present load."""


class LatencyItem(RecordItem):
    """The latest run times of one provider for clips of one length, oldest first."""

    samples: ListAttribute[Any] = ListAttribute(of=FloatAttribute)


class DynamoLatencies:
    """
    The port `Latencies`: one item for each provider and length, with the latest run times.

    Appending is atomic, and cutting the list follows. Between the two, or after a crash, the item
    holds a few more than `REMEMBERED`; readers never see those.
    """

    def __init__(self, table: str, connection: Connection) -> None:
        self._model = bind(LatencyItem, table, connection)

    def recent(self, provider: str, duration_seconds: int) -> list[float]:
        """Return the latest run times in seconds; none if nothing was recorded."""
        key = (f"{LATENCY}{provider}", str(duration_seconds))
        with translated():
            try:
                item = self._model.get(*key)
            except DoesNotExist:
                return []
        return list(item.samples[-REMEMBERED:])

    def record(self, provider: str, duration_seconds: int, seconds: float) -> None:
        """Remember *seconds*; a failure is logged and otherwise ignored."""
        item = self._model(f"{LATENCY}{provider}", str(duration_seconds))
        samples = self._model.samples
        try:
            item.update(actions=[samples.set((samples | []).append([seconds]))])
            surplus = len(item.samples) - REMEMBERED
            if surplus > 0:
                item.update(actions=[samples[number].remove() for number in range(surplus)])
        except PynamoDBException as error:
            logger.warning("latency not recorded", provider=provider, reason=str(error))
