"""Operators replay a Stripe event."""

import re
from http import HTTPStatus
from typing import Any, Final

from echoes.application.purchases.replay_event import ReplayEvent
from echoes.domain.errors import NotFound
from echoes.domain.identifiers import OwnerId
from echoes.http.admin_access import AuditedActions
from echoes.http.application import Route
from echoes.http.idempotency import Idempotency
from echoes.http.request import EVENT_ID, Request
from echoes.http.response import Response

WHOEVER: Final = OwnerId("unknown")
"""Whose payment it is shows only when it is looked at."""


def stripe_event_routes(
    *, replay_event: ReplayEvent, actions: AuditedActions, idempotency: Idempotency
) -> list[Route]:
    """Return the routes under ``/admin/v1/stripe-events``."""

    def replay(request: Request) -> Response:
        actions.operator(request)
        event_id = request.path.get("event_id", "")
        if not re.fullmatch(EVENT_ID, event_id):
            raise NotFound("event not found")

        def act() -> dict[str, Any]:
            actions.note(request, WHOEVER, resource_id=event_id)
            notice = replay_event(event_id, request_id=request.request_id)
            return {"event_id": event_id, "about": notice.key.about.value, "id": notice.key.id}

        kept = idempotency.once(request, payload=None, act=act)
        return Response(status=HTTPStatus.ACCEPTED, body=kept.record, headers=kept.headers)

    pattern = "/admin/v1/stripe-events/<event_id>/replay"
    return [Route(method="POST", pattern=pattern, endpoint=replay)]
