"""
The tasks of `infra/workflows/generation.asl.json`.

A refusal is a result, because the workflow continues from it, to the release. Errors that may be
repeated are raised, and so is `SubmissionUnknown`, which must not be repeated. Step Functions
matches them by name.
"""

from collections.abc import Mapping

from aws_lambda_powertools.metrics import MetricUnit

from echoes.application.generation.finish_clip import FinishClip
from echoes.application.generation.outcomes import Arrived, Failed, Waiting, failed
from echoes.application.generation.poll_clip import PollClip
from echoes.application.generation.settle_clip import SettleClip, Settled
from echoes.application.generation.submit_clip import ProviderOffer, SubmitClip
from echoes.domain.errors import ProviderBusy, Rejected, SubmissionUnknown
from echoes.observability import logger
from echoes.tasks.metrics import Metric, log_drift, record_metric
from echoes.tasks.payloads import (
    FinishPayload,
    PollPayload,
    SettlePayload,
    StepResult,
    SubmitPayload,
    plain_result,
    step_result,
)


def submit(event: Mapping[str, object], *, submit_clip: SubmitClip, scale: float) -> StepResult:
    """Submit the attempt to its provider; see `SubmitClip`."""
    payload = SubmitPayload.model_validate(event)
    outcome: Waiting | Failed
    try:
        outcome = submit_clip(payload.attempt.ref, offer=payload.offer)
    except ProviderBusy:
        record_metric(Metric.PROVIDER_BUSY)
        raise
    except SubmissionUnknown:
        logger.error("submission outcome unknown", offer=payload.offer)
        record_metric(Metric.SUBMISSION_UNKNOWN)
        raise
    except Rejected as error:
        outcome = failed(error)
    if isinstance(outcome, Failed):
        _log_failure("submit", outcome)
    else:
        logger.info("clip submitted", offer=payload.offer, first_wait_seconds=outcome.seconds)
        record_metric(Metric.CLIP_SUBMITTED)
        if payload.offer is ProviderOffer.FALL_BACK:
            record_metric(Metric.FELL_BACK)
    return step_result(outcome, scale=scale)


def poll(event: Mapping[str, object], *, poll_clip: PollClip, scale: float) -> StepResult:
    """Ask the provider for the attempt's progress; see `PollClip`."""
    payload = PollPayload.model_validate(event)
    outcome: Waiting | Arrived | Failed
    try:
        outcome = poll_clip(payload.attempt.ref, payload.watch)
    except Rejected as error:
        outcome = failed(error)
    if isinstance(outcome, Failed):
        _log_failure("poll", outcome)
        _record_cost(outcome.provider_cost)
    elif isinstance(outcome, Arrived):
        _record_arrival(outcome)
        log_drift(outcome.drift)
    else:
        log_drift(outcome.drift)
    return step_result(outcome, scale=scale)


def finish(event: Mapping[str, object], *, finish_clip: FinishClip) -> StepResult:
    """Fetch the result and finish the clip; see `FinishClip`."""
    payload = FinishPayload.model_validate(event)
    try:
        media = finish_clip(payload.attempt.ref)
    except Rejected as error:
        outcome = failed(error)
        _log_failure("finish", outcome)
        return plain_result("failed", error_code=outcome.error_code)
    logger.info("clip finished", bytes=media.bytes, frames=media.frames)
    return plain_result("finished")


def settle(event: Mapping[str, object], *, settle_clip: SettleClip) -> StepResult:
    """End the attempt and settle its hold; see `SettleClip`."""
    payload = SettlePayload.model_validate(event)
    log_settlement(settle_clip(payload.attempt.ref, failure=payload.failure))
    return plain_result("settled", error_code=payload.failure)


def log_settlement(settled: Settled) -> None:
    """Log and count a settlement once: not if it was done before."""
    attempt = settled.clip.attempt
    if not settled.first:
        return
    log_drift(settled.drift)
    keys = {"attempt_id": attempt.attempt_id, "provider": attempt.provider}
    if attempt.error_code is None:
        logger.info("clip completed", extra=keys)
        record_metric(Metric.CLIP_COMPLETED, provider=attempt.provider)
        record_metric(Metric.CREDITS_CAPTURED, attempt.credits)
    else:
        logger.warning("clip failed", extra={**keys, "error_code": attempt.error_code})
        record_metric(Metric.CLIP_FAILED, error_code=attempt.error_code)
        record_metric(Metric.CREDITS_RELEASED, attempt.credits)


def _record_arrival(arrived: Arrived) -> None:
    logger.info("provider finished", polls=arrived.polls, run_seconds=arrived.run_seconds)
    record_metric(Metric.POLLS_PER_CLIP, arrived.polls)
    seconds = MetricUnit.Seconds
    if arrived.gap_seconds is not None:
        record_metric(Metric.DETECTION_DELAY_SECONDS, arrived.gap_seconds, unit=seconds)
    if arrived.run_seconds is not None:
        record_metric(Metric.PROVIDER_SECONDS, arrived.run_seconds, unit=seconds)
    _record_cost(arrived.provider_cost)


def _record_cost(cost: int | None) -> None:
    if cost is not None:
        record_metric(Metric.PROVIDER_COST, cost)


def _log_failure(step: str, outcome: Failed) -> None:
    logger.warning("step refused", step=step, error_code=outcome.error_code, detail=outcome.detail)
