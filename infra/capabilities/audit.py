"""The audit of the books: read at night, anchored, compared with Stripe, watched all day."""

from typing import cast

from aws_cdk import aws_dynamodb as dynamodb

from infra import functions
from infra.capabilities.service import Service
from infra.constructs.books_audit import BooksAudit
from infra.stacks.data import DataStack


def equip_audit(service: Service, data: DataStack) -> None:
    """Let the functions of the audit read the books, and call them at night."""
    books = service.functions[functions.audit.AUDIT_BOOKS]
    data.ledger.grant_audit(books)
    data.records.grant_list(books)
    data.anchor.grant_sign_anchors(books)

    payments = service.functions[functions.audit.AUDIT_PAYMENTS]
    data.ledger.grant_audit(payments)
    data.records.grant_list(payments)
    data.secrets.grant_call_stripe(payments)

    # The stream of entries is all that it reads.
    tampering = service.functions[functions.audit.AUDIT_TAMPERING]
    BooksAudit(
        service.scope,
        "BooksAudit",
        entries=cast("dynamodb.ITable", data.ledger.entries),
        books=books,
        payments=payments,
        tampering=tampering,
    )
