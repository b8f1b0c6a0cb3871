"""The endpoints under `/_control/`: what a test sets, breaks and asserts. No authentication."""

from collections import Counter
from typing import Final

from dev.simulators.core.control import PREFIX, FaultOrder, changed, json_object
from dev.simulators.core.request import Request
from dev.simulators.core.response import Response
from dev.simulators.runway.api import Api
from dev.simulators.runway.faults import Operation, parse_call
from dev.simulators.runway.provider import Provider
from dev.simulators.runway.responses import json_response, no_content
from dev.simulators.runway.settings import Settings

_MAY_BE_NULL: Final = frozenset({"daily_limit", "entitled", "api_key"})
"""A null lifts these limits; of every other setting it changes nothing."""
_FIXED: Final = "random_seed"
"""What can be set at the start only."""


class _FaultOrder(FaultOrder):
    on: Operation = Operation.CREATE


class Control:
    """Answers `/_control/` requests. `initial` are the settings a reset returns to."""

    def __init__(self, provider: Provider, api: Api, *, initial: Settings) -> None:
        self._provider = provider
        self._api = api
        self._initial = initial

    def handle(self, request: Request) -> Response:
        """Answer one request; mistakes of the caller are 400s that name them."""
        try:
            return self._dispatch(request)
        except ValueError as error:
            return json_response(400, {"error": str(error)})

    def _dispatch(self, request: Request) -> Response:  # noqa: PLR0911  # a table of routes
        match request.method, request.path.removeprefix(PREFIX):
            case "GET", "health":
                return json_response(200, {"status": "ok", "service": "runway-simulator"})
            case "GET", "settings":
                return self._settings()
            case "PATCH" | "POST", "settings":
                return self._change(request)
            case "GET", "faults":
                queued = [entry.as_json() for entry in self._provider.queued_faults()]
                return json_response(200, {"faults": queued})
            case "POST", "faults":
                return self._queue(request)
            case "DELETE", "faults":
                self._provider.clear_faults()
                return no_content()
            case "GET", "tasks":
                return self._tasks(request)
            case "POST", "assets":
                content_type = request.headers.get("content-type", "")
                return json_response(
                    200, {"url": self._provider.publish(request.body, content_type)}
                )
            case "POST", "reset":
                self._provider.reset(self._initial)
                self._api.clear_counts()
                return no_content()
            case _:
                return json_response(
                    404, {"error": "no such control; see dev/simulators/runway/README.md"}
                )

    def _settings(self) -> Response:
        settings = self._provider.settings
        return json_response(200, settings.model_dump(mode="json", exclude={_FIXED}))

    def _change(self, request: Request) -> Response:
        changes = {
            name: value
            for name, value in json_object(request).items()
            if name in _MAY_BE_NULL or value is not None
        }
        if _FIXED in changes:
            raise ValueError(f"{_FIXED} can be set at the start only")
        self._provider.change(changed(self._provider.settings, changes))
        return self._settings()

    def _queue(self, request: Request) -> Response:
        order = _FaultOrder.model_validate_json(request.body)
        call = parse_call(order.fault)
        self._provider.queue_fault(call, operation=order.on, count=order.count)
        return no_content()

    def _tasks(self, request: Request) -> Response:
        wanted = request.parameters
        tasks = [
            task
            for task in self._provider.tasks()
            if wanted.get("model") in (None, task["model"])
            and wanted.get("status") in (None, task["status"])
            and wanted.get("contains", "") in str(task["prompt"])
        ]
        body = {
            "count": len(tasks),
            "by_status": dict(Counter(str(task["status"]) for task in tasks)),
            "requests": self._api.counts(),
            "tasks": tasks,
        }
        return json_response(200, body)
