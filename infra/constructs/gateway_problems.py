"""
The errors of API Gateway itself, in the shape of those of our own functions.

Codes, titles and statuses match the run-time catalogue; a test compares them.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from aws_cdk import aws_apigateway as apigateway

CONTENT_TYPE: Final = "application/problem+json"
LEAST_PER_SECOND: Final = 20
"""Requests per second that every route accepts: the tightest throttle of `infra.routes`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayProblem:
    """The problem document for one kind of gateway error."""

    status: int
    code: str
    title: str
    detail: str
    retryable: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)

    def template(self) -> str:
        """Return the body. API Gateway fills in the request id."""
        return json.dumps(
            {
                "type": f"/v1/errors#{self.code}",
                "title": self.title,
                "status": self.status,
                "code": self.code,
                "detail": self.detail,
                "instance": "urn:echoes:request:$context.requestId",
                "request_id": "$context.requestId",
                "retryable": self.retryable,
            }
        )


def _unauthorized(detail: str) -> GatewayProblem:
    return GatewayProblem(
        status=401,
        code="unauthorized",
        title="Please sign in",
        detail=detail,
        headers={"WWW-Authenticate": "Bearer"},
    )


def _forbidden(detail: str) -> GatewayProblem:
    return GatewayProblem(status=403, code="forbidden", title="You can't do that", detail=detail)


def _not_found() -> GatewayProblem:
    return GatewayProblem(
        status=404,
        code="not_found",
        title="We couldn't find that",
        detail="route not found",
    )


def _limited(seconds: int, *, quota: int) -> GatewayProblem:
    return GatewayProblem(
        status=429,
        code="rate_limited",
        title="Too many requests. Try again shortly",
        detail="this route accepts fewer requests per second",
        retryable=True,
        # The names of draft-ietf-httpapi-ratelimit-headers-10. A throttled client has nothing left.
        headers={
            "Retry-After": str(seconds),
            "RateLimit": f'"route";r=0;t={seconds}',
            "RateLimit-Policy": f'"route";q={quota};w={seconds}',
        },
    )


def _invalid(status: int, detail: str) -> GatewayProblem:
    return GatewayProblem(
        status=status,
        code="invalid_request",
        title="Something in this request isn't right",
        detail=detail,
    )


def _failed(status: int, detail: str) -> GatewayProblem:
    return GatewayProblem(
        status=status,
        code="internal_error",
        title="Something went wrong on our side",
        detail=detail,
        retryable=True,
        headers={"Retry-After": "5"},
    )


METHOD_NOT_ALLOWED: Final = GatewayProblem(
    status=405,
    code="method_not_allowed",
    title="That doesn't work here",
    detail="this route does not support this method",
)

_TYPE = apigateway.ResponseType

GATEWAY_PROBLEMS: Final[tuple[tuple[apigateway.ResponseType, GatewayProblem], ...]] = (
    (_TYPE.UNAUTHORIZED, _unauthorized("this route needs a valid token")),
    (_TYPE.EXPIRED_TOKEN, _unauthorized("the token has expired")),
    (_TYPE.INVALID_SIGNATURE, _unauthorized("the token's signature is wrong")),
    (_TYPE.ACCESS_DENIED, _forbidden("this token does not give access to this route")),
    (_TYPE.INVALID_API_KEY, _forbidden("the API key is unknown")),
    (_TYPE.WAF_FILTERED, _forbidden("the request looks like an attack")),
    # A REST API returns this for unknown paths.
    (_TYPE.MISSING_AUTHENTICATION_TOKEN, _not_found()),
    (_TYPE.RESOURCE_NOT_FOUND, _not_found()),
    (_TYPE.THROTTLED, _limited(1, quota=LEAST_PER_SECOND)),
    (_TYPE.QUOTA_EXCEEDED, _limited(60, quota=60 * LEAST_PER_SECOND)),
    (
        _TYPE.REQUEST_TOO_LARGE,
        GatewayProblem(
            status=413,
            code="request_too_large",
            title="This request is too large",
            detail="upload photos with the form from POST /v1/uploads",
        ),
    ),
    (_TYPE.BAD_REQUEST_BODY, _invalid(400, "the body cannot be read")),
    (_TYPE.BAD_REQUEST_PARAMETERS, _invalid(400, "a parameter is missing or cannot be read")),
    (_TYPE.UNSUPPORTED_MEDIA_TYPE, _invalid(415, "the content type is not application/json")),
    (_TYPE.DEFAULT_4_XX, _invalid(400, "the request cannot be read")),
    (_TYPE.API_CONFIGURATION_ERROR, _failed(500, "the route is not set up")),
    (_TYPE.AUTHORIZER_CONFIGURATION_ERROR, _failed(500, "the caller could not be identified")),
    (_TYPE.AUTHORIZER_FAILURE, _failed(500, "the caller could not be identified")),
    (_TYPE.INTEGRATION_FAILURE, _failed(502, "the service sent no usable response in time")),
    (_TYPE.INTEGRATION_TIMEOUT, _failed(504, "the service did not respond in time")),
    (_TYPE.DEFAULT_5_XX, _failed(500, "the request could not be completed")),
)
"""Every kind of gateway error; the two defaults cover the rest."""
