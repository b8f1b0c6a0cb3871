"""
Who may do what, on the deployed system: every route, every kind of caller (SE1).

The routes come from docs/openapi.json, so a new one is in the matrix the day it is described.
"""

import json
import uuid
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

import jsonschema_rs
import pytest
import requests

from dev.client import EchoesClient
from dev.cloud.endpoints import Endpoints
from tests.support.users import User

DOCUMENT: Final = json.loads(
    (Path(__file__).parents[2] / "docs" / "openapi.json").read_text(encoding="utf-8")
)
ROUTES: Final = [
    pytest.param(method.upper(), path, operation, id=operation["operationId"])
    for path, operations in DOCUMENT["paths"].items()
    for method, operation in operations.items()
]
ACTORS: Final = ["anonymous", "guest", "stranger", "admin", "owner"]
REFUSED: Final = {401, 403, 404}
NAMING: Final = {"orderClip", "planStory"}
"""They name somebody's upload in the body, and not in the path."""
TIMEOUT_SECONDS: Final = 60
MUSIC: Final = {
    "filename": "our-song.mp3",
    "content_type": "audio/mpeg",
    "bytes": 1000,
    "rights_confirmed": True,
}


@dataclass(frozen=True, kw_only=True)
class Things:
    """What belongs to the owner, and what operators look after."""

    upload_id: str
    clip_id: str
    checkout_session_id: str
    project_id: str
    film_id: str
    music_id: str
    user_id: str = ""
    adjustment_id: str = ""
    event_id: str = "evt_nobody_sent"


@pytest.fixture(scope="module")
def people(
    make_user: Callable[[int], User], admin: User, anonymous: EchoesClient
) -> dict[str, str | None]:
    """Return a token of every kind of caller."""
    return {
        "anonymous": None,
        "guest": anonymous.post("/v1/guests")["token"],
        "stranger": make_user(5).api.token,
        "admin": admin.api.token,
    }


@pytest.fixture(scope="module")
def owner(make_user: Callable[[int], User]) -> User:
    return make_user(20)


@pytest.fixture(scope="module")
def audited(make_user: Callable[[int], User], admin: User) -> dict[str, str]:
    """Return a user whom operators may freeze, and an adjustment that one operator requested."""
    user_id = make_user(5).person.subject
    request = {"user_id": user_id, "amount": 101, "reason": "A lot", "ticket": str(uuid.uuid4())}
    asked = admin.api.post("/admin/v1/credits/adjustments", request)
    return {"user_id": user_id, "adjustment_id": asked["id"]}


@pytest.fixture(scope="module")
def things(owner: User, audited: dict[str, str]) -> Things:
    return replace(order(owner), **audited)


def order(owner: User) -> Things:
    """Return a photo and a clip of *owner*, made to its end, in a project with a film."""
    upload_id = owner.ready_upload()
    project = owner.api.post("/v1/projects", {})
    clip = owner.api.order_clip(upload_id, duration_seconds=2, project_id=project["id"])
    owner.api.wait_for_clip(clip["id"])
    place = owner.api.post("/v1/music-uploads", MUSIC)
    checkout = owner.api.post("/v1/checkout-sessions", {"pack_id": "starter"})
    return Things(
        upload_id=upload_id,
        clip_id=clip["id"],
        checkout_session_id=checkout["id"],
        project_id=project["id"],
        film_id=owner.api.post(f"/v1/projects/{project['id']}/films")["id"],
        music_id=place["id"],
    )


def body_of(operation: dict[str, Any], things: Things, owner: User) -> Any:  # noqa: ANN401  # JSON
    if "requestBody" not in operation:
        return None
    (content,) = operation["requestBody"]["content"].values()
    body = dict(content["example"])
    named: dict[str, Any] = {
        "upload_id": things.upload_id,
        "user_id": owner.person.subject,
        "ticket": f"matrix-{uuid.uuid4()}",
    }
    named["upload_ids"] = [things.upload_id]
    if operation["operationId"] == "orderProjectClips":
        named["photos"] = [{"upload_id": things.upload_id}]
    return body | {name: value for name, value in named.items() if name in body}


