"""
The API's description, and what every reply is held to.

A response or a status that is not documented, a problem of another shape, a missing header fails
the test at once (ER6).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import jsonschema_rs

from echoes.http.contract.operation import Operation
from echoes.http.operations import OPERATIONS
from tools.openapi import document

ORIGIN: Final = "https://app.echoes.example"
REQUEST_ID: Final = "8f0c2a51-6a5e-4f0e-9a55-2b7f5a1d9c10"
PROBLEM: Final = "application/problem+json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What came back, as a client sees it."""

    status: int
    headers: Mapping[str, str]
    body: Any


def find_operation(method: str, path: str) -> Operation | None:
    """Return the documented operation at *path*, if there is one."""
    steps = path.strip("/").split("/")
    for operation in OPERATIONS:
        pattern = operation.route.path.strip("/").split("/")
        same = len(pattern) == len(steps) and all(
            want.startswith("{") or want == step for want, step in zip(pattern, steps, strict=True)
        )
        if same and operation.route.method == method:
            return operation
    return None


def check_reply(reply: Reply, operation: Operation | None) -> None:
    """Hold *reply* to what the API promises of it."""
    assert reply.headers["X-Request-Id"] == REQUEST_ID
    assert reply.headers["X-Content-Type-Options"] == "nosniff"
    assert reply.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert "Cache-Control" in reply.headers
    if reply.status >= 400:
        _check_problem(reply)
    if operation is None:
        assert reply.status in {404, 405}
        return
    described = _document()["paths"][operation.route.path][operation.route.method.lower()][
        "responses"
    ]
    assert str(reply.status) in described, f"{reply.status} is not documented: {reply.body}"
    if reply.status < 400:
        success = next(each for each in operation.responses if each.status.value == reply.status)
        assert reply.headers["Cache-Control"] == operation.caching.value
        assert (reply.body is None) == (success.schema is None)
    if reply.body is not None:
        _validator(
            operation.route.method.lower(), operation.route.path, str(reply.status)
        ).validate(reply.body)


def _check_problem(reply: Reply) -> None:
    assert reply.headers["Content-Type"] == PROBLEM
    assert reply.headers["Cache-Control"] == "no-store"
    assert reply.body["status"] == reply.status
    assert reply.body["request_id"] == REQUEST_ID
    model = "CreditProblem" if reply.status == 402 else "Problem"
    _schema({"$ref": f"#/components/schemas/{model}"}).validate(reply.body)


@cache
def _document() -> dict[str, Any]:
    return document()


@cache
def _validator(method: str, path: str, status: str) -> jsonschema_rs.Draft202012Validator:
    described = _document()
    response = described["paths"][path][method]["responses"][status]
    if "$ref" in response:
        response = described["components"]["responses"][response["$ref"].rsplit("/", 1)[1]]
    (content,) = response["content"].values()
    return _schema(content["schema"])


def _schema(schema: Mapping[str, Any]) -> jsonschema_rs.Draft202012Validator:
    whole = {**schema, "components": {"schemas": _document()["components"]["schemas"]}}
    return jsonschema_rs.Draft202012Validator(whole, validate_formats=True)
