"""
A route is declared once: at the method that serves it.

The resolver, the API's description and the gateway's list of routes are all derived from this
declaration. It needs the standard library only, because every HTTP function imports it.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, overload

from echoes.http.identity import Audience
from echoes.http.request import Request
from echoes.http.response import Response

Endpoint = Callable[[Request], Response]


class Throttle(StrEnum):
    """How often all callers together may use a route: `infra/routes.py` has the numbers."""

    READING = "reading"
    ORDERING = "ordering"
    RARE = "rare"


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """A method and a path (``/v1/clips/{clip_id}``), who may call it, and what serves it."""

    operation: str
    """The operation's name in the API's description: ``getClip``."""

    method: str
    path: str
    audience: Audience
    throttle: Throttle
    function: str

    @property
    def name(self) -> str:
        """The route's name in logs, cursors and idempotency keys: ``GET /v1/clips/<clip_id>``."""
        return f"{self.method} {self.path.replace('{', '<').replace('}', '>')}"

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names in braces."""
        return tuple(step[1:-1] for step in self.path.split("/") if step.startswith("{"))

    def match(self, path: str) -> dict[str, str] | None:
        """Return what the names in braces stand for in *path*; ``None`` if it is another path."""
        wanted, given = self.path.split("/"), path.removesuffix("/").split("/")
        if len(wanted) != len(given):
            return None
        found = {}
        for want, step in zip(wanted, given, strict=True):
            if want.startswith("{") and step:
                found[want[1:-1]] = step
            elif want != step:
                return None
        return found


class _Served:
    """A method that serves a route: on the class it is the route, on an instance the method."""

    def __init__(self, declared: Route, serve: Callable[[Any, Request], Response]) -> None:
        self.route = declared
        self.serve = serve

    @overload
    def __get__(self, instance: None, owner: type) -> Route: ...

    @overload
    def __get__(self, instance: object, owner: type) -> Endpoint: ...

    def __get__(self, instance: object | None, owner: type) -> Route | Endpoint:
        if instance is None:
            return self.route
        endpoint: Endpoint = self.serve.__get__(instance, owner)
        return endpoint


class Routes:
    """The base of classes whose methods serve routes."""

    __slots__ = ()

    def endpoints(self) -> Iterator[tuple[Route, Endpoint]]:
        """Yield each route with the method that serves it."""
        for served in vars(type(self)).values():
            if isinstance(served, _Served):
                yield served.route, served.__get__(self, type(self))


def route(
    method: str, path: str, audience: Audience, throttle: Throttle, *, function: str
) -> Callable[[Callable[[Any, Request], Response]], _Served]:
    """Declare the route that a method of `Routes` serves. ``get_clip`` is operation ``getClip``."""

    def declare(serve: Callable[[Any, Request], Response]) -> _Served:
        first, *others = serve.__name__.split("_")
        operation = first + "".join(word.capitalize() for word in others)
        declared = Route(
            operation=operation,
            method=method,
            path=path,
            audience=audience,
            throttle=throttle,
            function=function,
        )
        return _Served(declared, serve)

    return declare
