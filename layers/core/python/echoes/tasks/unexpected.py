"""Logs unexpected errors for operators."""

from traceback import format_tb

from echoes.application.sweeps import SweepRun
from echoes.observability import logger


def log_unexpected(report: SweepRun) -> None:
    """Log the type and place of each error; not its message, which may quote people."""
    for surprise in report.unexpected:
        logger.error(
            "unexpected sweep error",
            extra={
                "about": surprise.about,
                "error": type(surprise.error).__name__,
                "raised_at": format_tb(surprise.error.__traceback__),
            },
        )
