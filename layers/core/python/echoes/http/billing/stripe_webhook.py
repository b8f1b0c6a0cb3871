"""Stripe's webhook. Stripe waits for the response, so it does little."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from echoes.application.ports.notices import BadMessage
from echoes.application.purchases.ingest_event import IngestEvent
from echoes.http.contract.route import Routes, Throttle, route
from echoes.http.identity import Audience
from echoes.http.rejections import UnreadableRequest
from echoes.http.request import Request
from echoes.http.response import Response
from echoes.observability import logger

SIGNATURE: Final = "stripe-signature"


@dataclass(frozen=True, slots=True, kw_only=True)
class StripeWebhookRoutes(Routes):
    """The webhook; ``count_refused`` is called for each message that is refused."""

    ingest: IngestEvent
    count_refused: Callable[[], None]

    # For everybody: Stripe signs its events. They come in bursts, so it may be used often.
    @route("POST", "/webhooks/stripe", Audience.ALL, Throttle.ORDERING, function="webhooks-ingest")
    def receive_stripe_event(self, request: Request) -> Response:
        """Queue a signed event."""
        try:
            notice = self.ingest(request.raw, request.headers.get(SIGNATURE))
        except BadMessage as bad:
            logger.warning("webhook refused", extra={"why": str(bad)})
            self.count_refused()
            raise UnreadableRequest(str(bad)) from bad
        if notice is not None:
            logger.info(
                "notice queued",
                extra={"event_id": notice.event_id, "event_type": notice.event_type},
            )
        return Response(body={"received": True})
