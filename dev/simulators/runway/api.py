"""The public API: which request is which operation, who may send it, and how it fails."""

import json
import re
import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import PurePosixPath
from typing import Final, NoReturn

from dev.simulators.core.faults import UnknownFault
from dev.simulators.core.request import Request
from dev.simulators.core.response import JsonObject, Response
from dev.simulators.runway.faults import (
    REFUSALS,
    Call,
    Fault,
    Operation,
    calls_in,
    find,
    parse_header,
)
from dev.simulators.runway.media.files import FILMS, serve_film, store_file
from dev.simulators.runway.orders import BodyRefused
from dev.simulators.runway.provider import NotEnoughCredits, NotEntitled, Provider, QuotaExceeded
from dev.simulators.runway.responses import json_response, no_content
from dev.simulators.runway.validation import MISSING, Issue, check, custom

MAX_HANG_SECONDS: Final = 120.0
"""The longest a client is kept waiting by the fault `timeout`."""

_TASK: Final = re.compile(r"/v1/tasks/([^/]+)")
_REFUSED: Final = 400
_NOT_ENOUGH_CREDITS: Final = "You do not have enough credits to run this task."
_BAD_VERSION: Final = (
    "The API version that was provided in the X-Runway-Version header is not valid."
)
_BEHALF: Final = "X-Runway-On-Behalf-Of request header was not specified for task creation"


class _Problem(Exception):
    """A response that ends the handling of a request."""

    def __init__(self, response: Response) -> None:
        super().__init__(response.status)
        self.response = response


class Api:
    """Answers the requests of clients. `base_url` is where the films are served. Thread-safe."""

    def __init__(self, provider: Provider, *, base_url: str) -> None:
        self._provider = provider
        self._base_url = base_url
        self._lock = threading.Lock()
        self._counts: Counter[tuple[str, str]] = Counter()
        contract = provider.contract
        self._contract = contract
        self._key = re.compile(contract.api_key_pattern)

    def counts(self) -> JsonObject:
        """Return how many requests of each operation got which answer."""
        with self._lock:
            counts: dict[str, dict[str, int]] = {}
            for (operation, outcome), count in sorted(self._counts.items()):
                counts.setdefault(operation, {})[outcome] = count
            return dict(counts)

    def clear_counts(self) -> None:
        """Count from zero again."""
        with self._lock:
            self._counts.clear()

    def handle(self, request: Request) -> Response:
        """Answer one request; never raises for anything a client can send."""
        routes = self._routes(request.path)
        if not routes:
            return json_response(404, {"error": "Not Found"})
        if request.method not in routes:
            allow = {"Allow": ", ".join(routes)}
            return json_response(405, {"error": "Method Not Allowed"}, allow)
        operation, perform = routes[request.method]
        response = self._answer(request, operation, perform)
        with self._lock:
            self._counts[operation.value, response.outcome] += 1
        return response

    def _routes(  # noqa: PLR0911  # a table of routes
        self, path: str
    ) -> dict[str, tuple[Operation, Callable[[Request, Sequence[Call]], Response]]]:
        if _TASK.fullmatch(path):
            return {
                "GET": (Operation.RETRIEVE, self._retrieve),
                "DELETE": (Operation.DELETE, self._delete),
            }
        if path.startswith(FILMS):
            return {
                "GET": (Operation.DOWNLOAD, self._film),
                "HEAD": (Operation.DOWNLOAD, self._film),
            }
        match path:
            case "/v1/image_to_video":
                return {"POST": (Operation.CREATE, self._create)}
            case "/v1/uploads":
                return {"POST": (Operation.UPLOAD, self._open_upload)}
            case "/v1/organization":
                return {"GET": (Operation.ORGANIZATION, self._organization)}
            case "/v1/organization/usage":
                return {"POST": (Operation.ORGANIZATION, self._usage)}
            case "/_storage":
                return {"POST": (Operation.STORE, self._store)}
            case _:
                return {}

    def _answer(
        self,
        request: Request,
        operation: Operation,
        perform: Callable[[Request, Sequence[Call]], Response],
    ) -> Response:
        try:
            if operation not in (Operation.DOWNLOAD, Operation.STORE):
                self._authorize(request.headers)
            calls = self._calls(request, operation)
            refusal = find(calls, *REFUSALS)
            if refusal:
                planned = REFUSALS[refusal.fault]
                return json_response(planned.status, planned.body)
            if find(calls, Fault.LOST_REQUEST):
                return Response(status=0, lost=True)
            return _after_acceptance(perform(request, calls), calls)
        except _Problem as problem:
            return problem.response
        except UnknownFault as error:
            return json_response(400, {"error": str(error)})

    def _authorize(self, headers: Mapping[str, str]) -> None:
        scheme, _, key = headers.get("authorization", "").strip().partition(" ")
        wanted = self._provider.settings.api_key
        doc = {"docUrl": self._contract.doc_url}
        if scheme.lower() != "bearer" or not key.strip():
            _refuse(401, {"error": "No API key was provided.", **doc})
        if not self._key.fullmatch(key.strip()) or wanted not in (None, key.strip()):
            _refuse(401, {"error": "The API key is not valid.", **doc})
        if headers.get("x-runway-version") != self._contract.version:
            _refuse(400, {"error": _BAD_VERSION, **doc})

    def _calls(self, request: Request, operation: Operation) -> list[Call]:
        calls = parse_header(request.headers.get("x-sim-fault"))
        queued = self._provider.take_fault(operation)
        if queued:
            calls.append(queued)
        if operation is Operation.CREATE:
            body = _parse(request)
            prompt = body.get("promptText") if isinstance(body, dict) else None
            calls += calls_in(prompt) if isinstance(prompt, str) else []
        return calls

    # -- /v1 -----------------------------------------------------------------------------------

    def _create(self, request: Request, calls: Sequence[Call]) -> Response:
        doc = {"docUrl": self._contract.doc_url}
        behalf = request.headers.get("x-runway-on-behalf-of")
        if self._provider.settings.on_behalf_of_required and not behalf:
            return json_response(400, {"error": _BEHALF, **doc})
        try:
            task = self._provider.create(_parse(request), calls)
        except BodyRefused as refused:
            return self._invalid(refused.issues)
        except NotEntitled as refused:
            return json_response(403, {"error": str(refused)})
        except QuotaExceeded:
            quota = REFUSALS[Fault.STATUS_429]
            return json_response(quota.status, quota.body)
        except NotEnoughCredits:
            return json_response(400, {"error": _NOT_ENOUGH_CREDITS, **doc})
        estimate = {"credits": task.estimated_credits}
        return json_response(200, {"id": task.id, "estimatedCost": estimate})

    def _retrieve(self, request: Request, _: Sequence[Call]) -> Response:
        body = self._provider.retrieve(_task_id(request), base_url=self._base_url)
        return json_response(404, {"error": "Could not find Task"}) if body is None else _ok(body)

    def _delete(self, request: Request, _: Sequence[Call]) -> Response:
        found = self._provider.delete(_task_id(request))
        return no_content() if found else json_response(404, {"error": "Could not find Task"})

    def _open_upload(self, request: Request, _: Sequence[Call]) -> Response:
        body = _parse(request)
        limits = self._contract.upload
        issues = check(body, limits.schema, self._contract)
        if not issues and isinstance(body, dict):
            suffix = PurePosixPath(str(body["filename"])).suffix.lstrip(".").lower()
            if suffix not in limits.extensions:
                message = "Unsupported file extension."
                issues = [custom(("filename",), message)]
        if issues:
            return self._invalid(issues)
        slot = self._provider.open_upload()
        return _ok(
            {
                "uploadUrl": f"{self._base_url}/_storage",
                "fields": {
                    "key": slot.key,
                    "x-amz-algorithm": "AWS4-HMAC-SHA256",
                    "x-amz-signature": slot.signature,
                },
                "runwayUri": f"runway://{slot.key}",
            }
        )

    def _organization(self, _: Request, __: Sequence[Call]) -> Response:
        return _ok(self._provider.organization())

    def _usage(self, request: Request, _: Sequence[Call]) -> Response:
        body = _parse(request)
        issues = check(body, self._contract.usage_schema, self._contract)
        if issues or not isinstance(body, dict):
            return self._invalid(issues)
        days = {name: _day(str(body[name])) for name in ("startDate", "beforeDate")}
        issues = [custom((name,), "Invalid date.") for name, day in days.items() if day is None]
        start, before = days["startDate"], days["beforeDate"]
        if start is None or before is None:
            return self._invalid(issues)
        if not 0 < (before - start).days <= self._contract.usage_max_days:
            message = f"The range must cover 1 to {self._contract.usage_max_days} days."
            return self._invalid([custom(("beforeDate",), message)])
        return _ok(self._provider.usage(start, before))

    def _store(self, request: Request, _: Sequence[Call]) -> Response:
        return store_file(self._provider, request)

    def _film(self, request: Request, _: Sequence[Call]) -> Response:
        return serve_film(self._provider, request)

    def _invalid(self, issues: Sequence[Issue]) -> Response:
        body = {
            "error": "Validation of body failed",
            "issues": [issue.as_json() for issue in issues],
            "docUrl": self._contract.doc_url,
        }
        return json_response(400, body)


