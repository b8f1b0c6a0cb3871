"""What operators see: an alarm for every way of failing."""

import re
from pathlib import Path
from typing import Any

from echoes.tasks.metrics import NAMESPACE as WRITTEN_NAMESPACE
from echoes.tasks.metrics import Metric
from infra.alarms import alarms
from infra.alarms.spec import Source
from infra.functions import FUNCTION_NAMED, FUNCTIONS
from infra.metrics import NAMESPACE, WRITTEN_BY
from tests.support.templates import Synthesised

PROJECT = Path(__file__).parents[2]


def alarms_of(environment: Synthesised) -> dict[str, dict[str, Any]]:
    return {
        alarm["AlarmName"].split("-", 2)[2]: alarm
        for alarm in environment["Operations"].of("AWS::CloudWatch::Alarm").values()
    }


def test_every_function_is_watched(anywhere: Synthesised) -> None:
    """Requirement 10: errors, throttles and slowness of each; dead letters where there are any."""
    alarms = alarms_of(anywhere)
    for spec in FUNCTIONS:
        for failure in ("errors", "throttles", "slow"):
            assert f"{spec.name}-{failure}" in alarms
        assert (f"{spec.name}-dead-letters" in alarms) == spec.asynchronous


def test_every_alarm_says_what_silence_means_and_tells_somebody(anywhere: Synthesised) -> None:
    """Requirement 10: explicit missing data, an action, and words a person can act on."""
    for name, alarm in alarms_of(anywhere).items():
        assert alarm["TreatMissingData"] in {"notBreaching", "breaching"}, name
        assert alarm["AlarmActions"], name
        assert len(alarm["AlarmDescription"]) > 15, name


def test_a_sweep_that_does_not_run_is_noticed(anywhere: Synthesised) -> None:
    """Its silence is the alarm."""
    for name in ("sweep-absent", "project-sweep-absent"):
        assert alarms_of(anywhere)[name]["TreatMissingData"] == "breaching"


def test_slow_means_close_to_the_timeout(on_aws: Synthesised) -> None:
    """p99 over 80 % of what the function may take, in milliseconds."""
    alarms = alarms_of(on_aws)
    for spec in FUNCTIONS:
        alarm = alarms[f"{spec.name}-slow"]
        assert alarm["ExtendedStatistic"] == "p99"
        assert alarm["Threshold"] == 0.8 * spec.timeout_seconds * 1000


def test_the_workflow_and_the_money_are_watched(anywhere: Synthesised) -> None:
    """Executions that end badly, submissions in doubt, holds without an execution."""
    assert {
        "generation-executionsfailed",
        "generation-executionstimedout",
        "generation-executionsaborted",
        "assembly-executionsfailed",
        "assembly-executionstimedout",
        "assembly-executionsaborted",
        "film-unsound",
        "film-sweep-errors",
        "submission-unknown",
        "holds-returned",
        "sweep-errors",
        "api-failures",
        "book-faults",
        "books-not-anchored",
        "ledger-tampered",
        "price-drift-generate-api",
        "price-drift-generate-poll",
        "price-drift-generate-settle",
    } <= set(alarms_of(anywhere))


def test_the_local_cloud_gets_no_expressions(local: Synthesised) -> None:
    """It refuses alarms on metric maths, so it gets none."""
    assert not [name for name, alarm in alarms_of(local).items() if "Metrics" in alarm]


def test_metrics_watched_are_metrics_written() -> None:
    """An alarm on a metric that is never written would never ring."""
    assert NAMESPACE == WRITTEN_NAMESPACE
    assert set(WRITTEN_BY) <= {measure.value for measure in Metric}


def test_every_metric_is_recorded_and_described() -> None:
    """A name that nobody records, or that `docs/observability.md` does not explain, is no use."""
    package = PROJECT / "layers/core/python/echoes"
    recorded = set(
        re.findall(
            r"\bMetric\.([A-Z_]+)", "".join(path.read_text() for path in package.rglob("*.py"))
        )
    )
    page = (PROJECT / "docs/observability.md").read_text()
    table = page.split("\n## Metrics\n")[1].split("\n## ")[0]
    described = {
        name
        for names in re.findall(r"^\| (`[^|]+) \|", table, re.MULTILINE)
        for name in re.findall(r"`(\w+)`", names)
    }
    assert recorded == {measure.name for measure in Metric}
    assert described == {measure.value for measure in Metric}


def test_alarms_speak_of_functions_that_there_are() -> None:
    """Requirement 10: a subject that does not exist would never ring."""
    rows = list(alarms(["credit-state"]))
    assert len({row.name for row in rows}) == len(rows)
    for row in rows:
        if row.source in {Source.ECHOES, Source.LAMBDA}:
            assert row.subject in FUNCTION_NAMED, row.name


def test_operators_have_dashboards_and_questions(on_aws: Synthesised) -> None:
    """Two dashboards, and saved queries over the logs of all functions."""
    assert len(on_aws["Operations"].of("AWS::CloudWatch::Dashboard")) == 2
    queries = on_aws["Operations"].of("AWS::Logs::QueryDefinition")
    assert len(queries) >= 5
    for query in queries.values():
        assert len(query["LogGroupNames"]) == len(FUNCTIONS)
