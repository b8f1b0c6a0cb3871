"""Times as the API writes them: ISO 8601, UTC, with ``Z``."""

import re
from datetime import UTC, datetime, timedelta
from typing import Final

RFC_3339: Final = (
    r"^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
    r"T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,6})?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$"
)


def written(at: datetime) -> str:
    """Return *at* to the millisecond."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def written_if_any(at: datetime | None) -> str | None:
    """Return *at* as `written`, if there is one."""
    return None if at is None else written(at)


def offset_minutes(at: datetime) -> int:
    """Return the minutes from UTC to the time that *at* says."""
    return int((at.utcoffset() or timedelta()).total_seconds() / 60)


def read_time(value: object) -> object:
    """Return the time that text in the API's format names, in UTC. Raises `ValueError`."""
    if not isinstance(value, str):
        return value
    return _parsed(value).astimezone(UTC)


def read_local_time(value: object) -> object:
    """Return the time that text in the API's format names, as it says it. Raises `ValueError`."""
    return _parsed(value) if isinstance(value, str) else value


def _parsed(value: str) -> datetime:
    if not re.fullmatch(RFC_3339, value) or value.endswith("\n"):
        raise ValueError("must be a time like 2026-01-31T12:00:00Z")
    try:
        local = datetime.fromisoformat(value)
        local.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("must be a time between the years 1 and 9999") from error
    return local
