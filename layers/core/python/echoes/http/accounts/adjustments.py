"""Operators' routes to adjust accounts and write off debts; large amounts need a second one."""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

from echoes.application.credits.adjust_credits import AdjustCredits, Adjusted, ApproveAdjustment
from echoes.domain.credits.adjustments import APPROVAL_WITHIN
from echoes.domain.identifiers import AdjustmentId, Credits, OwnerId
from echoes.http.accounts.schemas import Adjustment, WriteOff
from echoes.http.admin_access import AuditedActions
from echoes.http.application import Route
from echoes.http.credits.views import transaction_body
from echoes.http.idempotency import Idempotency
from echoes.http.identity import Caller
from echoes.http.parsing import read_body
from echoes.http.request import Request
from echoes.http.response import Response
from echoes.http.times import written


def adjustment_routes(
    *,
    adjust_credits: AdjustCredits,
    approve_adjustment: ApproveAdjustment,
    actions: AuditedActions,
    idempotency: Idempotency,
) -> list[Route]:
    """Return the routes under ``/admin/v1/credits``."""

    def ask(request: Request, wanted: Adjustment | WriteOff, admin: Caller) -> Response:
        owner = OwnerId(wanted.user_id)

        def act() -> dict[str, Any]:
            actions.note(request, owner, resource_id=wanted.ticket, reason=wanted.reason)
            adjusted = adjust_credits(
                owner,
                amount=Credits(wanted.amount),
                ticket=wanted.ticket,
                actor=admin.subject,
                reason=wanted.reason,
                write_off=isinstance(wanted, WriteOff),
            )
            return _record(adjusted)

        payload = wanted.model_dump(mode="json", exclude_unset=True)
        kept = idempotency.once(request, payload=payload, act=act)
        return _answer(kept.record, kept.headers)

    def adjust(request: Request) -> Response:
        admin = actions.operator(request)
        return ask(request, read_body(request, Adjustment), admin)

    def write_off(request: Request) -> Response:
        admin = actions.operator(request)
        return ask(request, read_body(request, WriteOff), admin)

    def show(request: Request) -> Response:
        actions.operator(request)
        found = approve_adjustment.find(_wanted(request))
        actions.note(request, found.request.owner_id, resource_id=found.request.adjustment_id)
        return Response(body=adjustment_body(found))

    def approve(request: Request) -> Response:
        admin = actions.operator(request)
        wanted = _wanted(request)

        def act() -> dict[str, Any]:
            found = approve_adjustment.find(wanted).request
            actions.note(
                request, found.owner_id, resource_id=found.adjustment_id, reason=found.reason
            )
            return _record(approve_adjustment(wanted, actor=admin.subject))

        kept = idempotency.once(request, payload=None, act=act)
        return _answer(kept.record, kept.headers)

    routes: list[tuple[str, str, Callable[[Request], Response]]] = [
        ("POST", "/adjustments", adjust),
        ("GET", "/adjustments/<adjustment_id>", show),
        ("POST", "/adjustments/<adjustment_id>/approval", approve),
        ("POST", "/write-offs", write_off),
    ]
    return [
        Route(method=method, pattern=f"/admin/v1/credits{path}", endpoint=endpoint)
        for method, path, endpoint in routes
    ]


def adjustment_body(adjusted: Adjusted) -> dict[str, Any]:
    """Return a request as operators see it."""
    request = adjusted.request
    return {
        "id": request.adjustment_id,
        "state": request.state.value,
        "user_id": request.owner_id,
        "amount": request.amount,
        "write_off": request.write_off,
        "reason": request.reason,
        "ticket": request.ticket,
        "requested_by": request.requested_by,
        "requested_at": written(request.requested_at),
        "approve_before": written(request.requested_at + APPROVAL_WITHIN),
        "approved_by": request.approved_by,
        "transaction": transaction_body(adjusted.entry) if adjusted.entry else None,
    }


def _wanted(request: Request) -> AdjustmentId:
    return AdjustmentId(request.resource("adjustment_id"))


def _record(adjusted: Adjusted) -> dict[str, Any]:
    """Return what is kept of an answer: the entry, or the request that waits for a second."""
    if adjusted.entry is not None:
        return {"done": True, "body": transaction_body(adjusted.entry)}
    return {"done": False, "body": adjustment_body(adjusted)}


def _answer(record: Mapping[str, Any], headers: Mapping[str, str]) -> Response:
    body = dict(record["body"])
    if record["done"]:
        return Response(status=HTTPStatus.CREATED, body=body, headers=headers)
    location = f"/admin/v1/credits/adjustments/{body['id']}"
    return Response(
        status=HTTPStatus.ACCEPTED, body=body, headers={"Location": location, **headers}
    )
