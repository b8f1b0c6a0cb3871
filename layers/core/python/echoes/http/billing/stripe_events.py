"""Operators replay a Stripe event."""

import re
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from echoes.application.purchases.replay_event import ReplayEvent
from echoes.domain.errors import NotFound
from echoes.domain.identifiers import OwnerId
from echoes.http.admin_access import AuditedActions
from echoes.http.contract.route import Routes, Throttle, route
from echoes.http.idempotency import Idempotency
from echoes.http.identity import Audience
from echoes.http.request import EVENT_ID, Request
from echoes.http.response import Response

UNKNOWN: Final = OwnerId("unknown")
"""The owner of a payment is known only once it has been read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StripeEventRoutes(Routes):
    """The route under ``/admin/v1/stripe-events``."""

    replay: ReplayEvent
    actions: AuditedActions
    idempotency: Idempotency

    @route(
        "POST",
        "/admin/v1/stripe-events/{event_id}/replay",
        Audience.ADMINS,
        Throttle.RARE,
        function="admin-api",
    )
    def replay_stripe_event(self, request: Request) -> Response:
        """Queue the payment behind an event again."""
        event_id = request.path.get("event_id", "")
        if not re.fullmatch(EVENT_ID, event_id):
            raise NotFound("event not found")

        def act() -> dict[str, Any]:
            self.actions.note(request, UNKNOWN, resource_id=event_id)
            notice = self.replay(event_id, request_id=request.request_id)
            return {"event_id": event_id, "about": notice.key.about.value, "id": notice.key.id}

        kept = self.idempotency.once(request, payload=None, act=act)
        return Response(status=HTTPStatus.ACCEPTED, body=kept.record, headers=kept.headers)
