"""An account's credits and transactions."""

from typing import Final

from echoes.application.credits.show_credits import ShowCredits
from echoes.application.credits.show_transactions import ShowTransactions
from echoes.domain.credits.entries import Entry
from echoes.http.application import Route
from echoes.http.credits.views import transaction_body
from echoes.http.cursors import Cursors
from echoes.http.identity import require_user
from echoes.http.pages import limit_of
from echoes.http.request import Request
from echoes.http.response import Response

MAX_READS: Final = 10
"""Reads of the ledger for one page: entries that change nothing to spend are left out of it."""


def credit_routes(
    *, show_credits: ShowCredits, show_transactions: ShowTransactions, cursors: Cursors
) -> list[Route]:
    """Return the routes under ``/v1/credits``."""

    def balance(request: Request) -> Response:
        account = show_credits(require_user(request.caller).subject)
        return Response(
            body={
                "balance": account.available,
                "held": account.held,
                "debt": account.debt,
                "version": account.version,
                "available": account.available,
            }
        )

    def transactions(request: Request) -> Response:
        owner = require_user(request.caller).subject
        limit = limit_of(request.query)
        before = cursors.open(request.query.get("cursor"), owner_id=owner, route=request.route)
        shown: list[Entry] = []
        for _ in range(MAX_READS):
            page = show_transactions(owner, before=before, limit=limit - len(shown))
            # A full capture moves nothing: the hold before it already took the credits.
            shown += [entry for entry in page.entries if entry.amount]
            before = page.next_before
            if before is None or len(shown) == limit:
                break
        going_on = (
            None if before is None else cursors.seal(before, owner_id=owner, route=request.route)
        )
        return Response(
            body={"items": [transaction_body(entry) for entry in shown], "next_cursor": going_on}
        )

    return [
        Route(method="GET", pattern="/v1/credits", endpoint=balance),
        Route(method="GET", pattern="/v1/credits/transactions", endpoint=transactions),
    ]
