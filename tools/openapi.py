"""
What follows from the operations in the code: ``python -m tools.openapi`` writes two files.

``docs/openapi.json`` describes the API for the people who call it. ``infra/routes.json`` holds what
the gateway needs of each route; infrastructure reads it and imports no run-time code. ``--check``
compares instead, and fails if a file does not match the code.
"""

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from pydantic.json_schema import models_json_schema

from echoes.http.catalogue.schemas import CreditProblem
from echoes.http.catalogue.schemas import Problem as ProblemSchema
from echoes.http.catalogue.views import API_VERSION
from echoes.http.contract.operation import Operation, Success
from echoes.http.identity import Audience
from echoes.http.operations import OPERATIONS
from echoes.http.request import EVENT_ID, MAX_IDEMPOTENCY_KEY, RESOURCE_ID, USER_ID
from tools.openapi_refusals import REF, refusal, refused

PROJECT: Final = Path(__file__).parent.parent
FILE: Final = PROJECT / "docs" / "openapi.json"
ROUTES: Final = PROJECT / "infra" / "routes.json"
JSON: Final = "application/json"
PUBLISHED_NAMES: Final = {"Arrangement": "Order", "ReasonCode": "Because"}
"""Schemas whose published name, a part of generated clients, is not the name of their class."""

PATTERNS: Final = {"user_id": USER_ID, "event_id": EVENT_ID}
"""Path parameters that are not Echoes ids."""

DESCRIPTION: Final = """\
Echoes turns photos into short video clips, and clips into films.

**Identity.** Send a Cognito access token as `Authorization: Bearer …`. Guests get a token from
`POST /v1/guests` and send it the same way. Another owner's resource is a 404.

**Errors.** Every error is a problem document (RFC 9457) with a stable `code`, a `title` for people
and `retryable`. `GET /v1/errors` lists all codes.

**Idempotency.** Send an `Idempotency-Key` with a POST that creates something. If you repeat the
request with the same key within 24 hours, you get the first response again.

**Edits.** A GET returns an `ETag`. Send it as `If-Match` with a PATCH; a stale edit is a 412.

**Lists.** Lists with pages are newest first. If `next_cursor` is not null, send it as `cursor` for
the next page.

**Links.** Signed links to media are valid for an hour. Request the resource again for a fresh link.
"""
AUDIENCES: Final[Mapping[Audience, str]] = {
    Audience.ALL: "Public: no token needed.",
    Audience.CALLERS: "For guests and signed-in users.",
    Audience.USERS: "For signed-in users.",
    Audience.ADMINS: "For operators.",
}
HEADERS: Final[Mapping[str, Mapping[str, Any]]] = {
    "Location": {"description": "The path of the new resource", "schema": {"type": "string"}},
    "Retry-After": {
        "description": "Seconds to wait before the next request",
        "schema": {"type": "integer", "minimum": 0},
    },
    "ETag": {
        "description": "The version of the resource, for `If-None-Match` and `If-Match`",
        "schema": {"type": "string"},
    },
    "Idempotency-Replayed": {
        "description": "`true` if this repeats the first response to the same key",
        "schema": {"type": "string", "const": "true"},
    },
    "RateLimit": {"description": "What is left of the rate limit", "schema": {"type": "string"}},
    "RateLimit-Policy": {"description": "The rate limit", "schema": {"type": "string"}},
    "X-Request-Id": {
        "description": "The id of the request. Quote it to support",
        "schema": {"type": "string"},
    },
}
PARAMETERS: Final[Mapping[str, Mapping[str, Any]]] = {
    "IdempotencyKey": {
        "name": "Idempotency-Key",
        "in": "header",
        "required": False,
        "description": (
            "A key you choose. For 24 hours, repeating it with the same request returns the first"
            " response. Without a key, every request is a new one."
        ),
        "schema": {
            "type": "string",
            "minLength": 1,
            "maxLength": MAX_IDEMPOTENCY_KEY,
            "pattern": "^[ -~]+$",
        },
    },
    "IfNoneMatch": {
        "name": "If-None-Match",
        "in": "header",
        "required": False,
        "description": (
            "The `ETag` of your last response. You get a 304 if nothing has changed and its links"
            " are valid for at least another half hour."
        ),
        "schema": {"type": "string"},
    },
    "IfMatch": {
        "name": "If-Match",
        "in": "header",
        "required": True,
        "description": "The `ETag` of the version you want to change; `*` for any version",
        "schema": {"type": "string", "minLength": 1},
    },
    "Limit": {
        "name": "limit",
        "in": "query",
        "required": False,
        "schema": {"type": "integer", "minimum": 1, "maximum": 100, "default": 25},
    },
    "Cursor": {
        "name": "cursor",
        "in": "query",
        "required": False,
        "description": "The `next_cursor` of the previous page",
        "schema": {"type": "string", "minLength": 1},
    },
}


