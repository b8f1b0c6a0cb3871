"""Logs unexpected errors for operators."""

from traceback import format_tb

from echoes.application.sweeps import SweepRun
from echoes.observability import logger


def log_unexpected(report: SweepRun) -> None:
    """Log what each one is and where it was raised; not its words, which may be people's."""
    for surprise in report.unexpected:
        logger.error(
            "unexpected sweep error",
            extra={
                "about": surprise.about,
                "error": type(surprise.error).__name__,
                "raised_at": format_tb(surprise.error.__traceback__),
            },
        )
