"""Accounts, their journal and adjustments as operators see them."""

from typing import Any

from echoes.application.credits.adjust_credits import Adjusted
from echoes.domain.credits.accounts import CreditAccount
from echoes.domain.credits.adjustments import APPROVAL_WITHIN
from echoes.domain.credits.entries import Entry
from echoes.http.credits.views import transaction_body
from echoes.http.times import written


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
