"""Tasks as JSON: as the API shows them to a client, and as the control endpoint lists them."""

from datetime import UTC, datetime

from dev.simulators.core.response import JsonObject
from dev.simulators.runway.tasks import Status, Task


def describe(task: Task, *, now: float, links: list[str]) -> JsonObject:
    """Return the body of `GET /v1/tasks/{id}`: each state has its own fields."""
    status = task.status(now)
    body: JsonObject = {
        "id": task.id,
        "status": status.value,
        "createdAt": _timestamp(task.begun_at),
    }
    if status.is_terminal:
        body["cost"] = {"credits": task.cost_credits}
    else:
        body["estimatedCost"] = {"credits": task.estimated_credits}
    if status is Status.RUNNING:
        body["progress"] = task.progress(now)
    elif status is Status.SUCCEEDED:
        body["output"] = links
    elif status is Status.FAILED and task.failure is not None:
        body["failure"] = task.failure.text
        if task.failure.code is not None:
            body["failureCode"] = task.failure.code
    return body


def list_entry(task: Task, *, now: float) -> JsonObject:
    """Return what a test may want to know about a task; a client of the API never sees it."""
    return {
        "id": task.id,
        "model": task.order.model,
        "status": task.status(now).value,
        "created": _timestamp(task.begun_at),
        "deleted": task.deleted,
        "polls": task.polls,
        "faults": list(task.faults),
        "prompt": task.order.prompt,
        "ratio": task.order.ratio,
        "duration": task.order.duration_seconds,
        "seed": task.order.seed,
        "photo_sha256": task.order.photo_sha256,
        "estimated_credits": task.estimated_credits,
        "cost_credits": task.cost_credits if task.ended_as else None,
        "failure_code": task.failure.code if task.failure else None,
    }


def _timestamp(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
