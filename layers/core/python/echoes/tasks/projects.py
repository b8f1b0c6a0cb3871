"""Scheduled sweeps of films, batches and deleted projects."""

from echoes.application.films.sweep_films import SweepFilms
from echoes.application.projects.sweep_projects import SweepProjects
from echoes.observability import logger
from echoes.tasks.assembly import log_end
from echoes.tasks.metrics import Metric, record_metric
from echoes.tasks.unexpected import log_unexpected


def sweep(*, sweep_films: SweepFilms, sweep_projects: SweepProjects) -> dict[str, int]:
    """
    Run both sweeps once; return their numbers.

    Each runs even if the other fails; an error is raised after both.
    """
    try:
        films = _films(sweep_films)
    finally:
        projects = _projects(sweep_projects)
    return films | projects


def _films(sweep_films: SweepFilms) -> dict[str, int]:
    report = sweep_films()
    numbers = {
        "films_seen": report.seen,
        "films_started": report.started,
        "films_stopped": report.stopped,
        "films_settled": report.settled,
        "film_errors": len(report.errors),
    }
    if any(numbers.values()):
        logger.info("films swept", extra={**numbers, "error_names": sorted(set(report.errors))})
    log_unexpected(report)
    for settlement in report.settlements:
        log_end(settlement)
    for name, value in (
        (Metric.SWEEP_STARTED, report.started),
        (Metric.SWEEP_SETTLED, report.settled),
        (Metric.SWEEP_ERRORS, len(report.errors)),
    ):
        if value:
            record_metric(name, value)
    return numbers


def _projects(sweep_projects: SweepProjects) -> dict[str, int]:
    report = sweep_projects()
    numbers = {
        "batches_finished": report.finished,
        "projects_erased": report.erased,
        "projects_waiting": report.waiting,
        "errors": len(report.errors),
    }
    if any(numbers.values()):
        logger.info("projects swept", extra={**numbers, "error_names": sorted(set(report.errors))})
    log_unexpected(report)
    if report.errors:
        record_metric(Metric.PROJECT_SWEEP_ERRORS, len(report.errors))
    return numbers
