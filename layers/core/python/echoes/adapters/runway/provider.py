"""Runway behind the port `VideoProvider`."""

from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Final, NoReturn

import requests
from pydantic import ValidationError

from echoes.adapters.runway.client import RunwayClient
from echoes.adapters.runway.downloads import AddressExpired, download
from echoes.adapters.runway.failures import rule_for
from echoes.adapters.runway.models import MODELS
from echoes.adapters.runway.prompts import prompt_text
from echoes.adapters.runway.replies import Created, Refusal, Task, read_refusal
from echoes.application.ports.providers import Capabilities, GenerationOrder, JobState, JobStatus
from echoes.domain.error_catalogue import ErrorCode
from echoes.domain.errors import (
    NotFound,
    ProviderBusy,
    ProviderRefused,
    ResultGone,
    SubmissionUnknown,
    Unavailable,
)
from echoes.domain.identifiers import ProviderTaskId
from echoes.observability import logger

MAX_DATA_URI: Final = 5_242_880
"""Runway's limit for an image within the request, in characters."""

NO_CREDITS: Final = "not have enough credits"
BAD_REQUEST, NOT_FOUND, TOO_MANY, SHED = 400, 404, 429, 503
MISCONFIGURED: Final = frozenset({401, 403, 404, 405})
UNDECIDED: Final = frozenset({408, 409})
OWNERS_FAULT: Final = {
    "promptImage": ErrorCode.PHOTO_UNREADABLE,
    "promptText": ErrorCode.INVALID_REQUEST,
}
OUR_FAULT: Final = frozenset({"model"})


