"""
What every HTTP function is built on: routing, problems, CORS, headers.

A route is a function from `Request` to `Answer`. Whatever it raises becomes a problem document;
nothing an API Gateway event can hold makes an answer of another shape.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from aws_lambda_powertools.event_handler import (
    APIGatewayRestResolver,
    CORSConfig,
    Response,
)
from aws_lambda_powertools.event_handler.exceptions import NotFoundError

from echoes.domain.errors import NotFound
from echoes.http.exchange import Answer, Caching, Request, read_event, request_id_of
from echoes.http.problems import CONTENT_TYPE, problem_of
from echoes.http.rejections import MethodNotAllowed
from echoes.observability import logger

JSON: Final = "application/json"
PREFLIGHT_SECONDS: Final = 7200
"""What Chromium caps it at."""

REQUEST_HEADERS: Final = ["Idempotency-Key", "If-Match", "If-None-Match"]
ANSWER_HEADERS: Final = [
    "ETag",
    "Idempotency-Replayed",
    "Location",
    "RateLimit",
    "RateLimit-Policy",
    "Retry-After",
    "X-Request-Id",
]
SECURITY_HEADERS: Final[Mapping[str, str]] = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Strict-Transport-Security": "max-age=63072000; includeSubDomains",
    "X-Content-Type-Options": "nosniff",
}

Endpoint = Callable[[Request], Answer]


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """A method, a pattern (``/v1/clips/<clip_id>``) and what answers there."""

    method: str
    pattern: str
    endpoint: Endpoint

    @property
    def name(self) -> str:
        """How logs, cursors and idempotency keys call the route."""
        return f"{self.method} {self.pattern}"

    def matches(self, path: str) -> bool:
        """Return whether *path* is one of the pattern's, whatever the method."""
        return bool(re.fullmatch(re.sub(r"<\w+>", "[^/]+", self.pattern) + "/*", path))


class Application:
    """
    One function's routes, as a Lambda handler for API Gateway's payload format 1.0.

    *origins* may call from a browser; the first of them is where people buy credits.
    """

    def __init__(self, routes: Sequence[Route], *, origins: Sequence[str]) -> None:
        self.routes = tuple(routes)
        self._checkout_url = f"{origins[0].rstrip('/*')}/credits"
        self._resolver = APIGatewayRestResolver(
            cors=CORSConfig(
                allow_origin=origins[0],
                extra_origins=list(origins[1:]),
                allow_headers=REQUEST_HEADERS,
                expose_headers=ANSWER_HEADERS,
                max_age=PREFLIGHT_SECONDS,
            ),
        )
        for route in self.routes:
            self._add(route)
        self._resolver.exception_handler(NotFoundError)(self._no_route)
        self._resolver.exception_handler(Exception)(self._problem)

    def __call__(self, event: Mapping[str, Any], context: Any) -> dict[str, Any]:  # noqa: ANN401  # Lambda's
        """Answer one event. Never raises."""
        answer = self._resolver.resolve(event, context)
        headers = answer.setdefault("multiValueHeaders", {})
        for name, value in SECURITY_HEADERS.items():
            headers[name] = [value]
        headers["X-Request-Id"] = [request_id_of(event)]
        headers.setdefault("Cache-Control", [Caching.NEVER.value])
        public = headers["Cache-Control"] == [Caching.CATALOGUE.value]
        headers["Vary"] = ["Origin" if public else "Origin, Authorization"]
        return answer

    def _add(self, route: Route) -> None:
        def run(**path: str) -> Response[str]:
            request = read_event(
                self._resolver.current_event.raw_event,
                route=route.name,
                path=path,
                context=self._resolver.lambda_context,
            )
            answer = route.endpoint(request)
            _log(route.name, answer.status)
            return _render(answer)

        self._resolver.route(route.pattern, method=route.method)(run)

    def _no_route(self, error: NotFoundError) -> Response[str]:
        event = self._resolver.current_event
        allowed = sorted(route.method for route in self.routes if route.matches(event.path))
        if allowed and event.http_method not in allowed:
            return self._problem(MethodNotAllowed(allowed=allowed))
        return self._problem(NotFound(error.msg or "there is no such route"))

    def _problem(self, error: Exception) -> Response[str]:
        problem = problem_of(error, checkout_url=self._checkout_url)
        event = self._resolver.current_event.raw_event
        _log(self._route_name(), problem.status)
        return Response(
            status_code=problem.status.value,
            content_type=CONTENT_TYPE,
            headers=dict(problem.headers),
            body=json.dumps(problem.document(request_id_of(event))),
        )

    def _route_name(self) -> str:
        """Return the pattern that matched; a path itself may hold anything, and is not logged."""
        found = self._resolver.context.get("_route")
        names = (route.name for route in self.routes if found and route.pattern == found.path)
        return next(names, "unknown")


def _render(answer: Answer) -> Response[str]:
    headers: dict[str, str | list[str]] = dict(answer.headers)
    headers["Cache-Control"] = answer.caching.value
    return Response(
        status_code=answer.status.value,
        content_type=JSON if answer.body is not None else None,
        headers=headers,
        body=json.dumps(answer.body) if answer.body is not None else "",
    )


def _log(route: str, status: HTTPStatus) -> None:
    logger.info("Answered", extra={"route": route, "status": status.value})
