"""Logs unexpected errors for operators."""

from traceback import format_tb

from echoes.application.sweeps import SweepRun
from echoes.observability import logger


def log_unexpected(report: SweepRun) -> None:
    """Log the type and place of each error; not its message, which may quote people."""
    for unexpected in report.unexpected:
        logger.error(
            "unexpected sweep error",
            extra={
                "about": unexpected.about,
                "error": type(unexpected.error).__name__,
                "raised_at": format_tb(unexpected.error.__traceback__),
            },
        )
