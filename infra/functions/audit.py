"""The functions that audit the books."""

from typing import Final

from infra.functions.spec import FunctionSpec

AUDIT_BOOKS: Final = FunctionSpec(
    folder="audit",
    module="books",
    does="Checks the books at night and anchors them.",
    # Each call does what it can; ten minutes later the next one continues.
    timeout_seconds=540,
    concurrency=1,
    asynchronous=True,
)
AUDIT_PAYMENTS: Final = FunctionSpec(
    folder="audit",
    module="payments",
    does="Compares Stripe's payments with the ledger's grants, every night.",
    timeout_seconds=600,
    concurrency=1,
    asynchronous=True,
)
AUDIT_TAMPERING: Final = FunctionSpec(
    folder="audit",
    module="tampering",
    does="Reports an entry of the ledger that was changed or removed.",
    timeout_seconds=30,
    concurrency=5,
    asynchronous=True,
)

AUDIT: Final = (AUDIT_BOOKS, AUDIT_PAYMENTS, AUDIT_TAMPERING)
