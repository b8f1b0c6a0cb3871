"""Entity tags: whether a client already has the current version."""

from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256
from typing import Final

from echoes.application.links import LINK_LIFETIME

SHAPE: Final = "1"
"""Changes whenever a response for the same resource in the same version would look different."""

LINKS_RENEWED: Final = LINK_LIFETIME / 2
"""A tag stands for the same links no longer: those of a body that gets 304 live as long again."""


def etag_of(*parts: object) -> str:
    """Return the tag of what *parts* identify: an id, its version, who looks."""
    digest = sha256("\x1f".join([SHAPE, *(str(part) for part in parts)]).encode())
    return f'"{digest.hexdigest()[:24]}"'


def renewal(links: Iterable[str | None], *, at: datetime) -> int | None:
    """
    Return the part of a tag that changes when *links* are renewed; ``None`` without any link.

    *at* must not be later than the moment at which the links were signed.
    """
    if not any(links):
        return None
    return int(at.timestamp() // LINKS_RENEWED.total_seconds())


def matches(if_none_match: str | None, etag: str) -> bool:
    """Return whether *etag* is one of those in the header, by weak comparison (RFC 9110)."""
    if if_none_match is None:
        return False
    listed = {tag.strip().removeprefix("W/") for tag in if_none_match.split(",")}
    return "*" in listed or etag.removeprefix("W/") in listed
