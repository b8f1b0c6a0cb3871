"""The functions that audit the books."""

from typing import Final

from infra.functions.spec import FunctionSpec

AUDIT_BOOKS: Final = FunctionSpec(
    folder="audit",
    module="books",
    does="Goes through the books at night and anchors them.",
    # Each call does what it can; ten minutes later the next one goes on.
    timeout_seconds=540,
    concurrency=1,
    asynchronous=True,
)
AUDIT_PAYMENTS: Final = FunctionSpec(
    folder="audit",
    module="payments",
    does="Compares at night what Stripe was paid with what the ledger granted.",
    timeout_seconds=600,
    concurrency=1,
    asynchronous=True,
)
AUDIT_TAMPERING: Final = FunctionSpec(
    folder="audit",
    module="tampering",
    does="Tells when an entry of the ledger was changed or removed.",
    timeout_seconds=30,
    concurrency=5,
    asynchronous=True,
)

AUDIT: Final = (AUDIT_BOOKS, AUDIT_PAYMENTS, AUDIT_TAMPERING)
