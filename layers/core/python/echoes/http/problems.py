"""
Errors as RFC 9457 problem documents.

This is the only run-time module that maps errors to status codes.
"""

import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from http import HTTPStatus
from types import MappingProxyType
from typing import Final
from urllib.parse import quote

from echoes.domain.error_catalogue import CATALOGUE, ErrorCode
from echoes.domain.errors import (
    AttemptEnded,
    Conflict,
    EchoesError,
    FilmNotPaid,
    HoldAlreadySettled,
    InsufficientCredits,
    InvalidRequest,
    TooManyFilms,
    Unavailable,
)
from echoes.domain.identifiers import Credits
from echoes.http.rejections import (
    FieldError,
    MethodNotAllowed,
    UnacceptableFields,
    UnreadableRequest,
)
from echoes.observability import logger

Offer = Callable[[Credits], Mapping[str, object]]
"""Shows the pack to buy when that many credits are missing."""

CONTENT_TYPE: Final = "application/problem+json"
TRY_AGAIN_AFTER_SECONDS: Final = 5
"""Long enough for a duplicate request to finish, or for a vendor to recover."""

DONE_AFTER_SECONDS: Final = 15
"""By then one of the films in progress may have ended: each takes seconds to minutes."""

WAITING: Final[Mapping[str, str]] = MappingProxyType({"Retry-After": str(TRY_AGAIN_AFTER_SECONDS)})
FRAMES_LOGGED: Final = 8

