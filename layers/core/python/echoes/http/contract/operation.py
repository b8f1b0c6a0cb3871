"""The description of an API operation, and what all operations share."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from echoes.domain.error_catalogue import ErrorCode
from echoes.http.contract.route import Route
from echoes.http.contract.schema import Schema
from echoes.http.identity import Audience
from echoes.http.response import Caching


@dataclass(frozen=True, slots=True, kw_only=True)
class Success:
    """A successful response. ``headers`` lists the headers a client may rely on."""

    status: HTTPStatus
    description: str
    schema: type[Schema] | None = None
    headers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """What the API's description says of a route, beside what its method declares."""

    route: Route
    summary: str
    responses: tuple[Success, ...]
    body: type[Schema] | None = None
    example: Mapping[str, object] | None = None
    caching: Caching = Caching.NEVER
    refusals: tuple[ErrorCode, ...] = ()
    idempotent: bool = False
    paged: bool = False
    conditional: bool = False
    editing: bool = False

    @property
    def name(self) -> str:
        """The operation's name in generated clients."""
        return self.route.operation

    @property
    def codes(self) -> tuple[ErrorCode, ...]:
        """Every error code that the route may return, including the gateway's."""
        codes = list(GATEWAY)
        if self.route.audience is not Audience.ALL:
            codes.append(ErrorCode.UNAUTHORIZED)
        if self.body:
            codes.append(ErrorCode.INVALID_REQUEST)
        if self.idempotent:
            codes += IDEMPOTENCY
        if self.route.parameters:
            codes.append(ErrorCode.NOT_FOUND)
        if self.editing:
            codes += EDITING
        return tuple(dict.fromkeys([*codes, *self.refusals]))


GATEWAY: Final = (
    ErrorCode.FORBIDDEN,
    ErrorCode.REQUEST_TOO_LARGE,
    ErrorCode.RATE_LIMITED,
    ErrorCode.INTERNAL_ERROR,
)
IDEMPOTENCY: Final = (
    ErrorCode.IDEMPOTENCY_MISMATCH,
    ErrorCode.IDEMPOTENCY_IN_PROGRESS,
)
EDITING: Final = (
    ErrorCode.STALE_EDIT,
    ErrorCode.VERSION_REQUIRED,
    ErrorCode.TRY_AGAIN,
)
AN_ID: Final = "mfzwizltoq3gk4tfonuxizlt"
