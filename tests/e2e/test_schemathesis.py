"""
The deployed API against its own description, with unexpected requests.

Schemathesis makes them from docs/openapi.json. Whatever is sent: no 5xx, no status, content type,
header or body that the document does not promise, and nothing accepted that it forbids.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from dev.cloud.endpoints import Endpoints
from tests.support.users import User

DOCUMENT: Final = Path(__file__).parents[2] / "docs" / "openapi.json"
EXAMPLES: Final = 30
"""For each operation: all of them together take half a minute on two cores."""

CHECKS: Final = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
]
SETTINGS: Final = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)

Case = schemathesis.Case[Any]

schema = schemathesis.openapi.from_path(DOCUMENT)
# Unknown query parameters are ignored, as everywhere on the web.
schema.config.generation.update(allow_extra_parameters=False)


@pytest.fixture(scope="module")
def caller(make_user: Callable[[int], User]) -> User:
    return make_user(5)


@pytest.fixture(scope="module")
def clip_id(caller: User) -> str:
    clip = caller.api.order_clip(caller.ready_upload(), duration_seconds=2)
    return str(caller.api.wait_for_clip(clip["id"])["id"])


@schema.include(path_regex="^/v1/").parametrize()
@SETTINGS
def test_a_user_meets_nothing_undocumented(case: Case, endpoints: Endpoints, caller: User) -> None:
    """What the API answers a user is what the document says."""
    check(case, endpoints, caller)


@schema.include(path_regex="^/admin/").parametrize()
@SETTINGS
def test_an_operator_meets_nothing_undocumented(
    case: Case, endpoints: Endpoints, admin: User
) -> None:
    """What the API answers an operator is what the document says."""
    check(case, endpoints, admin)


@schema.include(path_regex="clip_id", method_regex="GET|POST").parametrize()
@SETTINGS
def test_a_clip_that_exists_meets_nothing_undocumented(
    case: Case, endpoints: Endpoints, caller: User, clip_id: str
) -> None:
    """Behind the 404 of made-up ids: the owner's own clip, whatever else is sent."""
    case.path_parameters["clip_id"] = clip_id
    # With an id that exists, a case whose made-up id was its fault has none any more.
    check(case, endpoints, caller, checks=CHECKS[:-1])


def check(case: Case, endpoints: Endpoints, caller: User, *, checks: list[Any] = CHECKS) -> None:
    case.call_and_validate(
        base_url=endpoints.api_url,
        headers={"Authorization": f"Bearer {caller.api.token}"},
        checks=checks,
    )
