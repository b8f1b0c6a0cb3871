"""The door: routes, throttles, and the errors the gateway answers itself."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from echoes.domain.error_catalogue import CATALOGUE, ErrorCode
from echoes.http.problems import CONTENT_TYPE, STATUS
from infra.constructs.gateway_problems import (
    GATEWAY_PROBLEMS,
    LEAST_PER_SECOND,
    METHOD_NOT_ALLOWED,
    GatewayProblem,
)
from infra.constructs.public_api import ACCESS_LOG, BEARER_PATTERN
from infra.routes import ROUTES
from tests.support.templates import Synthesised

PROJECT = Path(__file__).parents[2]
PROBLEMS = [*(problem for _, problem in GATEWAY_PROBLEMS), METHOD_NOT_ALLOWED]


def paths_of(environment: Synthesised) -> dict[str, str]:
    """Every resource's path, by its logical id."""
    resources = environment["Api"].of("AWS::ApiGateway::Resource")

    def path(name: str) -> str:
        resource = resources[name]
        parent = resource["ParentId"].get("Ref")
        return f"{path(parent) if parent else ''}/{resource['PathPart']}"

    return {name: path(name) for name in resources}


def methods_of(environment: Synthesised) -> dict[tuple[str, str], dict[str, Any]]:
    paths = paths_of(environment)
    return {
        (method["HttpMethod"], paths.get(method["ResourceId"].get("Ref"), "/")): method
        for method in environment["Api"].of("AWS::ApiGateway::Method").values()
    }


def test_routes_are_those_of_the_openapi_document(anywhere: Synthesised) -> None:
    """AR2: the deployed routes and `docs/openapi.json` are one list; public ones agree as well."""
    document = json.loads((PROJECT / "docs" / "openapi.json").read_text())
    described = {
        (method.upper(), path): bool(operation.get("security", document.get("security")))
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
    }
    deployed = {
        route: method["AuthorizationType"] == "CUSTOM"
        for route, method in methods_of(anywhere).items()
        if route[0] not in {"OPTIONS", "ANY"}
    }
    assert deployed == described


def test_no_route_catches_what_is_not_listed(anywhere: Synthesised) -> None:
    """There is no `{proxy+}`: an unknown path is the gateway's 404."""
    assert not [path for path in paths_of(anywhere).values() if "+" in path]
    functional = [
        route
        for route, method in methods_of(anywhere).items()
        if method["Integration"]["Type"] == "AWS_PROXY"
    ]
    assert len(functional) == len(ROUTES)


def test_preflight_is_answered_by_the_gateway(anywhere: Synthesised) -> None:
    """Every path answers OPTIONS without a function and without a token."""
    methods = methods_of(anywhere)
    for route in ROUTES:
        preflight = methods["OPTIONS", route.path]
        assert preflight["Integration"]["Type"] == "MOCK"
        assert preflight["AuthorizationType"] == "NONE"


def test_a_wrong_method_is_told_which_ones_are_right(anywhere: Synthesised) -> None:
    """405 with `Allow`, in the shape of every other error."""
    methods = methods_of(anywhere)
    (answer,) = methods["ANY", "/v1/clips/{clip_id}"]["Integration"]["IntegrationResponses"]
    headers = answer["ResponseParameters"]
    assert answer["StatusCode"] == "405"
    assert headers["method.response.header.Allow"] == "'DELETE, GET, OPTIONS'"
    assert headers["method.response.header.Content-Type"] == f"'{CONTENT_TYPE}'"


@pytest.mark.parametrize(
    "problem", PROBLEMS, ids=lambda problem: f"{problem.status}-{problem.code}"
)
def test_the_gateway_speaks_like_the_functions(problem: GatewayProblem) -> None:
    """ER6: code, title, retryable and members are those of the catalogue and of our problems."""
    text = CATALOGUE[ErrorCode(problem.code)]
    assert problem.title == text.title
    assert problem.retryable == text.retryable
    document = json.loads(problem.template())
    assert set(document) == {
        "type",
        "title",
        "status",
        "code",
        "detail",
        "instance",
        "request_id",
        "retryable",
    }
    assert document["type"] == f"/v1/errors#{problem.code}"
    family = STATUS[ErrorCode(problem.code)].value
    assert problem.status // 100 == family // 100
    if problem.status >= 500 or problem.status == 429:
        assert int(problem.headers["Retry-After"]) > 0
    if problem.status == 429:
        assert problem.headers["RateLimit"].startswith('"route";r=0;t=')
        assert problem.headers["RateLimit-Policy"].startswith('"route";q=')


