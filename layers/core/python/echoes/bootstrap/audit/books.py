"""Wiring of the nightly audit."""

from collections.abc import Callable
from datetime import timedelta
from typing import Final

from botocore.session import Session

from echoes.adapters.dynamodb.books import DynamoBooks
from echoes.adapters.dynamodb.connection import connect
from echoes.adapters.dynamodb.credits.ledger import DynamoLedger
from echoes.adapters.kms.signer import KmsAnchorSigner, kms_client
from echoes.adapters.s3.anchors import S3AnchorVault
from echoes.adapters.s3.media import s3_client
from echoes.application.audit.audit_books import AuditBooks
from echoes.bootstrap.runtime import SystemClock, region
from echoes.settings import Anchors, LedgerTables, RecordsTable
from echoes.tasks.audit import audit

LAST_STEP: Final = timedelta(seconds=90)
"""Reserved for the current step and the anchor: no step starts this late in a call."""


def build() -> Callable[[timedelta], dict[str, int]]:
    """Return the handler that continues the audit until its time is up."""
    clock, session, connection = SystemClock(), Session(), connect()
    tables, records = LedgerTables.from_environ(), RecordsTable.from_environ().name
    anchors = Anchors.from_environ()
    audit_books = AuditBooks(
        books=DynamoBooks(
            entries_table=tables.entries,
            state_table=tables.state,
            records_table=records,
            connection=connection,
        ),
        ledger=DynamoLedger(
            entries_table=tables.entries, state_table=tables.state, connection=connection
        ),
        vault=S3AnchorVault(anchors.bucket, s3_client(region(), session)),
        signer=KmsAnchorSigner(anchors.key_arn, kms_client(region(), session)),
        clock=clock,
    )

    def continue_audit(remaining: timedelta) -> dict[str, int]:
        return audit(audit_books=audit_books, until=clock.now() + remaining - LAST_STEP)

    return continue_audit
