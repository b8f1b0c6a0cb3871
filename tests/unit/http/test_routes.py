"""A route is declared once, at the method that serves it, and what is declared holds."""

from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import pytest

from echoes.http.application import Application
from echoes.http.billing.views import offer_pack
from echoes.http.contract.route import Route, Routes, Throttle, route
from echoes.http.identity import Audience
from echoes.http.request import Request
from echoes.http.response import Response
from tests.support.factories import an_owner
from tests.support.http_api import Context, Token, an_event


@dataclass(frozen=True, slots=True)
class LampRoutes(Routes):
    """Routes of a resource that nobody has."""

    seen: list[str] = field(default_factory=list)

    @route("GET", "/v1/lamps/{lamp_id}", Audience.ALL, Throttle.READING, function="lamp-api")
    def get_lamp(self, request: Request) -> Response:
        return self._served(request)

    @route("POST", "/v1/lamps", Audience.CALLERS, Throttle.RARE, function="lamp-api")
    def light_new_lamp(self, request: Request) -> Response:
        return self._served(request)

    @route("DELETE", "/v1/lamps/{lamp_id}", Audience.USERS, Throttle.RARE, function="lamp-api")
    def delete_lamp(self, request: Request) -> Response:
        return self._served(request)

    @route("PATCH", "/v1/lamps/{lamp_id}", Audience.ADMINS, Throttle.RARE, function="lamp-api")
    def repair_lamp(self, request: Request) -> Response:
        return self._served(request)

    def _served(self, request: Request) -> Response:
        self.seen.append(request.route)
        return Response(body=dict(request.path))


GUEST = Token(subject=an_owner(), kind="guest")
USER = Token(subject=an_owner())
ADMIN = Token(subject=an_owner(), groups="admin")


def answer(lamps: LampRoutes, method: str, path: str, token: Token | None) -> dict[str, Any]:
    app = Application([lamps], origins=["https://app.echoes.example"], offer=offer_pack)
    return app(an_event(method, path, token=token), Context())


def test_the_method_says_everything_about_its_route() -> None:
    """Resolver, description and gateway read one declaration; its name is the method's."""
    assert LampRoutes.light_new_lamp == Route(
        operation="lightNewLamp",
        method="POST",
        path="/v1/lamps",
        audience=Audience.CALLERS,
        throttle=Throttle.RARE,
        function="lamp-api",
    )
    served = [declared for declared, _ in LampRoutes().endpoints()]
    assert served == [
        LampRoutes.get_lamp,
        LampRoutes.light_new_lamp,
        LampRoutes.delete_lamp,
        LampRoutes.repair_lamp,
    ]


@pytest.mark.parametrize(
    ("method", "path", "token", "status"),
    [
        ("GET", "/v1/lamps/a", None, HTTPStatus.OK),
        ("POST", "/v1/lamps", None, HTTPStatus.UNAUTHORIZED),
        ("POST", "/v1/lamps", GUEST, HTTPStatus.OK),
        ("DELETE", "/v1/lamps/a", None, HTTPStatus.UNAUTHORIZED),
        ("DELETE", "/v1/lamps/a", GUEST, HTTPStatus.FORBIDDEN),
        ("DELETE", "/v1/lamps/a", USER, HTTPStatus.OK),
        ("PATCH", "/v1/lamps/a", None, HTTPStatus.UNAUTHORIZED),
        ("PATCH", "/v1/lamps/a", GUEST, HTTPStatus.FORBIDDEN),
        ("PATCH", "/v1/lamps/a", USER, HTTPStatus.FORBIDDEN),
        ("PATCH", "/v1/lamps/a", ADMIN, HTTPStatus.OK),
    ],
)
def test_only_the_audience_reaches_the_method(
    method: str, path: str, token: Token | None, status: HTTPStatus
) -> None:
    """The frame refuses others, so a method cannot forget to."""
    lamps = LampRoutes()
    assert answer(lamps, method, path, token)["statusCode"] == status
    assert bool(lamps.seen) is (status is HTTPStatus.OK)


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("/v1/lamps/a", {"lamp_id": "a"}),
        ("/v1/lamps/a/", {"lamp_id": "a"}),
        ("/v1/lamps/{lamp_id}", {"lamp_id": "{lamp_id}"}),
        ("/v1/lamps/a.b c", {"lamp_id": "a.b c"}),
        ("/v1/lamps/", None),
        ("/v1/lamps//", None),
        ("/v1/lamps/a//", None),
        ("/v1/lamps/a/b", None),
        ("/v1/lamps", None),
        ("v1/lamps/a", None),
        ("/v1/lampsx/a", None),
        ("", None),
    ],
)
def test_a_path_matches_step_by_step(path: str, found: dict[str, str] | None) -> None:
    """A name in braces stands for one step that is not empty; one slash may follow."""
    assert LampRoutes.get_lamp.match(path) == found
