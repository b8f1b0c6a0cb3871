"""Links to files, and how long they are valid."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

LINK_LIFETIME: Final = timedelta(seconds=3600)
"""The product's number for signed links (SE4)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipLink:
    """Where the file can be fetched until ``expires_at``."""

    url: str
    expires_at: datetime
    watermarked: bool