STATUS: Final[Mapping[ErrorCode, HTTPStatus]] = MappingProxyType(
    {
        ErrorCode.INSUFFICIENT_CREDITS: HTTPStatus.PAYMENT_REQUIRED,
        ErrorCode.PAYMENT_REQUIRED: HTTPStatus.PAYMENT_REQUIRED,
        ErrorCode.PHOTO_UNREADABLE: HTTPStatus.UNPROCESSABLE_ENTITY,
        ErrorCode.PHOTO_TOO_LARGE: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        ErrorCode.REGENERATION_LIMIT: HTTPStatus.CONFLICT,
        ErrorCode.FREE_CLIP_USED: HTTPStatus.FORBIDDEN,
        ErrorCode.FREE_CLIP_PAUSED: HTTPStatus.SERVICE_UNAVAILABLE,
        ErrorCode.STALE_EDIT: HTTPStatus.PRECONDITION_FAILED,
        ErrorCode.VERSION_REQUIRED: HTTPStatus.PRECONDITION_REQUIRED,
        ErrorCode.RATE_LIMITED: HTTPStatus.TOO_MANY_REQUESTS,
        ErrorCode.INVALID_REQUEST: HTTPStatus.UNPROCESSABLE_ENTITY,
        ErrorCode.UNAUTHORIZED: HTTPStatus.UNAUTHORIZED,
        ErrorCode.FORBIDDEN: HTTPStatus.FORBIDDEN,
        ErrorCode.NOT_FOUND: HTTPStatus.NOT_FOUND,
        ErrorCode.METHOD_NOT_ALLOWED: HTTPStatus.METHOD_NOT_ALLOWED,
        ErrorCode.REQUEST_TOO_LARGE: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        ErrorCode.IDEMPOTENCY_MISMATCH: HTTPStatus.UNPROCESSABLE_ENTITY,
        ErrorCode.IDEMPOTENCY_IN_PROGRESS: HTTPStatus.CONFLICT,
        ErrorCode.CLIP_BUSY: HTTPStatus.CONFLICT,
        ErrorCode.FILM_BUSY: HTTPStatus.CONFLICT,
        ErrorCode.MUSIC_LIMIT: HTTPStatus.CONFLICT,
        ErrorCode.REFERRAL_REFUSED: HTTPStatus.CONFLICT,
        ErrorCode.SECOND_OPERATOR_NEEDED: HTTPStatus.CONFLICT,
        ErrorCode.TRY_AGAIN: HTTPStatus.CONFLICT,
        ErrorCode.INTERNAL_ERROR: HTTPStatus.INTERNAL_SERVER_ERROR,
    }
)
"""Codes that are not listed never end a request: a clip or the client shows them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """The problem document of a failed request."""

    status: HTTPStatus
    code: ErrorCode
    detail: str
    errors: tuple[FieldError, ...] = ()
    members: Mapping[str, object] = field(default_factory=dict)
    """Extra members of this code: a 402 has the required and available credits and the shop."""

    headers: Mapping[str, str] = field(default_factory=dict)

    def document(self, request_id: str) -> dict[str, object]:
        """Return the problem document; its members are part of the API."""
        text = CATALOGUE[self.code]
        document: dict[str, object] = {
            "type": f"/v1/errors#{self.code}",
            "title": text.title,
            "status": self.status.value,
            "code": self.code.value,
            "detail": self.detail,
            "instance": f"urn:echoes:request:{request_id}",
            "request_id": request_id,
            "retryable": text.retryable,
        }
        if self.errors:
            document["errors"] = [asdict(error) for error in self.errors]
        return document | dict(self.members)


def problem_of(error: Exception, *, checkout_url: str, offer: Offer) -> Problem:
    """Return the problem for *error*. Unexpected errors are logged and shown without details."""
    match error:
        case UnacceptableFields():
            problem = _invalid(error, error.errors)
        case InvalidRequest():
            problem = _invalid(error, _one_field(error))
        case InsufficientCredits():
            problem = _known(error, members=_purchase_link(error, checkout_url, offer))
        case FilmNotPaid():
            problem = _known(error, members=_film_purchase_link(error, checkout_url, offer))
        case TooManyFilms():
            problem = _known(error, headers=_allowance("films", error.limit))
        case MethodNotAllowed():
            problem = _known(error, headers={"Allow": ", ".join(error.allowed)})
        case AttemptEnded():
            problem = _known(Conflict("the clip changed while the request was running"))
        case Unavailable():
            logger.warning("vendor unavailable", extra={"error": _trace(error)})
            problem = Problem(
                status=HTTPStatus.SERVICE_UNAVAILABLE,
                code=ErrorCode.INTERNAL_ERROR,
                detail="part of the service did not respond in time",
                headers=WAITING,
            )
        case EchoesError() if error.code in STATUS and not isinstance(error, HoldAlreadySettled):
            problem = _known(error)
        case _:
            logger.error("unexpected error", extra={"error": _trace(error)})
            problem = Problem(
                status=HTTPStatus.INTERNAL_SERVER_ERROR,
                code=ErrorCode.INTERNAL_ERROR,
                detail="an unexpected error occurred; we have logged it",
            )
    return problem


def _allowance(name: str, quota: int) -> Mapping[str, str]:
    """Return the rate-limit headers: the quota, nothing left of it, and when to retry."""
    # The names of draft-ietf-httpapi-ratelimit-headers-10, as at the gateway.
    return {
        "Retry-After": str(DONE_AFTER_SECONDS),
        "RateLimit": f'"{name}";r=0;t={DONE_AFTER_SECONDS}',
        "RateLimit-Policy": f'"{name}";q={quota}',
    }


def _film_purchase_link(
    error: FilmNotPaid, checkout_url: str, offer: Offer
) -> Mapping[str, object]:
    """Return the unpaid clips, and the way to the checkout and back to the project (PF7)."""
    way_back = f"/projects/{error.project_id}"
    return {
        **_purchase_link(error, f"{checkout_url}?return_to={quote(way_back, safe='')}", offer),
        "clip_ids": list(error.clip_ids),
        "return_to": way_back,
    }


def _purchase_link(
    error: InsufficientCredits | FilmNotPaid, checkout_url: str, offer: Offer
) -> Mapping[str, object]:
    """Return how many credits are missing, and the smallest pack that covers them."""
    return {
        "required": error.required,
        "available": error.available,
        "pack": offer(Credits(max(error.required - error.available, 1))),
        "checkout_url": checkout_url,
    }


def _known(
    error: EchoesError,
    *,
    members: Mapping[str, object] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Problem:
    waits = error.code in {ErrorCode.IDEMPOTENCY_IN_PROGRESS, ErrorCode.TRY_AGAIN}
    return Problem(
        status=STATUS[error.code],
        code=error.code,
        detail=str(error) or CATALOGUE[error.code].title,
        members=members or {},
        headers={**(WAITING if waits else {}), **(headers or {})},
    )


def _invalid(error: EchoesError, errors: Sequence[FieldError]) -> Problem:
    unreadable = isinstance(error, UnreadableRequest)
    status = HTTPStatus.BAD_REQUEST if unreadable else HTTPStatus.UNPROCESSABLE_ENTITY
    return Problem(status=status, code=error.code, detail=str(error), errors=tuple(errors))


def _one_field(error: InvalidRequest) -> tuple[FieldError, ...]:
    if error.field is None:
        return ()
    return (FieldError(field=error.field, code="unacceptable", message=str(error)),)


def _trace(error: BaseException) -> dict[str, object]:
    """Return what was raised where, without the message: it may quote what people sent."""
    frames = traceback.extract_tb(error.__traceback__)[-FRAMES_LOGGED:]
    cause = error.__cause__ or error.__context__
    return {
        "type": f"{type(error).__module__}.{type(error).__qualname__}",
        "frames": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames],
        "cause": type(cause).__qualname__ if cause else None,
    }
