"""Every error is a problem document, and nothing else (ER6)."""

import base64
import json
from typing import Any

import pytest

from dev.fakes.credits import Fault
from echoes.domain import errors
from echoes.domain.error_catalogue import CATALOGUE, ErrorCode
from echoes.http import rejections
from echoes.http.billing.views import offer_pack
from echoes.http.contract.operation import Operation
from echoes.http.identity import Audience
from echoes.http.operations import OPERATIONS
from echoes.http.problems import STATUS, problem_of
from tests.support.api_description import ORIGIN
from tests.support.factories import an_id
from tests.support.http_api import HttpApi, an_event


def test_an_unknown_route_is_not_found(api: HttpApi) -> None:
    """Every function answers 404 for what it does not know."""
    for app in api.apps:
        reply = api.call("GET", "/v1/nothing/here", app=app)
        assert (reply.status, reply.body["code"]) == (404, "not_found")


def test_a_wrong_method_names_the_right_ones(api: HttpApi) -> None:
    """405 with Allow."""
    reply = api.call("PUT", f"/v1/clips/{an_id()}", app="generate-api")
    assert (reply.status, reply.body["code"]) == (405, "method_not_allowed")
    assert reply.headers["Allow"] == "DELETE"


@pytest.mark.parametrize("body", [None, "", "{", '{"photos": [NaN]}', '"\\ud800"', "[" * 20_000])
def test_a_body_that_is_no_json_is_unreadable(api: HttpApi, body: str | None) -> None:
    """400, never 500."""
    reply = api.call("POST", "/v1/uploads", token=api.user(), body=body)
    assert reply.status in {400, 422}
    assert reply.body["code"] == "invalid_request"


def test_a_body_may_come_as_base64(api: HttpApi) -> None:
    """The gateway may encode it; what then is no text is unreadable."""
    user = api.user(credits_=1)
    app = api.apps["generate-api"]
    order = json.dumps({"upload_id": api.photo(user).upload_id}).encode()
    for content, status in [(order, 202), (b"\xff\xfe", 400)]:
        event = an_event("POST", "/v1/clips", token=user, headers={"Origin": ORIGIN})
        event |= {"body": base64.b64encode(content).decode(), "isBase64Encoded": True}
        assert app(event, api.context)["statusCode"] == status


def test_a_body_is_bounded(api: HttpApi) -> None:
    """More than 64 KB is 413, before anything reads it."""
    reply = api.call("POST", "/v1/clips", token=api.user(), body="1" * (64 * 1024 + 1))
    assert (reply.status, reply.body["code"]) == (413, "request_too_large")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "upload_id"),
        ({"upload_id": 7}, "upload_id"),
        ({"upload_id": "../../etc"}, "upload_id"),
        ({"upload_id": an_id(), "extra": 1}, "extra"),
        ({"upload_id": an_id(), "duration_seconds": 5.5}, "duration_seconds"),
        ({"upload_id": an_id(), "duration_seconds": 11}, "duration_seconds"),
        ({"upload_id": an_id(), "duration_seconds": True}, "duration_seconds"),
        ({"upload_id": an_id(), "motion": "wobble"}, "motion"),
        ({"upload_id": an_id(), "seed": -1}, "seed"),
        ({"upload_id": an_id(), "prompt": ""}, "prompt"),
    ],
)
def test_every_wrong_field_is_named(api: HttpApi, body: object, field: str) -> None:
    """422 with the path of the field, and nothing of what was sent."""
    reply = api.call("POST", "/v1/clips", token=api.user(), body=body)
    assert (reply.status, reply.body["code"]) == (422, "invalid_request")
    assert [error["field"] for error in reply.body["errors"]] == [field]


def test_fields_deep_inside_are_named_by_their_path(api: HttpApi) -> None:
    """``photos.1.bytes``; a photo that is too large has a code of its own."""
    photo = {"filename": "a.jpg", "content_type": "image/jpeg", "bytes": 10}
    user = api.user()
    wrong = {"photos": [photo, {**photo, "bytes": 0}, {**photo, "taken_at": "yesterday"}]}
    reply = api.call("POST", "/v1/uploads", token=user, body=wrong)
    fields = [error["field"] for error in reply.body["errors"]]
    assert fields == ["photos.1.bytes", "photos.2.taken_at"]
    huge = {"photos": [{**photo, "bytes": 10**9}]}
    reply = api.call("POST", "/v1/uploads", token=user, body=huge)
    assert (reply.status, reply.body["code"]) == (413, "photo_too_large")
    many = {"photos": [photo] * 51}
    assert api.call("POST", "/v1/uploads", token=user, body=many).status == 422


def test_what_nobody_expected_is_an_internal_error(api: HttpApi) -> None:
    """500 internal_error without details."""
    user = api.user()
    api.ledger.account = None  # type: ignore[method-assign, assignment]
    reply = api.call("GET", "/v1/credits", token=user)
    assert (reply.status, reply.body["code"]) == (500, "internal_error")
    assert "NoneType" not in json.dumps(reply.body)


