"""The API gateway: routes, throttles, and the errors that it answers itself."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from echoes.domain.error_catalogue import CATALOGUE, ErrorCode
from echoes.http.problems import CONTENT_TYPE, STATUS
from infra import functions
from infra.constructs.api_body import (
    ANY_METHOD,
    AUTHORIZER,
    BEARER_PATTERN,
    GATEWAY_RESPONSES,
    INTEGRATION,
    SCHEME,
    ApiBody,
)
from infra.constructs.gateway_problems import (
    GATEWAY_PROBLEMS,
    LEAST_PER_SECOND,
    METHOD_NOT_ALLOWED,
    GatewayProblem,
)
from infra.constructs.public_api import ACCESS_LOG
from infra.routes import ROUTES
from tests.support.templates import Synthesised

PROJECT = Path(__file__).parents[2]
PROBLEMS = [*(problem for _, problem in GATEWAY_PROBLEMS), METHOD_NOT_ALLOWED]


def body_of(environment: Synthesised) -> dict[str, Any]:
    """Return the OpenAPI document that the API is made of."""
    (api,) = environment["Api"].of("AWS::ApiGateway::RestApi").values()
    assert api["Mode"] == "overwrite", "else routes that are gone would stay"
    found: dict[str, Any] = api["Body"]
    return found


def methods_of(environment: Synthesised) -> dict[tuple[str, str], dict[str, Any]]:
    """Return every method of every path, by name and path; `ANY` takes the rest."""
    return {
        ("ANY" if name == ANY_METHOD else name.upper(), path): method
        for path, item in body_of(environment)["paths"].items()
        for name, method in item.items()
        if name != "parameters"
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
        route: method["security"] == [{SCHEME: []}]
        for route, method in methods_of(anywhere).items()
        if route[0] not in {"OPTIONS", "ANY"}
    }
    assert deployed == described


def test_no_route_catches_what_is_not_listed(anywhere: Synthesised) -> None:
    """There is no `{proxy+}`: an unknown path is the gateway's 404."""
    assert not [path for path in body_of(anywhere)["paths"] if "+" in path]
    functional = [
        route
        for route, method in methods_of(anywhere).items()
        if method[INTEGRATION]["type"] == "aws_proxy"
    ]
    assert sorted(functional) == sorted((route.method, route.path) for route in ROUTES)


def test_nothing_of_the_api_stands_beside_its_body(anywhere: Synthesised) -> None:
    """A resource or method of its own would be lost with the next import of the body."""
    kinds = {resource["Type"] for resource in anywhere["Api"].resources.values()}
    assert not kinds & {
        "AWS::ApiGateway::Resource",
        "AWS::ApiGateway::Method",
        "AWS::ApiGateway::GatewayResponse",
        "AWS::ApiGateway::Authorizer",
    }


def test_every_route_calls_its_function(anywhere: Synthesised) -> None:
    """The address of each integration is the alias `live` of the function that is declared."""
    methods = methods_of(anywhere)
    for route in ROUTES:
        integration = methods[route.method, route.path][INTEGRATION]
        assert integration["httpMethod"] == "POST"
        address = json.dumps(integration["uri"])
        assert f"-{route.function.name}:live/invocations" in address, route.path


def test_path_parameters_are_described(anywhere: Synthesised) -> None:
    """Each name between braces is a parameter of its path, as an import asks."""
    for path, item in body_of(anywhere)["paths"].items():
        named = [parameter["name"] for parameter in item.get("parameters", [])]
        assert named == re.findall(r"{(\w+)}", path), path


def test_preflight_is_answered_by_the_gateway(anywhere: Synthesised) -> None:
    """Every path answers OPTIONS without a function and without a token."""
    methods = methods_of(anywhere)
    for route in ROUTES:
        preflight = methods["OPTIONS", route.path]
        assert preflight[INTEGRATION]["type"] == "mock"
        assert preflight["security"] == []
        response = preflight[INTEGRATION]["responses"]["default"]
        assert response["statusCode"] == "204"
        headers = response["responseParameters"]
        allowed = headers["method.response.header.Access-Control-Allow-Methods"]
        assert route.method in allowed.strip("'").split(",")
        assert set(headers) == {
            f"method.response.header.{name}" for name in preflight["responses"]["204"]["headers"]
        }


