"""
Metrics in embedded metric format are taken out of a function's log lines.

Upstream: log lines in embedded metric format create no metric.

AWS: CloudWatch extracts the metrics of such lines (CloudWatch User Guide, "Embedding metrics within
logs").

Mended upstream when these pass in `tests/integration/cloud/` with `ECHOES_CLOUD_PATCHES=-metrics`:

* `test_functions.py::test_embedded_metrics_become_metrics`
"""

import importlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import wraps
from typing import Any

from dev.cloud.patches.patch import Patch, Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Datum:
    """One value of one metric under one set of dimensions."""

    namespace: str
    name: str
    value: float
    unit: str
    dimensions: dict[str, str]


def embedded(line: str) -> Iterator[Datum]:
    """
    Yield the metrics in a log line; nothing for any other line, malformed ones included.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
    """
    start = line.find("{")
    if start < 0 or '"_aws"' not in line:
        return
    try:
        record = json.loads(line[start:])
        directives = record["_aws"]["CloudWatchMetrics"]
    except (ValueError, KeyError, TypeError):
        return
    for directive in directives:
        for names in directive.get("Dimensions") or [[]]:
            dimensions = {name: str(record[name]) for name in names if name in record}
            for metric in directive.get("Metrics", []):
                values = record.get(metric["Name"], [])
                for value in values if isinstance(values, list) else [values]:
                    yield Datum(
                        namespace=directive["Namespace"],
                        name=metric["Name"],
                        value=float(value),
                        unit=metric.get("Unit", "None"),
                        dimensions=dimensions,
                    )


def _apply() -> None:
    lambdas: Any = importlib.import_module("ministack.services.lambda_svc")
    emit = lambdas._emit_lambda_logs

    @wraps(emit)
    def emit_and_extract(
        func: dict[str, Any], request_id: str, log_text: str, *more: object, **named: object
    ) -> None:
        emit(func, request_id, log_text, *more, **named)
        found = [datum for line in (log_text or "").splitlines() for datum in embedded(line)]
        if not found:
            return
        cloudwatch: Any = importlib.import_module("ministack.services.cloudwatch")
        for datum in found:
            cloudwatch.record_metric(
                datum.namespace, datum.name, datum.value, datum.unit, datum.dimensions
            )
        cloudwatch._evaluate_all_alarms()

    lambdas._emit_lambda_logs = emit_and_extract


PATCH = Patch(
    name="metrics",
    reason="log lines in embedded metric format create no metric",
    sources=(
        Source("ministack.services.lambda_svc:_emit_lambda_logs", "111efbf06968bb20"),
        Source("ministack.services.cloudwatch:record_metric", "7f777bfbe523a0c5"),
        Source("ministack.services.cloudwatch:_evaluate_all_alarms", "f83f88e57f1ccfc9"),
    ),
    apply=_apply,
)