def expected(actor: str, method: str, path: str, operation: dict[str, Any]) -> set[int] | None:
    """Return what *actor* must be answered; ``None`` is anything that is no refusal."""
    audience = operation["x-audience"]
    if audience == "all":
        return None
    if actor == "anonymous":
        return {401}
    if audience == "admins":
        nothing_there = {404} if operation["operationId"] == "replayStripeEvent" else None
        return nothing_there if actor == "admin" else {403}
    if audience == "users" and actor == "guest":
        return {403, 404} if "{" in path else {403}
    somebody_elses = "{" in path or operation["operationId"] in NAMING
    if not somebody_elses or actor == "owner" or (actor == "admin" and method == "GET"):
        return None
    return {404}


@pytest.mark.parametrize("actor", ACTORS)
@pytest.mark.parametrize(("method", "path", "operation"), ROUTES)
def test_everybody_gets_what_is_theirs_and_nothing_else(
    endpoints: Endpoints,
    people: dict[str, str | None],
    owner: User,
    things: Things,
    actor: str,
    method: str,
    path: str,
    operation: dict[str, Any],
) -> None:
    """SE1, PF1: 401 without a token, 404 for other owners' resources, 403 for the wrong kind."""
    mine = order(owner) if (actor, method) == ("owner", "DELETE") else things
    token = owner.api.token if actor == "owner" else people[actor]
    response = requests.request(
        method,
        endpoints.api_url + path.format(**asdict(mine)),
        json=body_of(operation, mine, owner),
        headers={"Authorization": f"Bearer {token}"} if token else {},
        timeout=TIMEOUT_SECONDS,
    )
    wanted = expected(actor, method, path, operation)
    if wanted is None:
        assert response.status_code not in REFUSED, response.text
        assert response.status_code < 500, response.text
    else:
        assert response.status_code in wanted, response.text
    if response.status_code >= 400:
        check_problem(response)


def check_problem(response: requests.Response) -> None:
    """ER6: every refusal, by a function or by the gateway, is a problem document with an id."""
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.headers["Cache-Control"] == "no-store"
    assert response.json()["status"] == response.status_code
    assert "$context" not in response.text
    model = "CreditProblem" if response.status_code == 402 else "Problem"
    schema = {"$ref": f"#/components/schemas/{model}", "components": DOCUMENT["components"]}
    jsonschema_rs.Draft202012Validator(schema).validate(response.json())


@pytest.mark.parametrize(
    "token",
    ["", "garbage", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4IiwiaXNzIjoiZWNob2VzLWd1ZXN0cyJ9."],
)
def test_a_token_that_proves_nothing_is_401(endpoints: Endpoints, token: str) -> None:
    """SE7: also ``alg: none``; and browsers may read the response."""
    response = requests.get(
        f"{endpoints.api_url}/v1/credits",
        headers={"Authorization": f"Bearer {token}", "Origin": "http://localhost:5173"},
        timeout=TIMEOUT_SECONDS,
    )
    assert response.status_code == 401
    assert "Access-Control-Allow-Origin" in response.headers
    check_problem(response)


def test_a_signature_that_was_touched_is_401(endpoints: Endpoints, owner: User) -> None:
    """SE7: eight characters turned round are enough."""
    token = owner.api.token or ""
    head, payload, signature = token.split(".")
    forged = f"{head}.{payload}.{signature[:-8]}{signature[-8:][::-1]}"
    response = requests.get(
        f"{endpoints.api_url}/v1/credits",
        headers={"Authorization": f"Bearer {forged}"},
        timeout=TIMEOUT_SECONDS,
    )
    assert response.status_code == 401


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/v1/nothing", 404), ("GET", "/", 404), ("PUT", "/v1/clips", 405)],
)
def test_what_there_is_not_is_told_as_a_problem(
    endpoints: Endpoints, owner: User, method: str, path: str, status: int
) -> None:
    """ER6: unknown routes and wrong methods too."""
    response = requests.request(
        method,
        endpoints.api_url + path,
        headers={"Authorization": f"Bearer {owner.api.token}"},
        timeout=TIMEOUT_SECONDS,
    )
    assert response.status_code == status
    check_problem(response)