def test_one_page_is_named_and_its_caches_are_told(dev: Synthesised, local: Synthesised) -> None:
    """A preflight names the page that may call; where any may, it says so."""
    prefix = "method.response.header"
    one, any_page = (
        methods_of(each)["OPTIONS", "/v1/clips"][INTEGRATION]["responses"]["default"][
            "responseParameters"
        ]
        for each in (dev, local)
    )
    assert one[f"{prefix}.Access-Control-Allow-Origin"] == "'http://localhost:5173'"
    assert one[f"{prefix}.Vary"] == "'Origin'"
    assert any_page[f"{prefix}.Access-Control-Allow-Origin"] == "'*'"
    assert f"{prefix}.Vary" not in any_page


def test_of_several_pages_each_is_named_to_itself() -> None:
    """The first is named by default, another when it is the one that asks; never all of them."""
    body = ApiBody(
        title="pages",
        routes=ROUTES[:1],
        origins=("https://a.example", "https://b.example"),
        authorizer=functions.accounts.AUTHORIZER,
        address_of=lambda spec: spec.name,
    ).document()
    preflight = body["paths"][ROUTES[0].path]["options"][INTEGRATION]["responses"]["default"]
    headers = preflight["responseParameters"]
    assert headers["method.response.header.Access-Control-Allow-Origin"] == "'https://a.example'"
    template = preflight["responseTemplates"]["application/json"]
    assert '$origin == "https://b.example"' in template
    assert "a.example" not in template
    for response in body[GATEWAY_RESPONSES].values():
        named = response["responseParameters"]
        assert named["gatewayresponse.header.Access-Control-Allow-Origin"] == "'*'"


def test_a_wrong_method_is_told_which_ones_are_right(anywhere: Synthesised) -> None:
    """405 with `Allow`, in the shape of every other error, on every path."""
    methods = methods_of(anywhere)
    response = methods["ANY", "/v1/clips/{clip_id}"][INTEGRATION]["responses"]["default"]
    headers = response["responseParameters"]
    assert response["statusCode"] == "405"
    assert headers["method.response.header.Allow"] == "'DELETE, GET, OPTIONS'"
    assert headers["method.response.header.Content-Type"] == f"'{CONTENT_TYPE}'"
    assert response["responseTemplates"]["application/json"] == METHOD_NOT_ALLOWED.template()
    for route in ROUTES:
        refusal = methods["ANY", route.path]
        assert refusal[INTEGRATION]["type"] == "mock"
        assert refusal["security"] == []
        assert set(refusal["responses"]) == {"405"}


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
    by_type = body_of(anywhere)[GATEWAY_RESPONSES]
    assert len(by_type) == len(GATEWAY_PROBLEMS)
    assert {
        "DEFAULT_4XX": "400",
        "DEFAULT_5XX": "500",
        "UNAUTHORIZED": "401",
        "ACCESS_DENIED": "403",
        "MISSING_AUTHENTICATION_TOKEN": "404",
        "REQUEST_TOO_LARGE": "413",
        "THROTTLED": "429",
        "QUOTA_EXCEEDED": "429",
    }.items() <= {name: response["statusCode"] for name, response in by_type.items()}.items()
    for name, response in by_type.items():
        headers = response["responseParameters"]
        assert headers["gatewayresponse.header.Content-Type"] == f"'{CONTENT_TYPE}'", name
        assert "gatewayresponse.header.Access-Control-Allow-Origin" in headers, name
        body = json.loads(response["responseTemplates"]["application/json"])
        assert str(body["status"]) == response["statusCode"], name


def test_every_method_is_throttled(anywhere: Synthesised) -> None:
    """Requirement 9: a default for all, and limits of their own for each route."""
    (stage,) = anywhere["Api"].of("AWS::ApiGateway::Stage").values()
    settings = {
        (setting["HttpMethod"], setting["ResourcePath"].replace("~1", "/")): setting
        for setting in stage["MethodSettings"]
    }
    assert settings["*", "/*"]["ThrottlingRateLimit"] > 0
    for route in ROUTES:
        own = settings[route.method, f"/{route.path}"]
        assert own["ThrottlingBurstLimit"] == route.throttle.burst
        assert own["ThrottlingRateLimit"] == route.throttle.per_second
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
    (scheme,) = body_of(anywhere)["components"]["securitySchemes"].values()
    assert (scheme["name"], scheme["in"]) == ("Authorization", "header")
    authorizer = scheme[AUTHORIZER]
    assert authorizer["type"] == "token"
    assert authorizer["authorizerResultTtlInSeconds"] == 300
    assert authorizer["identityValidationExpression"] == BEARER_PATTERN
    assert "-authorizer:live/invocations" in json.dumps(authorizer["authorizerUri"])
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
