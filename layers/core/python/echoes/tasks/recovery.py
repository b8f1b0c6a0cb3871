"""Scheduled sweeps, and executions that ended without settling."""

import json
from collections.abc import Mapping
from typing import Final

from pydantic import BaseModel, ConfigDict, Field

from echoes.application.generation.settle_stopped_attempt import SettleStoppedAttempt
from echoes.application.generation.sweep_clips import SweepClips
from echoes.observability import logger
from echoes.tasks.generation import log_settlement
from echoes.tasks.metrics import Metric, record_metric
from echoes.tasks.payloads import AttemptPayload
from echoes.tasks.unexpected import log_unexpected

ENDED_BADLY: Final = frozenset({"FAILED", "TIMED_OUT", "ABORTED"})


class ExecutionDetail(BaseModel):
    """The detail of the event. ``input`` is the text that the execution was started with."""

    model_config = ConfigDict(frozen=True)

    status: str
    input: str | None = None


class ExecutionEvent(BaseModel):
    """``Step Functions Execution Status Change``."""

    model_config = ConfigDict(frozen=True)

    detail_type: str = Field(alias="detail-type", default="")
    detail: ExecutionDetail


def sweep(*, sweep_clips: SweepClips) -> dict[str, int]:
    """Run `SweepClips` once; return its numbers."""
    report = sweep_clips()
    numbers = {
        "seen": report.seen,
        "started": report.started,
        "stopped": report.stopped,
        "settled": report.settled,
        "holds_returned": report.holds_released,
        "errors": len(report.errors),
    }
    if any(numbers.values()):
        logger.info("clips swept", extra={**numbers, "error_names": sorted(set(report.errors))})
    log_unexpected(report)
    for settlement in report.settlements:
        log_settlement(settlement)
    for name, value in (
        (Metric.SWEEP_STARTED, report.started),
        (Metric.SWEEP_SETTLED, report.settled),
        (Metric.SWEEP_ERRORS, len(report.errors)),
        (Metric.HOLDS_RETURNED, report.holds_released),
    ):
        if value:
            record_metric(name, value)
    return numbers


def stopped(event: Mapping[str, object], *, settle_stopped: SettleStoppedAttempt) -> bool:
    """
    Settle the attempt of a stopped execution; return whether it was one.

    EventBridge may omit a long input; such an execution is left to the sweep.
    """
    detail = ExecutionEvent.model_validate(event).detail
    if detail.status not in ENDED_BADLY or detail.input is None:
        return False
    attempt = AttemptPayload.model_validate(json.loads(detail.input))
    if attempt.correlation_id is not None:
        logger.set_correlation_id(attempt.correlation_id)
    logger.warning(
        "execution ended abnormally", status=detail.status, attempt_id=attempt.attempt_id
    )
    log_settlement(settle_stopped(attempt.ref))
    return True
