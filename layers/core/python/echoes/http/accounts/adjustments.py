"""Operators' routes to adjust accounts and write off debts; large amounts need a second one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from echoes.application.credits.adjust_credits import AdjustCredits, Adjusted, ApproveAdjustment
from echoes.domain.identifiers import AdjustmentId, Credits, OwnerId
from echoes.http.accounts.views import adjustment_body
from echoes.http.admin_access import AuditedActions
from echoes.http.contract.route import Routes, Throttle, route
from echoes.http.credits.views import transaction_body
from echoes.http.idempotency import Idempotency
from echoes.http.identity import Audience
from echoes.http.parsing import read_body
from echoes.http.request import Request
from echoes.http.response import Response

if TYPE_CHECKING:
    from echoes.http.accounts.schemas import Adjustment, WriteOff


@dataclass(frozen=True, slots=True, kw_only=True)
class AdjustmentRoutes(Routes):
    """The routes under ``/admin/v1/credits``."""

    adjust: AdjustCredits
    approve: ApproveAdjustment
    actions: AuditedActions
    idempotency: Idempotency

    @route(
        "POST",
        "/admin/v1/credits/adjustments",
        Audience.ADMINS,
        Throttle.RARE,
        function="admin-api",
    )
    def adjust_credits(self, request: Request) -> Response:
        """Adjust a user's credits, or ask for a second operator above the limit."""
        from echoes.http.accounts.schemas import Adjustment

        return self._post(request, read_body(request, Adjustment))

    @route(
        "GET",
        "/admin/v1/credits/adjustments/{adjustment_id}",
        Audience.ADMINS,
        Throttle.RARE,
        function="admin-api",
    )
    def get_adjustment(self, request: Request) -> Response:
        """Return an adjustment that waits for a second operator; the read is recorded."""
        found = self.approve.find(_adjustment_id(request))
        self.actions.note(request, found.request.owner_id, resource_id=found.request.adjustment_id)
        return Response(body=adjustment_body(found))

    @route(
        "POST",
        "/admin/v1/credits/adjustments/{adjustment_id}/approval",
        Audience.ADMINS,
        Throttle.RARE,
        function="admin-api",
    )
    def approve_adjustment(self, request: Request) -> Response:
        """Post another operator's adjustment."""
        admin, adjustment_id = self.actions.operator(request), _adjustment_id(request)

        def act() -> dict[str, Any]:
            found = self.approve.find(adjustment_id).request
            self.actions.note(
                request, found.owner_id, resource_id=found.adjustment_id, reason=found.reason
            )
            return _record(self.approve(adjustment_id, actor=admin.subject))

        kept = self.idempotency.once(request, payload=None, act=act)
        return _response(kept.record, kept.headers)

    @route(
        "POST", "/admin/v1/credits/write-offs", Audience.ADMINS, Throttle.RARE, function="admin-api"
    )
    def write_off_debt(self, request: Request) -> Response:
        """Write off all or part of a user's debt."""
        from echoes.http.accounts.schemas import WriteOff

        return self._post(request, read_body(request, WriteOff))

    def _post(self, request: Request, wanted: Adjustment | WriteOff) -> Response:
        admin, owner = self.actions.operator(request), OwnerId(wanted.user_id)

        def act() -> dict[str, Any]:
            from echoes.http.accounts.schemas import WriteOff

            self.actions.note(request, owner, resource_id=wanted.ticket, reason=wanted.reason)
            adjusted = self.adjust(
                owner,
                amount=Credits(wanted.amount),
                ticket=wanted.ticket,
                actor=admin.subject,
                reason=wanted.reason,
                write_off=isinstance(wanted, WriteOff),
            )
            return _record(adjusted)

        payload = wanted.model_dump(mode="json", exclude_unset=True)
        kept = self.idempotency.once(request, payload=payload, act=act)
        return _response(kept.record, kept.headers)


def _adjustment_id(request: Request) -> AdjustmentId:
    return AdjustmentId(request.resource("adjustment_id"))


def _record(adjusted: Adjusted) -> dict[str, Any]:
    """Return what is stored of a response: the entry, or the request that needs approval."""
    if adjusted.entry is not None:
        return {"done": True, "body": transaction_body(adjusted.entry)}
    return {"done": False, "body": adjustment_body(adjusted)}


def _response(record: Mapping[str, Any], headers: Mapping[str, str]) -> Response:
    body = dict(record["body"])
    if record["done"]:
        return Response(status=HTTPStatus.CREATED, body=body, headers=headers)
    location = f"/admin/v1/credits/adjustments/{body['id']}"
    return Response(
        status=HTTPStatus.ACCEPTED, body=body, headers={"Location": location, **headers}
    )
