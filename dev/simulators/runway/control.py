"""The hidden face under `/_control/`: what a test sets, breaks and asserts. No authentication."""

from collections import Counter
from dataclasses import replace
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from dev.simulators.runway.api import Api
from dev.simulators.runway.clock import MAX_SPEED
from dev.simulators.runway.exchange import Reply, Request, json_reply, no_content
from dev.simulators.runway.faults import FaultQueue, Operation, Queued, UnknownFault, parse_call
from dev.simulators.runway.media.rendering import RenderMode
from dev.simulators.runway.provider import Provider
from dev.simulators.runway.settings import Settings

PREFIX = "/_control/"


class _SettingsPatch(BaseModel):
    """Settings to change; what is absent stays. A null lifts a limit where there is one."""

    model_config = ConfigDict(extra="forbid")

    speed: Annotated[float, Field(ge=0.01, le=MAX_SPEED)] | None = None
    concurrency: Annotated[int, Field(ge=1, le=1000)] | None = None
    credits: Annotated[int, Field(ge=0)] | None = None
    daily_limit: Annotated[int, Field(ge=0)] | None = None
    entitled: frozenset[str] | None = None
    api_key: str | None = None
    median_seconds: Annotated[float, Field(ge=0, le=36_000)] | None = None
    spread: Annotated[float, Field(ge=0, le=3)] | None = None
    output_ttl_seconds: Annotated[float, Field(ge=0)] | None = None
    render: RenderMode | None = None
    on_behalf_of_required: bool | None = None


_MAY_BE_NULL = frozenset({"daily_limit", "entitled", "api_key"})


class _FaultOrder(BaseModel):
    """A fault for the next requests of a kind."""

    model_config = ConfigDict(extra="forbid")

    fault: str
    count: Annotated[int, Field(ge=1, le=FaultQueue.MAX_QUEUED)] = 1
    on: Operation = Operation.CREATE


class Control:
    """Answers `/_control/` requests. `initial` are the settings a reset returns to."""

    def __init__(self, provider: Provider, api: Api, *, initial: Settings) -> None:
        self._provider = provider
        self._api = api
        self._initial = initial

    def handle(self, request: Request) -> Reply:
        """Answer one request; mistakes of the caller are 400s that name them."""
        try:
            return self._dispatch(request)
        except (ValidationError, UnknownFault) as error:
            return json_reply(400, {"error": str(error)})

    def _dispatch(self, request: Request) -> Reply:  # noqa: PLR0911  # a table of routes
        match request.method, request.path.removeprefix(PREFIX):
            case "GET", "health":
                return json_reply(200, {"status": "ok", "service": "runway-simulator"})
            case "GET", "settings":
                return self._settings()
            case "PATCH" | "POST", "settings":
                return self._change(request)
            case "GET", "faults":
                queued = [_queued(entry) for entry in self._provider.queued_faults()]
                return json_reply(200, {"faults": queued})
            case "POST", "faults":
                return self._queue(request)
            case "DELETE", "faults":
                self._provider.clear_faults()
                return no_content()
            case "GET", "tasks":
                return self._tasks(request)
            case "POST", "assets":
                content_type = request.headers.get("content-type", "")
                return json_reply(200, {"url": self._provider.publish(request.body, content_type)})
            case "POST", "reset":
                self._provider.reset(self._initial)
                self._api.clear_counts()
                return no_content()
            case _:
                return json_reply(
                    404, {"error": "no such control; see dev/simulators/runway/README.md"}
                )

    def _settings(self) -> Reply:
        settings = self._provider.settings
        known = {name: getattr(settings, name) for name in _SettingsPatch.model_fields}
        return json_reply(200, _SettingsPatch(**known).model_dump(mode="json"))

    def _change(self, request: Request) -> Reply:
        patch = _SettingsPatch.model_validate_json(request.body)
        changes = {
            name: getattr(patch, name)
            for name in patch.model_fields_set
            if name in _MAY_BE_NULL or getattr(patch, name) is not None
        }
        self._provider.change(replace(self._provider.settings, **changes))
        return self._settings()

    def _queue(self, request: Request) -> Reply:
        order = _FaultOrder.model_validate_json(request.body)
        call = parse_call(order.fault)
        self._provider.queue_fault(call, operation=order.on, count=order.count)
        return no_content()

    def _tasks(self, request: Request) -> Reply:
        wanted = request.query
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
        return json_reply(200, body)


def _queued(entry: Queued) -> dict[str, object]:
    argument = "" if entry.call.argument is None else f"={entry.call.argument:g}"
    return {
        "fault": f"{entry.call.fault.value}{argument}",
        "on": entry.operation.value,
        "count": entry.left,
    }
