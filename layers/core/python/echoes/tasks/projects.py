"""Scheduled sweeps of films, batches and deleted projects."""

from echoes.application.films.sweep_films import LookAfterFilms
from echoes.application.projects.sweep_projects import TidyProjects
from echoes.observability import logger
from echoes.tasks.assembly import tell_end
from echoes.tasks.metrics import Measure, measure
from echoes.tasks.unexpected import tell_surprises


def care(*, look_after_films: LookAfterFilms, tidy_projects: TidyProjects) -> dict[str, int]:
    """
    Do one round of both; return their numbers.

    Each is done whatever becomes of the other; what one raised is raised after both.
    """
    try:
        films = sweep_films(look_after_films=look_after_films)
    finally:
        tidied = tidy(tidy_projects=tidy_projects)
    return films | tidied


def sweep_films(*, look_after_films: LookAfterFilms) -> dict[str, int]:
    """Do one round of `LookAfterFilms`; return its numbers."""
    report = look_after_films()
    numbers = {
        "films_seen": report.seen,
        "films_started": report.started,
        "films_stopped": report.stopped,
        "films_settled": report.settled,
        "film_errors": len(report.errors),
    }
    if any(numbers.values()):
        logger.info("films swept", extra={**numbers, "error_names": sorted(set(report.errors))})
    tell_surprises(report)
    for settlement in report.settlements:
        tell_end(settlement)
    for name, value in (
        (Measure.SWEEP_STARTED, report.started),
        (Measure.SWEEP_SETTLED, report.settled),
        (Measure.SWEEP_ERRORS, len(report.errors)),
    ):
        if value:
            measure(name, value)
    return numbers


def tidy(*, tidy_projects: TidyProjects) -> dict[str, int]:
    """Do one round of `TidyProjects`; return its numbers."""
    report = tidy_projects()
    numbers = {
        "batches_finished": report.finished,
        "projects_erased": report.erased,
        "projects_waiting": report.waiting,
        "errors": len(report.errors),
    }
    if any(numbers.values()):
        logger.info("projects swept", extra={**numbers, "error_names": sorted(set(report.errors))})
    tell_surprises(report)
    if report.errors:
        measure(Measure.PROJECT_SWEEP_ERRORS, len(report.errors))
    return numbers
