"""What an alarm is: a metric, a threshold, and what it means when it rings."""

from dataclasses import dataclass
from enum import StrEnum

from infra.metrics import NAMESPACE


class Source(StrEnum):
    """Who writes a metric: the namespace it is written to."""

    ECHOES = NAMESPACE
    LAMBDA = "AWS/Lambda"
    QUEUES = "AWS/SQS"
    WORKFLOWS = "AWS/States"
    API = "AWS/ApiGateway"
    TABLES = "AWS/DynamoDB"
    LOGS = "AWS/Logs"


class Silence(StrEnum):
    """What it means that a metric has no data."""

    FINE = "notBreaching"
    ALARMING = "breaching"


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """A metric as a percentage of the sum of others, once that sum is above *fewest*."""

    of: tuple[str, ...]
    fewest: int = 0
    plain_threshold: float | None = None
    """The threshold of the plain metric where alarms cannot compute; None is no alarm there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmSpec:
    """
    One alarm: it rings when the metric is over the threshold, or below it when *below* is set.

    *subject* names what the metric is about: a function, queue, workflow, table or the API.
    """

    name: str
    source: Source
    metric: str
    subject: str
    threshold: float
    meaning: str
    statistic: str = "Sum"
    minutes: int = 1
    periods: int = 1
    of_periods: int | None = None
    """Among how many periods; as many as *periods* unless it is given."""

    below: bool = False
    silence: Silence = Silence.FINE
    share: Share | None = None
