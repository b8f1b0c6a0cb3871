"""Tokens for people without an account: one free clip each."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Final

from echoes.application.ports.clock import Clock
from echoes.domain.identifiers import OwnerId, derive_id
from echoes.http.application import Route
from echoes.http.idempotency import Idempotency
from echoes.http.request import Request
from echoes.http.response import Response
from echoes.http.times import written

GUEST_LIFETIME: Final = timedelta(hours=24)
NOBODY: Final = OwnerId("guests")

IssueGuestToken = Callable[[OwnerId, datetime, datetime], str]
"""Signs a token for a guest, from then until then. The same arguments give the same token."""


def guest_routes(*, issue: IssueGuestToken, clock: Clock, idempotency: Idempotency) -> list[Route]:
    """Return the routes under ``/v1/guests``."""

    def welcome(request: Request) -> Response:
        # The token itself is not kept: it is made again from what is.
        kept = idempotency.once(
            request,
            payload=None,
            act=lambda: {
                "guest_id": f"guest-{derive_id(NOBODY, 'guest', None)}",
                "since": int(clock.now().timestamp()),
            },
        )
        guest_id = OwnerId(kept.record["guest_id"])
        since = datetime.fromtimestamp(int(kept.record["since"]), UTC)
        until = since + GUEST_LIFETIME
        return Response(
            status=HTTPStatus.CREATED,
            body={
                "token": issue(guest_id, since, until),
                "expires_at": written(until),
                "guest_id": guest_id,
            },
            headers=kept.headers,
        )

    return [Route(method="POST", pattern="/v1/guests", endpoint=welcome)]