class RunwayVideoProvider:
    """
    One of Runway's models.

    Runway does not recognise repetitions and does not list tasks, so a lost response is a lost
    task. Only work that was certainly not accepted is `ProviderBusy`.
    """

    def __init__(
        self,
        url: str,
        api_key: Callable[[], str],
        model: str,
        *,
        on_behalf_of: str | None = None,
        shed_is_certain: bool = False,
        client: RunwayClient | None = None,
    ) -> None:
        if model not in MODELS:
            raise ValueError(f"model must be one of {sorted(MODELS)}")
        self._client = client or RunwayClient(url, api_key, on_behalf_of=on_behalf_of)
        self._model = model
        self._shed_is_certain = shed_is_certain
        """Whether a 503 means "not accepted", as Runway documents, or leaves it open."""

    @property
    def capabilities(self) -> Capabilities:
        """The model's capabilities."""
        return MODELS[self._model]

    def generate_clip(self, order: GenerationOrder) -> ProviderTaskId:
        """Submit *order* once; see the port for the errors."""
        reply = self._client.offer("/v1/image_to_video", self._body(order))
        if not reply.ok:
            self._refuse(reply)
        try:
            return ProviderTaskId(Created.model_validate_json(reply.content).id)
        except ValidationError as error:
            raise SubmissionUnknown("accepted, but without an id") from error

    def get_job_status(self, task_id: ProviderTaskId) -> JobStatus:
        """Return the task's progress. An unknown status counts as running and is logged."""
        task = self._task(task_id)
        cost = round(task.cost.credits) if task.cost else None
        state = task.state
        if state is None:
            logger.error("runway: unknown status", extra={"status": task.status})
            return JobStatus(state=JobState.RUNNING)
        if state is JobState.SUCCEEDED and not task.output:
            logger.error("runway: succeeded without output", extra={"task_id": task_id})
            return JobStatus(
                state=JobState.FAILED,
                failure=ErrorCode.GENERATION_FAILED,
                failure_code="NO_OUTPUT",
                cost=cost,
            )
        if state is JobState.FAILED:
            rule = rule_for(task.failure_code)
            logger.warning(
                "runway: task failed", extra={"failure_code": task.failure_code, "kind": rule.kind}
            )
            return JobStatus(
                state=state, failure=rule.error_code, failure_code=task.failure_code, cost=cost
            )
        progress = task.progress if state is JobState.RUNNING else None
        estimate = round(task.estimated_cost.credits) if task.estimated_cost else None
        return JobStatus(state=state, progress=progress, cost=cost, estimated_cost=estimate)

    def fetch_result(self, task_id: ProviderTaskId, destination: Path) -> None:
        """Download the video; ask once for a new URL if it has expired."""
        try:
            self._download(task_id, destination)
        except AddressExpired:
            self._download(task_id, destination)

    def cancel(self, task_id: ProviderTaskId) -> bool:
        """
        Cancel the task if it is queued; a running one would be charged anyway.

        A task that no longer exists counts as cancelled. Deleting an ended one would destroy its
        result.
        """
        try:
            state = self._task(task_id).state
        except NotFound:
            return True
        if state not in {JobState.QUEUED, JobState.THROTTLED}:
            return False
        reply = self._client.ask("DELETE", f"/v1/tasks/{task_id}")
        return reply.ok or reply.status_code == NOT_FOUND

    def _download(self, task_id: ProviderTaskId, destination: Path) -> None:
        try:
            task = self._task(task_id)
        except NotFound as error:
            raise ResultGone("Runway no longer knows this task") from error
        if task.state is not JobState.SUCCEEDED or not task.output:
            raise ResultGone(f"the task is {task.status}, with {len(task.output)} outputs")
        download(task.output[0], destination, base=self._client.base)

    def _body(self, order: GenerationOrder) -> dict[str, object]:
        can = self.capabilities
        if order.duration_seconds not in can.durations or order.ratio not in can.ratios:
            raise ProviderRefused(
                ErrorCode.GENERATION_FAILED, f"{self._model} does not support this length or ratio"
            )
        image = f"data:image/jpeg;base64,{b64encode(order.photo).decode()}"
        if len(image) > MAX_DATA_URI:
            raise ProviderRefused(ErrorCode.PHOTO_TOO_LARGE, "the fitted photo is too large")
        width, height = order.ratio.size
        return {
            "model": self._model,
            "promptImage": image,
            "promptText": prompt_text(order.motion, order.prompt),
            "ratio": f"{width}:{height}",
            "duration": order.duration_seconds,
            "seed": order.seed,
        }

    def _task(self, task_id: ProviderTaskId) -> Task:
        reply = self._client.ask("GET", f"/v1/tasks/{task_id}")
        if reply.status_code == NOT_FOUND:
            raise NotFound("Runway does not know this task")
        if not reply.ok:
            logger.error("runway: request refused", extra={"status": reply.status_code})
            raise Unavailable(f"Runway returned {reply.status_code}")
        try:
            return Task.model_validate_json(reply.content)
        except ValidationError as error:
            raise Unavailable("Runway's response is not a task") from error

    def _refuse(self, reply: requests.Response) -> NoReturn:
        status = reply.status_code
        if status == TOO_MANY:
            raise ProviderBusy("Runway accepts no more work for now")
        if status == SHED and self._shed_is_certain:
            raise ProviderBusy("Runway is shedding load")
        if status > TOO_MANY or status in UNDECIDED:
            raise SubmissionUnknown(f"Runway returned {status}")
        refusal = read_refusal(reply.content)
        failure = _failure_of(status, refusal)
        if failure is ErrorCode.PROVIDER_UNAVAILABLE:
            no_credits = NO_CREDITS in refusal.error
            logger.error(
                "runway: account or configuration refused",
                extra={"status": status, "no_credits": no_credits},
            )
        raise ProviderRefused(failure, f"Runway answered {status}: {sorted(refusal.fields)}")


def _failure_of(status: int, refusal: Refusal) -> ErrorCode:
    """Return the error for a refusal: the owner's fault only if it names one of their fields."""
    if status < BAD_REQUEST or status in MISCONFIGURED or NO_CREDITS in refusal.error:
        return ErrorCode.PROVIDER_UNAVAILABLE
    if refusal.fields & OUR_FAULT or (status == BAD_REQUEST and not refusal.fields):
        return ErrorCode.PROVIDER_UNAVAILABLE
    faults = (OWNERS_FAULT[field] for field in sorted(refusal.fields) if field in OWNERS_FAULT)
    return next(faults, ErrorCode.GENERATION_FAILED)
