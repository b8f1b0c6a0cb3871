"""The functions that sell credits and process Stripe's events."""

from typing import Final

from infra.functions.spec import API_SECONDS, FunctionSpec

BILLING_API: Final = FunctionSpec(
    folder="billing",
    module="api",
    does="Sells packs of credits and shows orders.",
    timeout_seconds=28,  # Stripe may take 10 s for an answer, and is asked up to three times.
    concurrency=20,
    snap_start=True,
)
WEBHOOKS_INGEST: Final = FunctionSpec(
    folder="webhooks",
    module="ingest",
    does="Verifies and queues Stripe's events; strangers can call it.",
    timeout_seconds=API_SECONDS,
    concurrency=20,
    snap_start=True,
)
WEBHOOKS_RECONCILE: Final = FunctionSpec(
    folder="webhooks",
    module="reconcile",
    does="Reads payments from Stripe and posts changes to the ledger.",
    timeout_seconds=60,
    concurrency=10,
)
WEBHOOKS_SWEEP: Final = FunctionSpec(
    folder="webhooks",
    module="sweep",
    does="Asks Stripe for payments and events that we missed, every hour.",
    timeout_seconds=600,
    concurrency=1,
    asynchronous=True,
)

PAYMENTS: Final = (BILLING_API, WEBHOOKS_INGEST, WEBHOOKS_RECONCILE, WEBHOOKS_SWEEP)
