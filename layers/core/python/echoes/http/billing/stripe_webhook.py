"""Stripe's webhook. Stripe waits for the response, so it does little."""

from collections.abc import Callable
from typing import Final

from echoes.application.ports.purchases import BadMessage
from echoes.application.purchases.ingest_event import IngestEvent
from echoes.http.application import Route
from echoes.http.rejections import UnreadableRequest
from echoes.http.request import Request
from echoes.http.response import Response
from echoes.observability import logger

SIGNATURE: Final = "stripe-signature"


def stripe_webhook_routes(
    *, ingest_event: IngestEvent, count_refused: Callable[[], None]
) -> list[Route]:
    """Return the route; *count_refused* is called for each message that is refused."""

    def receive(request: Request) -> Response:
        try:
            notice = ingest_event(request.raw, request.headers.get(SIGNATURE))
        except BadMessage as bad:
            logger.warning("webhook refused", extra={"why": str(bad)})
            count_refused()
            raise UnreadableRequest(str(bad)) from bad
        if notice is not None:
            logger.info(
                "notice queued",
                extra={"event_id": notice.event_id, "event_type": notice.event_type},
            )
        return Response(body={"received": True})

    return [Route(method="POST", pattern="/webhooks/stripe", endpoint=receive)]
