"""
The OpenAPI document from which API Gateway builds the API; extensions describe its own part.

Otherwise each path, method and integration would be a CloudFormation resource, of which a stack
takes 500. In the API's body, all of them are one resource.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from infra.constructs.gateway_problems import (
    CONTENT_TYPE,
    GATEWAY_PROBLEMS,
    METHOD_NOT_ALLOWED,
    GatewayProblem,
)
from infra.functions.spec import FunctionSpec
from infra.routes import Route

SCHEME: Final = "token"
INTEGRATION: Final = "x-amazon-apigateway-integration"
ANY_METHOD: Final = "x-amazon-apigateway-any-method"
GATEWAY_RESPONSES: Final = "x-amazon-apigateway-gateway-responses"
AUTHORIZER: Final = "x-amazon-apigateway-authorizer"

REQUEST_HEADERS: Final = (
    "Authorization",
    "Content-Type",
    "Idempotency-Key",
    "If-Match",
    "If-None-Match",
)
METHODS: Final = ("GET", "POST", "PATCH", "DELETE", "OPTIONS")
EXPOSED_HEADERS: Final = (
    "RateLimit",
    "RateLimit-Policy",
    "Retry-After",
    "WWW-Authenticate",
    "X-Request-Id",
)
PREFLIGHT_SECONDS: Final = 2 * 3600

# A token is three base64url parts; anything else is refused without asking the authorizer.
BEARER_PATTERN: Final = r"^[Bb]earer [A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$"
AUTHORIZER_CACHE_SECONDS: Final = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiBody:
    """
    The document of *routes*, for pages of *origins*.

    Every error of the gateway is a problem document with CORS headers, preflight requests are
    answered without a function, and a wrong method on a known path is a 405 that names the right.
    *address_of* returns the URI by which API Gateway calls a function.
    """

    title: str
    routes: Sequence[Route]
    origins: tuple[str, ...]
    authorizer: FunctionSpec
    address_of: Callable[[FunctionSpec], str]

    def document(self) -> dict[str, Any]:
        """Return the whole document."""
        routes_of: dict[str, list[Route]] = defaultdict(list)
        for route in self.routes:
            routes_of[route.path].append(route)
        return {
            "openapi": "3.0.1",
            "info": {"title": self.title, "version": "1"},
            "paths": {path: self._path(path, routes) for path, routes in routes_of.items()},
            "components": {"securitySchemes": {SCHEME: self._authorizer()}},
            GATEWAY_RESPONSES: {
                kind.response_type: {
                    "statusCode": str(problem.status),
                    "responseParameters": {
                        f"gatewayresponse.header.{name}": value
                        for name, value in self._problem_headers(problem).items()
                    },
                    "responseTemplates": {"application/json": problem.template()},
                }
                for kind, problem in GATEWAY_PROBLEMS
            },
        }

    def _path(self, path: str, routes: Sequence[Route]) -> dict[str, Any]:
        item: dict[str, Any] = {route.method.lower(): self._operation(route) for route in routes}
        item["options"] = self._preflight()
        item[ANY_METHOD] = self._refusal([route.method for route in routes])
        names = [part[1:-1] for part in path.split("/") if part.startswith("{")]
        if names:
            item["parameters"] = [
                {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
                for name in names
            ]
        return item

    def _operation(self, route: Route) -> dict[str, Any]:
        return {
            "security": [] if route.public else [{SCHEME: []}],
            "responses": {"200": {"description": "What the function responds"}},
            INTEGRATION: {
                "type": "aws_proxy",
                "httpMethod": "POST",
                "uri": self.address_of(route.function),
            },
        }

    def _authorizer(self) -> dict[str, Any]:
        return {
            "type": "apiKey",
            "name": "Authorization",
            "in": "header",
            "x-amazon-apigateway-authtype": "custom",
            AUTHORIZER: {
                "type": "token",
                "authorizerUri": self.address_of(self.authorizer),
                "identityValidationExpression": BEARER_PATTERN,
                "authorizerResultTtlInSeconds": AUTHORIZER_CACHE_SECONDS,
            },
        }

    def _preflight(self) -> dict[str, Any]:
        first, *others = self.origins
        headers = {
            "Access-Control-Allow-Headers": ",".join(REQUEST_HEADERS),
            "Access-Control-Allow-Methods": ",".join(METHODS),
            "Access-Control-Allow-Origin": first,
            "Access-Control-Max-Age": str(PREFLIGHT_SECONDS),
        }
        if first != "*":
            headers["Vary"] = "Origin"
        return _mock(
            204,
            description="Which requests a page may make",
            headers={name: f"'{value}'" for name, value in headers.items()},
            template=_echoed_origin(others) if others else None,
        )

    def _refusal(self, methods: Sequence[str]) -> dict[str, Any]:
        # A response of an integration cannot read the context into its headers.
        headers = self._problem_headers(METHOD_NOT_ALLOWED)
        del headers["X-Request-Id"]
        headers["Allow"] = f"'{', '.join([*sorted(methods), 'OPTIONS'])}'"
        return _mock(
            METHOD_NOT_ALLOWED.status,
            description="Which methods there are",
            headers=headers,
            template=METHOD_NOT_ALLOWED.template(),
        )

    def _problem_headers(self, problem: GatewayProblem) -> dict[str, str]:
        # One origin is named; between several, a fixed header can only say "any", which is
        # harmless: there are no cookies, and these responses hold nothing personal.
        fixed = {
            "Content-Type": CONTENT_TYPE,
            "Cache-Control": "no-store",
            "Access-Control-Allow-Origin": self.origins[0] if len(self.origins) == 1 else "*",
            "Access-Control-Expose-Headers": ", ".join(EXPOSED_HEADERS),
            **problem.headers,
        }
        # A quoted value is a constant, a plain one names a variable.
        return {name: f"'{value}'" for name, value in fixed.items()} | {
            "X-Request-Id": "context.requestId"
        }


def _mock(
    status: int, *, description: str, headers: Mapping[str, str], template: str | None
) -> dict[str, Any]:
    """Return a method that the gateway answers itself."""
    response: dict[str, Any] = {
        "statusCode": str(status),
        "responseParameters": {
            f"method.response.header.{name}": value for name, value in headers.items()
        },
    }
    if template:
        response["responseTemplates"] = {"application/json": template}
    return {
        "security": [],
        "responses": {
            str(status): {
                "description": description,
                "headers": {name: {"schema": {"type": "string"}} for name in headers},
            }
        },
        INTEGRATION: {
            "type": "mock",
            "passthroughBehavior": "never",
            "requestTemplates": {"application/json": json.dumps({"statusCode": status})},
            "responses": {"default": response},
        },
    }


def _echoed_origin(origins: Sequence[str]) -> str:
    """Return the template that names the page's own origin when it is one of *origins*."""
    known = " || ".join(f'$origin == "{origin}"' for origin in origins)
    return (
        '#set($origin = $input.params().header.get("Origin"))\n'
        '#if($origin == "") #set($origin = $input.params().header.get("origin")) #end\n'
        f"#if({known})\n"
        "  #set($context.responseOverride.header.Access-Control-Allow-Origin = $origin)\n"
        "#end"
    )
