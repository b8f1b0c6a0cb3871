"""Handlers of the nightly audits and of the stream of entries, which shows tampering."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from pydantic import BaseModel, ConfigDict, Field

from echoes.application.audit.audit_books import AuditBooks, AuditStep
from echoes.application.audit.audit_payments import AuditPayments
from echoes.observability import logger
from echoes.tasks.metrics import Metric, record_metric

TAMPERING: Final = frozenset({"MODIFY", "REMOVE"})
"""What a stream of entries must never contain: entries are only inserted."""

FAULTS_LOGGED: Final = 20
"""How many faults of one step are logged; the vault has all of them."""


class Key(BaseModel):
    """A key of DynamoDB, as streams write it."""

    model_config = ConfigDict(frozen=True)

    S: str


class StreamKeys(BaseModel):
    """Where an entry is, or was."""

    model_config = ConfigDict(frozen=True)

    pk: Key
    sk: Key


class StreamImage(BaseModel):
    """The part of a record that we read."""

    model_config = ConfigDict(frozen=True)

    keys: StreamKeys = Field(alias="Keys")


class StreamRecord(BaseModel):
    """One change of the table of entries."""

    model_config = ConfigDict(frozen=True)

    event_name: str = Field(alias="eventName")
    event_id: str = Field(alias="eventID", default="")
    dynamodb: StreamImage


class StreamBatch(BaseModel):
    """The input of the event source mapping."""

    model_config = ConfigDict(frozen=True)

    records: list[StreamRecord] = Field(alias="Records")


def audit(*, audit_books: AuditBooks, until: datetime) -> dict[str, int]:
    """Continue tonight's audit until *until*; count and log each step."""
    owners = faults = anchored = 0
    for step in audit_books(until=until):
        owners, faults = owners + step.owners, faults + len(step.faults)
        anchored += step.anchored or 0
        _log_step(step)
    return {"owners": owners, "faults": faults, "anchored": anchored}


def compare(*, audit_payments: AuditPayments, until: datetime) -> dict[str, int]:
    """Compare payments with purchases until *until*; count and log disagreements."""
    payments = faults = 0
    for step in audit_payments(until=until):
        payments, faults = payments + 1, faults + len(step.faults)
        _log_faults(step)
    record_metric(Metric.PAYMENTS_COMPARED, payments)
    record_metric(Metric.BOOK_FAULTS, faults)
    return {"payments": payments, "faults": faults}


def tampered(event: Mapping[str, object]) -> int:
    """Report every entry that was changed or removed; return how many there are."""
    batch = StreamBatch.model_validate(event)
    found = [record for record in batch.records if record.event_name in TAMPERING]
    for record in found:
        keys = record.dynamodb.keys
        logger.critical(
            "ledger entry tampered with",
            extra={"event": record.event_name, "pk": keys.pk.S, "sk": keys.sk.S},
        )
    if found:
        record_metric(Metric.LEDGER_TAMPERED, len(found))
    return len(found)


def _log_step(step: AuditStep) -> None:
    _log_faults(step)
    record_metric(Metric.BOOKS_CHECKED, step.owners)
    record_metric(Metric.BOOK_FAULTS, len(step.faults))
    if step.anchored is not None:
        logger.info("books closed", extra={"anchored": step.anchored})
        record_metric(Metric.BOOKS_ANCHORED, step.anchored)


def _log_faults(step: AuditStep) -> None:
    for fault in step.faults[:FAULTS_LOGGED]:
        logger.error(
            "books do not agree",
            extra={
                "rule": fault.rule,
                "owner_id": fault.owner_id,
                "seq": fault.seq,
                "what": fault.what,
            },
        )
