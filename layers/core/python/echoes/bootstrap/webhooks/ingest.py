"""Wiring of the webhook intake; it imports neither Stripe's library nor pydantic."""

from collections.abc import Callable
from functools import partial

from botocore.session import Session

from echoes.adapters.secrets_manager.secrets import secrets_client
from echoes.adapters.sqs.notices import SqsNoticeQueue, sqs_client
from echoes.adapters.stripe.conventions import API_VERSION
from echoes.adapters.stripe.messages import StripeMessages
from echoes.adapters.stripe.signing_secrets import SigningSecrets
from echoes.application.ports.notices import NoticeQueue
from echoes.application.purchases.ingest_event import IngestEvent, ReadNotice
from echoes.bootstrap.application import serve
from echoes.bootstrap.runtime import SystemClock, region
from echoes.http.application import Application
from echoes.http.billing.stripe_webhook import StripeWebhookRoutes
from echoes.http.contract.route import Routes
from echoes.settings import StripeWebhooks
from echoes.tasks.metrics import Metric, record_metric


def application() -> Application:
    """Return the webhook intake on the real services."""
    settings, session = StripeWebhooks.from_environ(), Session()
    return serve(
        routes(
            read=StripeMessages(
                secrets=SigningSecrets(settings.secrets_arn, secrets_client(region(), session)),
                live=settings.live,
                api_versions=(API_VERSION, *settings.api_versions),
                now=SystemClock().now,
            ),
            queue=SqsNoticeQueue(settings.queue_url, sqs_client(region(), session)),
            count_refused=partial(record_metric, Metric.WEBHOOK_REFUSED),
        )
    )


def routes(
    *, read: ReadNotice, queue: NoticeQueue, count_refused: Callable[[], None]
) -> list[Routes]:
    """Return the route that Stripe calls."""
    ingest = IngestEvent(read=read, queue=queue)
    return [StripeWebhookRoutes(ingest=ingest, count_refused=count_refused)]