def _after_acceptance(response: Response, calls: Sequence[Call]) -> Response:
    """Return the response that the faults after acceptance leave of this one."""
    if find(calls, Fault.LOST_REPLY):
        return Response(status=0, lost=True)
    timeout = find(calls, Fault.TIMEOUT)
    if timeout:
        seconds = min(timeout.argument or MAX_HANG_SECONDS, MAX_HANG_SECONDS)
        return Response(status=0, lost=True, hang_seconds=seconds)
    if response.status >= _REFUSED:
        return response
    if find(calls, Fault.ERROR_AFTER_ACCEPT):
        return json_response(500, {"error": "Internal server error."})
    return _ok({}) if find(calls, Fault.NO_ID) else response


def _parse(request: Request) -> object:
    """Return the JSON of a body, the same way Express would; `MISSING` for another type."""
    if request.headers.get("content-type", "").split(";")[0].strip().lower() != "application/json":
        return MISSING
    try:
        return json.loads(request.body, parse_constant=_not_json)
    except (ValueError, RecursionError) as error:
        raise _Problem(json_response(400, {"error": "The body is not valid JSON."})) from error


def _not_json(name: str) -> NoReturn:
    raise ValueError(name)


def _ok(body: JsonObject) -> Response:
    return json_response(200, body)


def _refuse(status: int, body: JsonObject) -> NoReturn:
    raise _Problem(json_response(status, body))


def _task_id(request: Request) -> str:
    match = _TASK.fullmatch(request.path)
    return match.group(1) if match else ""


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
