"""Entity tags: whether a client already has what it asks for."""

from hashlib import sha256
from typing import Final

SHAPE: Final = "1"
"""Changes whenever an answer of the same thing in the same version would look different."""


def etag_of(*parts: object) -> str:
    """Return the tag of what *parts* identify: an id, its version, who looks."""
    digest = sha256("\x1f".join([SHAPE, *(str(part) for part in parts)]).encode())
    return f'"{digest.hexdigest()[:24]}"'


def matches(if_none_match: str | None, etag: str) -> bool:
    """Return whether *etag* is one of those in the header, by weak comparison (RFC 9110)."""
    if if_none_match is None:
        return False
    listed = {tag.strip().removeprefix("W/") for tag in if_none_match.split(",")}
    return "*" in listed or etag.removeprefix("W/") in listed
