"""A route's response."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from http import HTTPStatus
from typing import Any


class Caching(StrEnum):
    """How clients and caches may store a response."""

    CATALOGUE = "public, max-age=300"
    LISTED = "private, max-age=300"
    REVALIDATE = "no-cache"
    NEVER = "no-store"


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """A route's response; a body of ``None`` means no body."""

    status: HTTPStatus = HTTPStatus.OK
    body: Mapping[str, Any] | None
    headers: Mapping[str, str] = field(default_factory=dict)
    caching: Caching = Caching.NEVER