def document() -> dict[str, Any]:
    """Return the OpenAPI 3.1 document of all functions."""
    paths: dict[str, dict[str, Any]] = {}
    refusals: dict[str, Any] = {}
    for operation in OPERATIONS:
        described = _operation(operation)
        for status, codes in refused(operation).items():
            name = "-".join([str(status.value), *sorted(codes)])
            refusals[name] = refusal(status, codes)
            described["responses"][str(status.value)] = {"$ref": f"#/components/responses/{name}"}
        described["responses"] = dict(sorted(described["responses"].items()))
        paths.setdefault(operation.route.path, {})[operation.route.method.lower()] = described
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Echoes",
            "version": API_VERSION,
            "description": DESCRIPTION.strip(),
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": _schemas(),
            "responses": dict(sorted(refusals.items())),
            "parameters": dict(PARAMETERS),
            "headers": dict(HEADERS),
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "bearerFormat": "JWT",
                    "description": "A Cognito access token, or a token from `POST /v1/guests`",
                }
            },
        },
    }


def _schemas() -> dict[str, Any]:
    models = {ProblemSchema, CreditProblem}
    for operation in OPERATIONS:
        models |= {operation.body} if operation.body else set()
        models |= {success.schema for success in operation.responses if success.schema}
    ordered = sorted(models, key=lambda model: model.__name__)
    _, definitions = models_json_schema(
        [(model, "validation") for model in ordered],  # type: ignore[misc]  # the metaclass
        ref_template=REF,
    )
    text = json.dumps(definitions["$defs"])
    for ours, published in PUBLISHED_NAMES.items():
        text = text.replace(f'"{ours}"', f'"{published}"')
        text = text.replace(f'"{REF.format(model=ours)}"', f'"{REF.format(model=published)}"')
    return dict(sorted(json.loads(text).items()))


def _operation(operation: Operation) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": operation.name,
        "summary": operation.summary,
        "description": AUDIENCES[operation.route.audience],
        "tags": [operation.route.function.removesuffix("-api")],
        "security": [] if operation.route.audience is Audience.ALL else [{"token": []}],
        "x-audience": operation.route.audience.name.lower(),
        "x-cache-control": operation.caching.value,
        "responses": {str(a.status.value): _success(a) for a in operation.responses},
    }
    if parameters := _parameters(operation):
        described["parameters"] = parameters
    if operation.body:
        described["requestBody"] = {
            "required": True,
            "content": {
                JSON: {
                    "schema": {"$ref": REF.format(model=operation.body.__name__)},
                    "example": operation.example,
                }
            },
        }
    return described


def _parameters(operation: Operation) -> list[dict[str, Any]]:
    parameters: list[dict[str, Any]] = [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": {"type": "string", "pattern": f"^{PATTERNS.get(name, RESOURCE_ID)}$"},
        }
        for name in operation.route.parameters
    ]
    named = [("IdempotencyKey", operation.idempotent), ("IfNoneMatch", operation.conditional)]
    named += [("IfMatch", operation.editing)]
    named += [("Limit", operation.paged), ("Cursor", operation.paged)]
    parameters += [{"$ref": f"#/components/parameters/{name}"} for name, used in named if used]
    return parameters


def _success(answer: Success) -> dict[str, Any]:
    headers = {
        name: {"$ref": f"#/components/headers/{name}"} for name in (*answer.headers, "X-Request-Id")
    }
    described: dict[str, Any] = {"description": answer.description, "headers": headers}
    if answer.schema:
        schema = {"$ref": REF.format(model=answer.schema.__name__)}
        described["content"] = {JSON: {"schema": schema}}
    return described


def routes() -> list[dict[str, str]]:
    """Return what the gateway needs of each route, in the order of the operations."""
    return [
        {
            "method": operation.route.method,
            "path": operation.route.path,
            "audience": operation.route.audience.name.lower(),
            "function": operation.route.function,
            "throttle": operation.route.throttle.value,
        }
        for operation in OPERATIONS
    ]


def files() -> dict[Path, str]:
    """Return the text of each generated file; routes stand one a line."""
    lines = ",\n".join(f"  {json.dumps(route)}" for route in routes())
    return {
        FILE: json.dumps(document(), indent=2, ensure_ascii=False) + "\n",
        ROUTES: f"[\n{lines}\n]\n",
    }


def main() -> int:
    """Write both files, or compare them with ``--check``."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare instead of writing")
    if not parser.parse_args().check:
        for file, text in files().items():
            file.parent.mkdir(exist_ok=True)
            file.write_text(text, encoding="utf-8")
        return 0
    stale = [
        file
        for file, text in files().items()
        if not file.is_file() or file.read_text(encoding="utf-8") != text
    ]
    for file in stale:
        print(f"{file.relative_to(PROJECT)} does not match the code: run `python -m tools.openapi`")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
