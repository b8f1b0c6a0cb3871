"""Operators' routes to view, freeze and unfreeze accounts."""

import re
from dataclasses import dataclass
from typing import Any

from echoes.application.credits.set_account_status import SetAccountStatus
from echoes.application.credits.show_credits import ShowCredits
from echoes.application.credits.show_transactions import ShowTransactions
from echoes.domain.credits.accounts import AccountStatus
from echoes.domain.errors import NotFound
from echoes.domain.identifiers import OwnerId
from echoes.http.accounts.views import account_body, journal_body
from echoes.http.admin_access import AuditedActions
from echoes.http.contract.route import Routes, Throttle, route
from echoes.http.idempotency import Idempotency
from echoes.http.identity import Audience
from echoes.http.pages import Cursors, limit_of
from echoes.http.parsing import read_body
from echoes.http.request import USER_ID, Request
from echoes.http.response import Response
from echoes.observability import logger


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRoutes(Routes):
    """The routes under ``/admin/v1/accounts``; each read and change is recorded."""

    show_credits: ShowCredits
    show_transactions: ShowTransactions
    set_status: SetAccountStatus
    actions: AuditedActions
    cursors: Cursors
    idempotency: Idempotency

    @route(
        "GET",
        "/admin/v1/accounts/{user_id}",
        Audience.ADMINS,
        Throttle.RARE,
        function="admin-api",
    )
    def get_account(self, request: Request) -> Response:
        """Return a user's credits and status."""
        owner = _owner(request)
        self.actions.note(request, owner, resource_id=owner)
        return Response(body=account_body(self.show_credits(owner)))

    @route(
        "GET",
        "/admin/v1/accounts/{user_id}/transactions",
        Audience.ADMINS,
        Throttle.RARE,
        function="admin-api",
    )
    def list_account_transactions(self, request: Request) -> Response:
        """Return a page of a user's ledger entries, newest first."""
        owner, limit = _owner(request), limit_of(request.query)
        before = self.cursors.open(request.query.get("cursor"), owner_id=owner, route=request.route)
        self.actions.note(request, owner, resource_id=owner)
        page = self.show_transactions(owner, before=before, limit=limit)
        next_cursor = page.next_before and self.cursors.seal(
            page.next_before, owner_id=owner, route=request.route
        )
        items = [journal_body(entry) for entry in page.entries]
        return Response(body={"items": items, "next_cursor": next_cursor})

    @route(
        "POST",
        "/admin/v1/accounts/{user_id}/freeze",
        Audience.ADMINS,
        Throttle.RARE,
        function="admin-api",
    )
    def freeze_account(self, request: Request) -> Response:
        """Freeze an account: its user cannot spend."""
        return self._set_status(request, AccountStatus.FROZEN)

    @route(
        "POST",
        "/admin/v1/accounts/{user_id}/thaw",
        Audience.ADMINS,
        Throttle.RARE,
        function="admin-api",
    )
    def thaw_account(self, request: Request) -> Response:
        """Unfreeze an account: its user can spend again."""
        return self._set_status(request, AccountStatus.ACTIVE)

    def _set_status(self, request: Request, status: AccountStatus) -> Response:
        from echoes.http.accounts.schemas import Intervention

        admin, owner = self.actions.operator(request), _owner(request)
        wanted = read_body(request, Intervention)

        def act() -> dict[str, Any]:
            reason = f"{wanted.ticket}: {wanted.reason}"
            self.actions.note(request, owner, resource_id=owner, reason=reason)
            account = self.set_status(owner, status)
            logger.warning(
                "account status changed by operator",
                extra={
                    "owner_id": owner,
                    "admin_id": admin.subject,
                    "status": status.value,
                    "ticket": wanted.ticket,
                },
            )
            return account_body(account)

        kept = self.idempotency.once(request, payload=wanted.model_dump(mode="json"), act=act)
        return Response(body=kept.record, headers=kept.headers)


def _owner(request: Request) -> OwnerId:
    found = request.path.get("user_id", "")
    if not re.fullmatch(USER_ID, found):
        raise NotFound("account not found")
    return OwnerId(found)
