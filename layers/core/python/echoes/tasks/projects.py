"""What a schedule calls: look after batches and deleted projects."""

from echoes.application.tidy_projects import TidyProjects
from echoes.observability import logger
from echoes.tasks.measures import Measure, measure


def tidy(*, tidy_projects: TidyProjects) -> dict[str, int]:
    """Do one round of `TidyProjects`; return its numbers."""
    report = tidy_projects()
    numbers = {
        "batches_finished": report.finished,
        "projects_erased": report.erased,
        "errors": len(report.errors),
    }
    if any(numbers.values()):
        logger.info("tidied", extra={**numbers, "error_names": sorted(set(report.errors))})
    if report.errors:
        measure(Measure.PROJECT_SWEEP_ERRORS, len(report.errors))
    return numbers
