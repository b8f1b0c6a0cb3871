"""Operators' routes to view, freeze and unfreeze accounts."""

import re
from typing import Any

from echoes.application.credits.set_account_status import SetAccountStatus
from echoes.application.credits.show_credits import ShowCredits
from echoes.application.credits.show_transactions import ShowTransactions
from echoes.domain.credits.accounts import AccountStatus, CreditAccount
from echoes.domain.credits.entries import Entry
from echoes.domain.errors import NotFound
from echoes.domain.identifiers import OwnerId
from echoes.http.accounts.schemas import Intervention
from echoes.http.admin_access import AuditedActions
from echoes.http.application import Route
from echoes.http.credits.views import transaction_body
from echoes.http.cursors import Cursors
from echoes.http.idempotency import Idempotency
from echoes.http.pages import limit_of
from echoes.http.parsing import read_body
from echoes.http.request import USER_ID, Request
from echoes.http.response import Response
from echoes.observability import logger


def account_routes(
    *,
    show_credits: ShowCredits,
    show_transactions: ShowTransactions,
    set_account_status: SetAccountStatus,
    actions: AuditedActions,
    cursors: Cursors,
    idempotency: Idempotency,
) -> list[Route]:
    """Return the routes under ``/admin/v1/accounts``."""

    def show(request: Request) -> Response:
        actions.operator(request)
        owner = _owner(request)
        actions.note(request, owner, resource_id=owner)
        return Response(body=account_body(show_credits(owner)))

    def journal(request: Request) -> Response:
        actions.operator(request)
        owner, limit = _owner(request), limit_of(request.query)
        before = cursors.open(request.query.get("cursor"), owner_id=owner, route=request.route)
        actions.note(request, owner, resource_id=owner)
        page = show_transactions(owner, before=before, limit=limit)
        going_on = page.next_before and cursors.seal(
            page.next_before, owner_id=owner, route=request.route
        )
        items = [journal_body(entry) for entry in page.entries]
        return Response(body={"items": items, "next_cursor": going_on})

    def become(request: Request, status: AccountStatus) -> Response:
        admin = actions.operator(request)
        owner = _owner(request)
        wanted = read_body(request, Intervention)

        def act() -> dict[str, Any]:
            reason = f"{wanted.ticket}: {wanted.reason}"
            actions.note(request, owner, resource_id=owner, reason=reason)
            account = set_account_status(owner, status)
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

        kept = idempotency.once(request, payload=wanted.model_dump(mode="json"), act=act)
        return Response(body=kept.record, headers=kept.headers)

    def freeze(request: Request) -> Response:
        return become(request, AccountStatus.FROZEN)

    def thaw(request: Request) -> Response:
        return become(request, AccountStatus.ACTIVE)

    return [
        Route(method="GET", pattern="/admin/v1/accounts/<user_id>", endpoint=show),
        Route(method="GET", pattern="/admin/v1/accounts/<user_id>/transactions", endpoint=journal),
        Route(method="POST", pattern="/admin/v1/accounts/<user_id>/freeze", endpoint=freeze),
        Route(method="POST", pattern="/admin/v1/accounts/<user_id>/thaw", endpoint=thaw),
    ]


def account_body(account: CreditAccount) -> dict[str, Any]:
    """Return an account as operators see it."""
    return {
        "user_id": account.owner_id,
        "balance": account.available,
        "held": account.held,
        "debt": account.debt,
        "status": account.status.value,
        "version": account.version,
    }


def journal_body(entry: Entry) -> dict[str, Any]:
    """Return an entry as operators see it: who did it and why, too."""
    return {
        **transaction_body(entry),
        "held_delta": entry.held_delta,
        "held_after": entry.held_after,
        "debt_after": entry.debt_after,
        "actor": entry.actor,
        "reason": entry.reason,
        "hash": entry.hash,
    }


def _owner(request: Request) -> OwnerId:
    found = request.path.get("user_id", "")
    if not re.fullmatch(USER_ID, found):
        raise NotFound("account not found")
    return OwnerId(found)