def test_the_limit_told_is_kept() -> None:
    """V6: no route takes less than the rate that every 429 speaks of."""
    assert min(route.throttle.per_second for route in ROUTES) == LEAST_PER_SECOND


def test_every_error_of_the_gateway_is_a_problem_with_cors(anywhere: Synthesised) -> None:
    """Also 401, 403, 404, 413, 429 and 5xx can be read by a web page (AR2)."""
    responses = anywhere["Api"].of("AWS::ApiGateway::GatewayResponse")
    by_type = {response["ResponseType"]: response for response in responses.values()}
    assert {
        "DEFAULT_4XX": "400",
        "DEFAULT_5XX": "500",
        "UNAUTHORIZED": "401",
        "ACCESS_DENIED": "403",
        "MISSING_AUTHENTICATION_TOKEN": "404",
        "REQUEST_TOO_LARGE": "413",
        "THROTTLED": "429",
        "QUOTA_EXCEEDED": "429",
    }.items() <= {name: response["StatusCode"] for name, response in by_type.items()}.items()
    for name, response in by_type.items():
        headers = response["ResponseParameters"]
        assert headers["gatewayresponse.header.Content-Type"] == f"'{CONTENT_TYPE}'", name
        assert "gatewayresponse.header.Access-Control-Allow-Origin" in headers, name
        body = json.loads(response["ResponseTemplates"]["application/json"])
        assert str(body["status"]) == response["StatusCode"], name


def test_every_method_is_throttled(anywhere: Synthesised) -> None:
    """Requirement 9: a default for all, and limits of their own for each route."""
    (stage,) = anywhere["Api"].of("AWS::ApiGateway::Stage").values()
    settings = {
        (setting["HttpMethod"], setting["ResourcePath"].replace("~1", "/")): setting
        for setting in stage["MethodSettings"]
    }
    assert settings["*", "/*"]["ThrottlingRateLimit"] > 0
    for route in ROUTES:
        own = (
            settings[route.method, f"/{route.path}"]
            if ((route.method, f"/{route.path}") in settings)
            else settings[route.method, route.path]
        )
        assert own["ThrottlingBurstLimit"] == route.throttle.burst
        assert own["DataTraceEnabled"] is False


def test_fifty_orders_at_once_are_not_refused_by_the_door() -> None:
    """CR4: a burst of fifty reaches the ledger, which decides."""
    (order,) = [route for route in ROUTES if (route.method, route.path) == ("POST", "/v1/clips")]
    assert order.throttle.burst >= 50


def test_access_logs_hold_nothing_personal() -> None:
    """No address, no agent, no token, no query string is written down."""
    text = json.dumps(ACCESS_LOG)
    for personal in (
        "sourceIp",
        "userAgent",
        "authorizer.subject",
        "querystring",
        "header",
        "path}",
    ):
        assert personal not in text


def test_the_authorizer_is_cached_and_spared_what_is_no_token(anywhere: Synthesised) -> None:
    """Five minutes for each token; what has not three parts never reaches the function."""
    (authorizer,) = anywhere["Api"].of("AWS::ApiGateway::Authorizer").values()
    assert authorizer["Type"] == "TOKEN"
    assert authorizer["AuthorizerResultTtlInSeconds"] == 300
    assert authorizer["IdentityValidationExpression"] == BEARER_PATTERN
    assert re.match(BEARER_PATTERN, "Bearer abc.def-_.ghi")
    for unfit in ("Bearer abc", "Basic abc.def.ghi", "Bearer a.b.c d", "Bearer a.b.c.d"):
        assert not re.match(BEARER_PATTERN, unfit)


def test_the_api_stands_behind_a_web_acl(on_aws: Synthesised) -> None:
    """Managed rules and a limit for each address, associated with the stage."""
    (acl,) = on_aws["Api"].of("AWS::WAFv2::WebACL").values()
    kinds = json.dumps(acl["Rules"])
    assert "RateBasedStatement" in kinds
    assert "AWSManagedRulesCommonRuleSet" in kinds
    assert len(on_aws["Api"].of("AWS::WAFv2::WebACLAssociation")) == 1
