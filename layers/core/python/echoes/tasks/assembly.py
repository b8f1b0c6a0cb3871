"""
The tasks of `infra/workflows/assembly.asl.json`.

As for clips, a refusal is a result: the workflow goes on from it to the failure that people see.
Only what may be repeated is raised, and what ends the rendering of several segments.
"""

import json
from collections.abc import Mapping

from aws_lambda_powertools.metrics import MetricUnit

from echoes.application.films.join_film import JoinFilm
from echoes.application.films.plan_film import PlanFilm
from echoes.application.films.render_segments import RenderSegments
from echoes.application.films.settle_film import SettledFilm, SettleFilm
from echoes.domain.error_catalogue import ErrorCode
from echoes.domain.errors import FilmUnsound, FootageRefused, InvalidRequest, MusicGone, Rejected
from echoes.observability import logger
from echoes.tasks.assembly_payloads import (
    AssemblyResult,
    FilmPayload,
    JoinPayload,
    PlanPayload,
    RenderPayload,
    SettleFilmPayload,
    assembly_result,
)
from echoes.tasks.metrics import Metric, record_metric
from echoes.tasks.recovery import ENDED_BADLY, ExecutionEvent


def plan(event: Mapping[str, object], *, plan_film: PlanFilm) -> AssemblyResult:
    """Return what must be encoded before the film can be joined; see `PlanFilm`."""
    payload = PlanPayload.model_validate(event)
    try:
        missing = plan_film(payload.film.ref)
    except Rejected as error:
        return _refused("plan", error)
    batches = [list(batch) for batch in missing.batches]
    logger.info("film planned", extra={"missing": sum(map(len, batches)), "total": missing.total})
    return assembly_result(
        "missing" if batches else "ready",
        round_=payload.round + 1,
        batches=batches,
        total=missing.total,
    )


def render(event: Mapping[str, object], *, render_segments: RenderSegments) -> AssemblyResult:
    """Encode some segments; a refusal is raised, because it ends the others as well."""
    payload = RenderPayload.model_validate(event)
    try:
        render_segments(payload.film.ref, payload.keys, total=payload.total)
    except Rejected as error:
        _refused("render", error)
        raise
    logger.info("segments rendered", extra={"segments": len(payload.keys)})
    return assembly_result("rendered")


def join(event: Mapping[str, object], *, join_film: JoinFilm) -> AssemblyResult:
    """Write and verify the file; see `JoinFilm`."""
    payload = JoinPayload.model_validate(event)
    try:
        media = join_film(payload.film.ref)
    except FilmUnsound as error:
        logger.error("film verification failed", extra={"faults": str(error)})
        record_metric(Metric.FILM_UNSOUND)
        return assembly_result("failed", error_code=ErrorCode.FILM_FAILED)
    except Rejected as error:
        return _refused("join", error)
    logger.info("film joined", extra={"bytes": media.bytes, "frames": media.frames})
    record_metric(Metric.JOIN_SECONDS, media.assembly_seconds, unit=MetricUnit.Seconds)
    return assembly_result("joined")


def settle(event: Mapping[str, object], *, settle_film: SettleFilm) -> AssemblyResult:
    """End the film; see `SettleFilm`."""
    payload = SettleFilmPayload.model_validate(event)
    log_end(settle_film(payload.film.ref, failure=payload.failure))
    return assembly_result("settled", error_code=payload.failure)


def stopped(event: Mapping[str, object], *, settle_film: SettleFilm) -> bool:
    """Settle the film of a stopped execution; return whether the event was about one of ours."""
    detail = ExecutionEvent.model_validate(event).detail
    if detail.status not in ENDED_BADLY or detail.input is None:
        return False
    film = FilmPayload.model_validate(json.loads(detail.input))
    if film.correlation_id is not None:
        logger.set_correlation_id(film.correlation_id)
    logger.warning("execution ended abnormally", status=detail.status, film_id=film.film_id)
    # A film that was already verified is completed: only the last step is missing.
    log_end(settle_film(film.ref))
    return True


def log_end(settled: SettledFilm) -> None:
    """Log and count the end of a film, once: not when it had ended before."""
    film = settled.film
    if not settled.first:
        return
    if film.error_code is None:
        logger.info("film completed", extra={"film_id": film.film_id, "clips": len(film.clips)})
        record_metric(Metric.FILM_COMPLETED)
    else:
        logger.warning(
            "film failed", extra={"film_id": film.film_id, "error_code": film.error_code}
        )
        record_metric(Metric.FILM_FAILED)


def _refused(step: str, error: Rejected) -> AssemblyResult:
    logger.warning("step refused", step=step, error=type(error).__name__, reason=_reason(error))
    gone = isinstance(error, MusicGone)
    return assembly_result(
        "failed", error_code=ErrorCode.MUSIC_GONE if gone else ErrorCode.FILM_FAILED
    )


def _reason(error: Rejected) -> str | None:
    """Return our keyword for a refusal: its message may quote what people wrote."""
    match error:
        case FootageRefused():
            return error.reason
        case InvalidRequest():
            return error.field
        case _:
            return None
