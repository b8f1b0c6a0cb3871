"""A route is declared once, in the run-time code; what infra reads follows from it."""

import json

from echoes.http.contract.route import Throttle
from echoes.http.identity import Audience
from echoes.http.operations import OPERATIONS
from infra.routes import FILE, ROUTES, THROTTLES
from tools.openapi import files


def test_the_generated_files_are_what_the_code_says() -> None:
    """AR2: `docs/openapi.json` and `infra/routes.json` are generated, never edited or stale."""
    for file, text in files().items():
        assert file.read_text(encoding="utf-8") == text, file.name
    assert FILE in files()


def test_infra_serves_every_operation_as_it_is_declared() -> None:
    """Method, path, function, throttle class and who may call are those of the declaration."""
    assert [
        (route.method, route.path, route.function.name, route.throttle, route.public)
        for route in ROUTES
    ] == [
        (
            each.route.method,
            each.route.path,
            each.route.function,
            THROTTLES[each.route.throttle],
            each.route.audience is Audience.ALL,
        )
        for each in OPERATIONS
    ]


def test_every_class_of_throttles_has_its_numbers() -> None:
    """Requirement 9: a class without numbers, or numbers without a class, is a typing error."""
    assert set(THROTTLES) == set(Throttle)


def test_no_route_is_declared_twice() -> None:
    """Method and path name one route."""
    listed = [(entry["method"], entry["path"]) for entry in json.loads(FILE.read_text())]
    assert len(set(listed)) == len(listed)
