"""The REST API of the local cloud answers as API Gateway does."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
import requests

Api = Callable[..., requests.Response]


def test_a_handlers_exception_is_a_502_that_tells_nothing(api: Api) -> None:
    """A raised error answers 502 through DEFAULT_5XX, with CORS and without the error's text."""
    answer = api("GET", "/v1/open?do=raise")
    assert answer.status_code == 502
    assert "secret" not in answer.text
    assert answer.json()["detail"] == "Internal server error"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.json()["id"] == answer.headers["x-amzn-requestid"] == answer.headers["x-request"]


def test_an_answer_without_a_status_is_a_502(api: Api) -> None:
    """A function's result that is no proxy response is an error, not a page."""
    assert api("GET", "/v1/open?do=malformed").status_code == 502


def test_function_and_response_share_the_request_id(api: Api) -> None:
    """The id in the response header is the one the function logs."""
    answer = api("GET", "/v1/open")
    context = answer.json()["event"]["requestContext"]
    assert context["requestId"] == answer.headers["x-amzn-requestid"]
    assert context["domainName"]


def test_a_body_over_ten_megabytes_is_refused(api: Api) -> None:
    """REQUEST_TOO_LARGE answers 413 before any function runs."""
    answer = api("POST", "/v1/open", data=b"x" * (10 * 1024 * 1024 + 1))
    assert answer.status_code == 413
    assert answer.headers["access-control-allow-origin"] == "*"


def test_a_methods_own_throttle_holds(api: Api) -> None:
    """The burst of a method whose path the template escapes ends in 429 through DEFAULT_4XX."""
    codes = [api("GET", "/v1/slow").status_code for _ in range(5)]
    assert codes[:2] == [200, 200]
    assert 429 in codes


@pytest.mark.parametrize(
    ("token", "status", "detail"),
    [
        (None, 401, "Unauthorized"),
        ("unauthorized", 401, "Unauthorized"),
        ("deny", 403, "explicit deny"),
        ("broken", 500, None),
    ],
)
def test_an_authorizers_refusal_answers_through_its_gateway_response(
    api: Api, token: str | None, status: int, detail: str | None
) -> None:
    """UNAUTHORIZED, ACCESS_DENIED and AUTHORIZER_FAILURE carry our template, CORS and an id."""
    headers = {"Authorization": token} if token else {}
    answer = api("GET", "/v1/mine", headers=headers)
    assert answer.status_code == status
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.json()["id"] == answer.headers["x-amzn-requestid"]
    assert detail is None or detail in answer.json()["detail"]


@pytest.mark.parametrize("path", ["/v1/mine", "/v1/token", "/v1/clips/7"])
def test_an_authorizers_context_reaches_the_function_as_strings(api: Api, path: str) -> None:
    """TOKEN and REQUEST authorizers hand over what they found, every value a string."""
    event = api("GET", path, headers={"Authorization": "fine"}).json()["event"]
    found = event["requestContext"]["authorizer"]
    assert {"subject": "user-1", "groups": "admin,staff", "n": "3"}.items() <= found.items()


def test_an_authorizers_answer_is_cached_by_its_identity_source(
    api: Api, calls: Callable[[str], list[Any]]
) -> None:
    """One token asks the authorizer once within its time to live, for every method it allows."""
    token = str(uuid.uuid4())
    for path in ("/v1/mine", "/v1/clips/1", "/v1/clips/2"):
        assert api("GET", path, headers={"Authorization": token}).status_code == 200
    asked = [
        call
        for call in calls("authorizer")
        if call["event"].get("headers", {}).get("authorization") == token
    ]
    assert len(asked) == 1


@pytest.mark.parametrize(("method", "path"), [("GET", "/v1/none"), ("DELETE", "/v1/slow")])
def test_an_unknown_route_is_our_404(api: Api, method: str, path: str) -> None:
    """MISSING_AUTHENTICATION_TOKEN answers as the template says: 404 and our body."""
    answer = api(method, path)
    assert answer.status_code == 404
    assert answer.json()["type"] == "no-such-route"


def test_preflights_are_answered_by_the_api(api: Api) -> None:
    """A mock preflight carries its own origins; where OPTIONS is a method, the function answers."""
    asked = {"Origin": "http://localhost:5173", "Access-Control-Request-Method": "POST"}
    mock = api("OPTIONS", "/v1/preflight", headers=asked)
    assert mock.status_code == 204
    assert mock.headers["access-control-allow-origin"] == "http://localhost:5173"
    assert mock.headers["access-control-allow-headers"] == "Idempotency-Key"
    assert api("OPTIONS", "/v1/open").json()["event"]["httpMethod"] == "OPTIONS"


def test_a_mocks_answer_names_the_request(api: Api) -> None:
    """Variables in the answer of an integration without a function are filled in."""
    answer = api("GET", "/v1/mocked")
    assert answer.status_code == 405
    assert answer.json() == {"id": answer.headers["x-amzn-requestid"]}


def test_paths_stages_and_bytes_reach_the_function(api: Api) -> None:
    """Path parameters, stage variables, repeated parameters and binary bodies are kept."""
    event = api("GET", "/v1/rest/a/b?x=1&x=2").json()["event"]
    assert event["pathParameters"] == {"proxy": "a/b"}
    assert event["multiValueQueryStringParameters"] == {"x": ["1", "2"]}
    assert event["stageVariables"] == {"colour": "blue"}
    sent = api("POST", "/v1/open", data=b"\x89PNG", headers={"Content-Type": "image/png"})
    assert sent.json()["event"]["isBase64Encoded"] is True
    image = api("GET", "/v1/open?do=bytes", headers={"Accept": "image/png"})
    assert image.content == b"\x89PNG\x00\xff"


def test_the_alias_serves_its_published_version(api: Api) -> None:
    """An integration of `…:live` runs the version that the alias points at."""
    assert api("GET", "/v1/open").json()["version"] == "1"
