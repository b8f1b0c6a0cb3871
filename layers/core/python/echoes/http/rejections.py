"""Requests that HTTP refuses before a use case runs."""

from collections.abc import Sequence
from dataclasses import dataclass

from echoes.domain.error_catalogue import ErrorCode
from echoes.domain.errors import InvalidRequest, Rejected


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldError:
    """One thing wrong with a request. ``field`` is its path: ``photos.0.bytes``."""

    field: str
    code: str
    message: str


class UnreadableRequest(InvalidRequest):
    """The request is malformed: its JSON, a query parameter or a header."""


class UnacceptableFields(Rejected):
    """The body is JSON, but does not match the route's schema."""

    def __init__(self, errors: Sequence[FieldError]) -> None:
        super().__init__("some fields are not valid; see errors")
        self.errors = tuple(errors)


class RequestTooLarge(Rejected):
    """The body is larger than any request needs."""

    code = ErrorCode.REQUEST_TOO_LARGE


class Forbidden(Rejected):
    """Callers of this kind may not use the route."""

    code = ErrorCode.FORBIDDEN


class MethodNotAllowed(Rejected):
    """The path exists, but not for this method."""

    code = ErrorCode.METHOD_NOT_ALLOWED

    def __init__(self, *, allowed: Sequence[str]) -> None:
        super().__init__(f"use one of: {', '.join(allowed)}")
        self.allowed = tuple(allowed)


class VersionRequired(Rejected):
    """The request would change a resource without naming its version."""

    code = ErrorCode.VERSION_REQUIRED


class IdempotencyMismatch(Rejected):
    """The idempotency key was already used with a different request."""

    code = ErrorCode.IDEMPOTENCY_MISMATCH


class IdempotencyInProgress(Rejected):
    """The first request with this idempotency key is still running."""

    code = ErrorCode.IDEMPOTENCY_IN_PROGRESS
