"""What HTTP itself can refuse, before a use case is asked."""

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
    """The request cannot be understood at all: its JSON, a query parameter or a header."""


class UnacceptableFields(Rejected):
    """The body is JSON, but not what the route takes."""

    def __init__(self, errors: Sequence[FieldError]) -> None:
        super().__init__("see errors for what is wrong with which field")
        self.errors = tuple(errors)


class RequestTooLarge(Rejected):
    """The body has more bytes than any request needs."""

    code = ErrorCode.REQUEST_TOO_LARGE


class Forbidden(Rejected):
    """Callers of this kind may not use the route at all."""

    code = ErrorCode.FORBIDDEN


class MethodNotAllowed(Rejected):
    """The path exists, but not for this method."""

    code = ErrorCode.METHOD_NOT_ALLOWED

    def __init__(self, *, allowed: Sequence[str]) -> None:
        super().__init__(f"use one of: {', '.join(allowed)}")
        self.allowed = tuple(allowed)


class VersionRequired(Rejected):
    """The request would change something without saying which version of it."""

    code = ErrorCode.VERSION_REQUIRED


class IdempotencyMismatch(Rejected):
    """The idempotency key came before, with another request."""

    code = ErrorCode.IDEMPOTENCY_MISMATCH


class IdempotencyInProgress(Rejected):
    """The request with this idempotency key has not been answered yet."""

    code = ErrorCode.IDEMPOTENCY_IN_PROGRESS
