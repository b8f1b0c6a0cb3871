"""Tokens for people without an account: one free clip each."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Final

from echoes.application.ports.clock import Clock
from echoes.domain.identifiers import OwnerId, derive_id
from echoes.http.contract.route import Routes, Throttle, route
from echoes.http.idempotency import Idempotency
from echoes.http.identity import Audience
from echoes.http.request import Request
from echoes.http.response import Response
from echoes.http.times import written

GUEST_LIFETIME: Final = timedelta(hours=24)
GUEST_NAMESPACE: Final = OwnerId("guests")

IssueGuestToken = Callable[[OwnerId, datetime, datetime], str]
"""Signs a token for a guest, from then until then. The same arguments give the same token."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GuestRoutes(Routes):
    """The route under ``/v1/guests``."""

    issue: IssueGuestToken
    clock: Clock
    idempotency: Idempotency

    @route("POST", "/v1/guests", Audience.ALL, Throttle.RARE, function="account-api")
    def create_guest(self, request: Request) -> Response:
        """Return a token for a new guest. A replay signs the same token again: it is not stored."""
        kept = self.idempotency.once(
            request,
            payload=None,
            act=lambda: {
                "guest_id": f"guest-{derive_id(GUEST_NAMESPACE, 'guest', None)}",
                "since": int(self.clock.now().timestamp()),
            },
        )
        guest_id = OwnerId(kept.record["guest_id"])
        since = datetime.fromtimestamp(int(kept.record["since"]), UTC)
        until = since + GUEST_LIFETIME
        return Response(
            status=HTTPStatus.CREATED,
            body={
                "token": self.issue(guest_id, since, until),
                "expires_at": written(until),
                "guest_id": guest_id,
            },
            headers=kept.headers,
        )