def test_a_vendor_that_does_not_answer_is_worth_another_try(api: HttpApi) -> None:
    """503 with Retry-After, retryable."""
    user = api.user(credits_=1)
    order = {"upload_id": api.photo(user).upload_id}
    api.ledger.inject(Fault.THROTTLED)
    reply = api.call("POST", "/v1/clips", token=user, body=order)
    assert (reply.status, reply.headers["Retry-After"]) == (503, "5")
    assert reply.body["retryable"] is True


def test_endless_contention_is_told_as_such(api: HttpApi) -> None:
    """409 try_again with Retry-After once the use case has given up."""
    user = api.user(credits_=1)
    order = {"upload_id": api.photo(user).upload_id}
    api.ledger.inject(Fault.CONFLICT, times=100)
    reply = api.call("POST", "/v1/clips", token=user, body=order)
    assert (reply.status, reply.body["code"]) == (409, "try_again")
    assert reply.headers["Retry-After"] == "5"


def test_a_frozen_account_may_not_order(api: HttpApi) -> None:
    """403 forbidden."""
    user = api.user(credits_=1)
    api.ledger.freeze(user.subject)
    order = {"upload_id": api.photo(user).upload_id}
    assert api.call("POST", "/v1/clips", token=user, body=order).status == 403


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_who_may_call_what(api: HttpApi, operation: Operation) -> None:
    """PF1: 401 without a token but on the public list; 403 for the wrong kind of caller."""
    path = operation.route.path.format(**{name: an_id() for name in operation.route.parameters})
    callers = {"nobody": None, "guest": api.guest(), "user": api.user()}
    seen = {
        name: api.call(operation.route.method, path, token=token).status
        for name, token in callers.items()
    }
    needs_user = operation.route.audience in {Audience.USERS, Audience.ADMINS}
    assert (seen["nobody"] == 401) is (operation.route.audience is not Audience.ALL)
    assert (seen["guest"] == 403) is needs_user
    assert (seen["user"] == 403) is (operation.route.audience is Audience.ADMINS)


def all_errors() -> list[type[errors.EchoesError]]:
    found: list[type[errors.EchoesError]] = [errors.EchoesError]
    for known in found:
        found += [sub for sub in known.__subclasses__() if sub not in found]
    return [error for error in found if error.__module__.startswith("echoes.")]


@pytest.mark.parametrize("kind", all_errors(), ids=lambda kind: kind.__name__)
def test_every_error_the_product_knows_can_be_told(kind: type[errors.EchoesError]) -> None:
    """No error class is forgotten: each becomes a problem with a code of the catalogue."""
    arguments: dict[type, dict[str, Any]] = {
        errors.InsufficientCredits: {"required": 2, "available": 1},
        errors.FilmNotPaid: {
            "clip_ids": ["clip"],
            "project_id": "project",
            "required": 2,
            "available": 1,
        },
        rejections.MethodNotAllowed: {"allowed": ["GET"]},
        rejections.UnacceptableFields: {"errors": []},
        errors.ProviderRefused: {"failure": ErrorCode.MODERATION_BLOCKED, "detail": "no"},
        errors.HoldAlreadySettled: {"hold_id": "hold"},
        errors.PhotoUnusable: {"reason": "unreadable"},
        errors.TooManyFilms: {"limit": 3},
    }
    error = kind(**arguments[kind]) if kind in arguments else kind("why")
    problem = problem_of(error, checkout_url="/credits", offer=offer_pack)
    assert problem.document("r")["title"] == CATALOGUE[problem.code].title
    assert problem.status in {*STATUS.values(), 400, 503}


NO_REFUSAL = {
    ErrorCode.GENERATION_FAILED,
    ErrorCode.UPLOAD_FAILED,
    ErrorCode.MODERATION_BLOCKED,
    ErrorCode.PAYMENT_DECLINED,
    ErrorCode.PAYMENT_PENDING,
    ErrorCode.CLIP_CANCELLED,
    ErrorCode.FILM_CANCELLED,
    ErrorCode.FILM_FAILED,
    ErrorCode.MUSIC_GONE,
    ErrorCode.PROVIDER_UNAVAILABLE,
}
"""Codes that a clip, a film or a client shows; no request is refused with one."""


def test_every_code_that_answers_a_request_is_an_error_status() -> None:
    """A code without a status would be a 500; those there are, are 4xx and 5xx."""
    assert set(ErrorCode) - set(STATUS) == NO_REFUSAL
    assert all(400 <= status < 600 for status in STATUS.values())


def test_the_catalogue_is_public_and_the_same_everywhere(api: HttpApi) -> None:
    """ER5: the product's three sentences to the letter; every code, its status and its words."""
    reply = api.call("GET", "/v1/errors")
    titles = {item["code"]: item["title"] for item in reply.body["items"]}
    assert titles["insufficient_credits"] == "You need more credits to generate this clip"
    assert titles["generation_failed"] == "Something went wrong. Try regenerating this clip"
    assert titles["upload_failed"] == "Upload failed. Please check your connection and try again"
    assert set(titles) == set(ErrorCode)
    assert reply.headers["Cache-Control"] == "public, max-age=300"
