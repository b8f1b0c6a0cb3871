"""An account's credits and transactions."""

from dataclasses import dataclass
from typing import Final

from echoes.application.credits.show_credits import ShowCredits
from echoes.application.credits.show_transactions import ShowTransactions
from echoes.domain.credits.entries import Entry
from echoes.http.contract.route import Routes, Throttle, route
from echoes.http.credits.views import balance_body, transaction_body
from echoes.http.identity import Audience, require_caller
from echoes.http.pages import Cursors, limit_of
from echoes.http.request import Request
from echoes.http.response import Response

MAX_READS: Final = 10
"""Reads of the ledger for one page: entries that change nothing to spend are left out of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditRoutes(Routes):
    """The routes under ``/v1/credits``."""

    show_credits: ShowCredits
    show_transactions: ShowTransactions
    cursors: Cursors

    @route("GET", "/v1/credits", Audience.USERS, Throttle.READING, function="account-api")
    def get_credits(self, request: Request) -> Response:
        """Return the caller's credits: available, held and owed."""
        return Response(
            body=balance_body(self.show_credits(require_caller(request.caller).subject))
        )

    @route(
        "GET", "/v1/credits/transactions", Audience.USERS, Throttle.READING, function="account-api"
    )
    def list_transactions(self, request: Request) -> Response:
        """Return a page of the changes to the caller's balance, newest first."""
        owner = require_caller(request.caller).subject
        limit = limit_of(request.query)
        before = self.cursors.open(request.query.get("cursor"), owner_id=owner, route=request.route)
        shown: list[Entry] = []
        for _ in range(MAX_READS):
            page = self.show_transactions(owner, before=before, limit=limit - len(shown))
            # A full capture moves nothing: the hold before it already took the credits.
            shown += [entry for entry in page.entries if entry.amount]
            before = page.next_before
            if before is None or len(shown) == limit:
                break
        next_cursor = (
            None
            if before is None
            else self.cursors.seal(before, owner_id=owner, route=request.route)
        )
        items = [transaction_body(entry) for entry in shown]
        return Response(body={"items": items, "next_cursor": next_cursor})
