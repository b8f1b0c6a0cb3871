"""
What every HTTP function is built on: routing, problems, CORS, headers.

A method of `Routes` serves a route. Whatever it raises becomes a problem document; nothing that an
API Gateway event can hold makes a response of another shape.

The gateway has matched method and path before it calls a function, so little is left to do here,
and it is done without a framework: Powertools' resolver imports ninety modules (asyncio and
GraphQL among them) that the function asked every five seconds would wait for at every cold start.
"""

import json
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

from echoes.domain.errors import NotFound
from echoes.http.contract.route import Endpoint, Route, Routes, Throttle
from echoes.http.identity import Audience, admit
from echoes.http.problems import CONTENT_TYPE, Offer, problem_of
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
RESPONSE_HEADERS: Final = (
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

PREFLIGHTS: Final = Route(
    operation="preflight",
    method=PREFLIGHT,
    path="*",
    audience=Audience.ALL,
    throttle=Throttle.READING,
    function="any",
)


class Application:
    """
    One function's routes, as a Lambda handler for API Gateway's payload format 1.0.

    *origins* may call from a browser; the first of them is where people buy credits. *offer* shows
    the pack to buy to those who have too few.
    """

    def __init__(self, routes: Sequence[Routes], *, origins: Sequence[str], offer: Offer) -> None:
        self._endpoints = tuple(each for several in routes for each in several.endpoints())
        self._offer = offer
        self._origins = frozenset(origins)
        self._checkout_url = f"{origins[0].rstrip('/*')}/credits"

    @property
    def routes(self) -> tuple[Route, ...]:
        """The routes that this function serves."""
        return tuple(route for route, _ in self._endpoints)

    def __call__(self, event: Mapping[str, Any], context: object) -> dict[str, Any]:
        """Handle one event. Never raises."""
        name = "unknown"  # a path may hold anything; only patterns are logged
        try:
            route, endpoint, path = self._find(event)
            name = route.name
            request = read_event(event, route=name, path=path, context=context)
            admit(request.caller, route.audience)
            response = endpoint(request)
        except Exception as error:  # noqa: BLE001  # this is the edge: each becomes a problem
            response = self._problem(error, event)
        logger.info("request handled", extra={"route": name, "status": response.status.value})
        headers = {
            **SECURITY_HEADERS,
            **_caching(response.caching),
            **({} if response.body is None else {"Content-Type": JSON}),
            **response.headers,
            **self._cors(event),
            "X-Request-Id": request_id_of(event),
        }
        return {
            "statusCode": response.status.value,
            "multiValueHeaders": {name: [value] for name, value in headers.items()},
            "body": "" if response.body is None else json.dumps(response.body),
            "isBase64Encoded": False,
        }

    def _find(self, event: Mapping[str, Any]) -> tuple[Route, Endpoint, dict[str, str]]:
        method, path = str(event.get("httpMethod")), str(event.get("path"))
        found = [
            (route, endpoint, names)
            for route, endpoint in self._endpoints
            if (names := route.match(path)) is not None
        ]
        for route, endpoint, names in found:
            if route.method == method:
                return route, endpoint, names
        if method == PREFLIGHT:
            return PREFLIGHTS, _preflight, {}
        if found:
            raise MethodNotAllowed(allowed=sorted(route.method for route, _, _ in found))
        raise NotFound("route not found")

    def _problem(self, error: Exception, event: Mapping[str, Any]) -> Response:
        problem = problem_of(error, checkout_url=self._checkout_url, offer=self._offer)
        return Response(
            status=problem.status,
            body=problem.document(request_id_of(event)),
            headers={"Content-Type": CONTENT_TYPE, **problem.headers},
        )

    def _cors(self, event: Mapping[str, Any]) -> dict[str, str]:
        sent = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
        origin = sent.get("origin")
        if not origin or not self._origins & {origin, "*"}:
            return {}
        headers = {
            "Access-Control-Allow-Origin": "*" if "*" in self._origins else origin,
            "Access-Control-Expose-Headers": ", ".join(RESPONSE_HEADERS),
        }
        if event.get("httpMethod") == PREFLIGHT:
            methods = sorted({route.method for route in self.routes} | {PREFLIGHT})
            headers |= {
                "Access-Control-Allow-Headers": ", ".join(REQUEST_HEADERS),
                "Access-Control-Allow-Methods": ", ".join(methods),
                "Access-Control-Max-Age": str(PREFLIGHT_SECONDS),
            }
        return headers


def _caching(caching: Caching) -> dict[str, str]:
    public = caching is Caching.CATALOGUE
    return {
        "Cache-Control": caching.value,
        "Vary": "Origin" if public else "Origin, Authorization",
    }


def _preflight(_request: Request) -> Response:
    return Response(status=HTTPStatus.NO_CONTENT, body=None)
