"""What holds for every route: headers, CORS, the description, and what logs may not say."""

import json
import logging
import sys

import pytest

from echoes.http.contract.operation import Operation
from echoes.http.operations import OPERATIONS
from echoes.observability import logger
from tests.support.api_description import ORIGIN
from tests.support.factories import an_id
from tests.support.http_api import HttpApi, an_event
from tools import openapi

CANARIES = [
    "ann@example.com",
    "sk_live_51Canary",
    "Bearer eyJhbGciOi.canary",
    "line\r\nbreak-canary",
    "\x1b[31mred-canary\x1b[0m",
]


def test_the_description_is_what_the_code_says() -> None:
    """docs/openapi.json is generated; this fails when it was forgotten."""
    assert json.loads(openapi.FILE.read_text()) == json.loads(json.dumps(openapi.document()))


def test_every_route_is_described_and_every_description_has_a_route(api: HttpApi) -> None:
    """The functions answer exactly what the document says, each in its own function."""
    answered = {
        (name, route.method, route.path) for name, app in api.apps.items() for route in app.routes
    }
    assert answered == {(o.route.function, o.route.method, o.route.path) for o in OPERATIONS}


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_every_operation_has_an_example_that_its_schema_accepts(operation: Operation) -> None:
    """People copy examples."""
    if operation.body:
        assert operation.body.model_validate_json(json.dumps(operation.example))


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [(ORIGIN, True), ("http://localhost:5173", True), ("https://evil.example", False)],
)
def test_only_our_pages_may_call_from_a_browser(
    api: HttpApi, origin: str, *, allowed: bool
) -> None:
    """CORS names the page that asked, for answers, errors and preflights."""
    for method, path in [("GET", "/v1/config"), ("GET", "/v1/nope"), ("OPTIONS", "/v1/config")]:
        event = an_event(method, path, headers={"Origin": origin})
        headers = api.apps["account-api"](event, api.context)["multiValueHeaders"]
        assert headers.get("Access-Control-Allow-Origin") == ([origin] if allowed else None)
        assert "Origin" in headers["Vary"][0]


def test_a_preflight_allows_what_the_api_needs(api: HttpApi) -> None:
    """Idempotency keys, ETags and tokens may be sent; answers' headers may be read."""
    event = an_event("OPTIONS", "/v1/clips", headers={"Origin": ORIGIN})
    answer = api.apps["generate-api"](event, api.context)
    headers = answer["multiValueHeaders"]
    assert answer["statusCode"] == 204
    for wanted in ("Authorization", "Content-Type", "Idempotency-Key", "If-None-Match"):
        assert wanted in headers["Access-Control-Allow-Headers"][0]
    for wanted in ("ETag", "Location", "Retry-After", "RateLimit", "Idempotency-Replayed"):
        assert wanted in headers["Access-Control-Expose-Headers"][0]


def test_what_is_for_one_person_varies_by_person(api: HttpApi) -> None:
    """No cache mixes up two people."""
    reply = api.call("GET", "/v1/credits", token=api.user())
    assert reply.headers["Vary"] == "Origin, Authorization"


def test_logs_never_say_what_people_sent(
    api: HttpApi, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """For every input: each line of the log is one JSON object without a canary."""
    (handler,) = [h for h in logging.getLogger(logger.name).handlers if hasattr(h, "stream")]
    monkeypatch.setattr(handler, "stream", sys.stdout)
    user, app = api.user(credits_=5), api.apps
    for canary in CANARIES:
        for operation in OPERATIONS:
            ids = dict.fromkeys(operation.route.parameters, canary)
            real = {name: an_id() for name in operation.route.parameters}
            for path in (operation.route.path.format(**ids), operation.route.path.format(**real)):
                headers = {
                    "Origin": canary,
                    "Idempotency-Key": canary,
                    "Authorization": canary,
                    "User-Agent": canary,
                    "If-None-Match": canary,
                }
                for body in (canary, json.dumps({canary: canary, "prompt": canary})):
                    event = an_event(
                        operation.route.method,
                        path,
                        token=user,
                        body=body,
                        headers=headers,
                        query={"cursor": canary, "limit": canary},
                    )
                    app[operation.route.function](event, api.context)
    api.uploads.get = _failing  # type: ignore[method-assign, assignment]
    order = {"upload_id": an_id(), "prompt": CANARIES[0]}
    assert api.call("POST", "/v1/clips", token=user, body=order).status == 500
    written = capsys.readouterr().out
    lines = [json.loads(line) for line in written.splitlines()]
    assert any(line["level"] == "ERROR" for line in lines)
    for canary in ("ann@example", "sk_live", "eyJhbGciOi", "canary", "\x1b"):
        assert canary not in written


def _failing(*_: object) -> None:
    raise RuntimeError("could not read the upload of ann@example.com sk_live_51Canary")
