"""
What every HTTP function is built on: routing, problems, CORS, headers.

A route is a function from `Request` to `Answer`. Whatever it raises becomes a problem document;
nothing an API Gateway event can hold makes an answer of another shape.

The gateway has matched method and path before it calls a function, so little is left to do here,
and it is done without a framework: Powertools' resolver imports ninety modules (asyncio and
GraphQL among them) that the function asked every five seconds would wait for at every cold start.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from http import HTTPStatus
from typing import Any, Final

from echoes.domain.errors import NotFound
from echoes.http.problems import CONTENT_TYPE, problem_of
from echoes.http.rejections import MethodNotAllowed
from echoes.http.request import Request, read_event, request_id_of
from echoes.http.response import Caching, Response
from echoes.observability import logger

JSON: Final = "application/json"
PREFLIGHT: Final = "OPTIONS"
PREFLIGHT_SECONDS: Final = 7200
"""What Chromium caps it at."""

REQUEST_HEADERS: Final = (
    "Authorization",
    "Content-Type",
    "Idempotency-Key",
    "If-Match",
    "If-None-Match",
)
ANSWER_HEADERS: Final = (
    "ETag",
    "Idempotency-Replayed",
    "Location",
    "RateLimit",
    "RateLimit-Policy",
    "Retry-After",
    "X-Request-Id",
)
SECURITY_HEADERS: Final[Mapping[str, str]] = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Strict-Transport-Security": "max-age=63072000; includeSubDomains",
    "X-Content-Type-Options": "nosniff",
}

Endpoint = Callable[[Request], Response]


@dataclass(frozen=True, kw_only=True)
class Route:
    """A method, a pattern (``/v1/clips/<clip_id>``) and its endpoint."""

    method: str
    pattern: str
    endpoint: Endpoint

    @property
    def name(self) -> str:
        """The route's name in logs, cursors and idempotency keys."""
        return f"{self.method} {self.pattern}"

    @cached_property
    def _expression(self) -> re.Pattern[str]:
        return re.compile(re.sub(r"<(\w+)>", r"(?P<\1>[^/]+)", self.pattern) + "/?")

    def match(self, path: str) -> dict[str, str] | None:
        """Return what the pattern's names stand for in *path*; ``None`` if it is another path."""
        found = self._expression.fullmatch(path)
        return found.groupdict() if found else None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reply:
    status: HTTPStatus
    content: Mapping[str, Any] | None = None
    content_type: str = JSON
    headers: Mapping[str, str]


class Application:
    """
    One function's routes, as a Lambda handler for API Gateway's payload format 1.0.

    *origins* may call from a browser; the first of them is where people buy credits.
    """

    def __init__(self, routes: Sequence[Route], *, origins: Sequence[str]) -> None:
        self.routes = tuple(routes)
        self._origins = frozenset(origins)
        self._checkout_url = f"{origins[0].rstrip('/*')}/credits"

    def __call__(self, event: Mapping[str, Any], context: object) -> dict[str, Any]:
        """Handle one event. Never raises."""
        name = "unknown"  # a path may hold anything; only patterns are logged
        try:
            route, path = self._find(event)
            name = route.name
            reply = _success(
                route.endpoint(read_event(event, route=name, path=path, context=context))
            )
        except Exception as error:  # noqa: BLE001  # this is the edge: each becomes a problem
            reply = self._problem(error, event)
        logger.info("request answered", extra={"route": name, "status": reply.status.value})
        headers = {**SECURITY_HEADERS, **reply.headers, **self._cors(event)}
        headers["X-Request-Id"] = request_id_of(event)
        if reply.content is not None:
            headers["Content-Type"] = reply.content_type
        return {
            "statusCode": reply.status.value,
            "multiValueHeaders": {name: [value] for name, value in headers.items()},
            "body": "" if reply.content is None else json.dumps(reply.content),
            "isBase64Encoded": False,
        }

    def _find(self, event: Mapping[str, Any]) -> tuple[Route, dict[str, str]]:
        method, path = str(event.get("httpMethod")), str(event.get("path"))
        found = [
            (route, names) for route in self.routes if (names := route.match(path)) is not None
        ]
        for route, names in found:
            if route.method == method:
                return route, names
        if method == PREFLIGHT:
            return Route(method=PREFLIGHT, pattern="*", endpoint=_preflight), {}
        if found:
            raise MethodNotAllowed(allowed=sorted(route.method for route, _ in found))
        raise NotFound("route not found")

    def _problem(self, error: Exception, event: Mapping[str, Any]) -> _Reply:
        problem = problem_of(error, checkout_url=self._checkout_url)
        return _Reply(
            status=problem.status,
            content=problem.document(request_id_of(event)),
            content_type=CONTENT_TYPE,
            headers=_caching(Caching.NEVER) | dict(problem.headers),
        )

    def _cors(self, event: Mapping[str, Any]) -> dict[str, str]:
        sent = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
        origin = sent.get("origin")
        if not origin or not self._origins & {origin, "*"}:
            return {}
        headers = {
            "Access-Control-Allow-Origin": "*" if "*" in self._origins else origin,
            "Access-Control-Expose-Headers": ", ".join(ANSWER_HEADERS),
        }
        if event.get("httpMethod") == PREFLIGHT:
            methods = sorted({route.method for route in self.routes} | {PREFLIGHT})
            headers |= {
                "Access-Control-Allow-Headers": ", ".join(REQUEST_HEADERS),
                "Access-Control-Allow-Methods": ", ".join(methods),
                "Access-Control-Max-Age": str(PREFLIGHT_SECONDS),
            }
        return headers


def _success(answer: Response) -> _Reply:
    headers = _caching(answer.caching) | dict(answer.headers)
    return _Reply(status=answer.status, content=answer.body, headers=headers)


def _caching(caching: Caching) -> dict[str, str]:
    public = caching is Caching.CATALOGUE
    return {
        "Cache-Control": caching.value,
        "Vary": "Origin" if public else "Origin, Authorization",
    }


def _preflight(_request: Request) -> Response:
    return Response(status=HTTPStatus.NO_CONTENT, body=None)
