"""Handlers of payment notices and the hourly payment sweep."""

from collections.abc import Mapping, Sequence
from typing import TypedDict

from pydantic import BaseModel, ConfigDict, Field

from echoes.application.purchases.reconcile_payment import (
    Reconciled,
    ReconcilePayment,
    Settlement,
)
from echoes.application.purchases.sweep_payments import SweepPayments
from echoes.domain.errors import EchoesError
from echoes.domain.purchases.payment_keys import PaymentKey, PaymentObject
from echoes.observability import logger
from echoes.tasks.metrics import Metric, record_metric
from echoes.tasks.unexpected import log_unexpected


class NoticeBody(BaseModel):
    """A notice as it was queued."""

    model_config = ConfigDict(frozen=True)

    event_id: str
    event_type: str
    about: PaymentObject
    id: str


class QueueAttributes(BaseModel):
    """The attributes that SQS adds to a message."""

    group: str = Field(alias="MessageGroupId", default="")


class QueuedMessage(BaseModel):
    """One message of a batch."""

    model_config = ConfigDict(frozen=True)

    message_id: str = Field(alias="messageId")
    body: str
    attributes: QueueAttributes = QueueAttributes()


class MessageBatch(BaseModel):
    """The input from a queue."""

    records: Sequence[QueuedMessage] = Field(alias="Records")


class BatchItemFailure(TypedDict):
    """A message to retry."""

    itemIdentifier: str


class MessageBatchResult(TypedDict):
    """The messages to retry; the others are done."""

    batchItemFailures: list[BatchItemFailure]


def reconcile(
    event: Mapping[str, object], *, reconcile_payment: ReconcilePayment
) -> MessageBatchResult:
    """
    Reconcile the payment of each message of a batch; return the messages to retry.

    After a failure the rest of its group waits as well: a FIFO queue keeps their order.
    """
    failed: list[BatchItemFailure] = []
    stuck: set[str] = set()
    for message in MessageBatch.model_validate(event).records:
        group = message.attributes.group
        if group in stuck or not _handle(message, reconcile_payment):
            stuck.add(group)
            failed.append(BatchItemFailure(itemIdentifier=message.message_id))
    return MessageBatchResult(batchItemFailures=failed)


def sweep(*, sweep_payments: SweepPayments) -> dict[str, int]:
    """Run `SweepPayments` once; return its numbers."""
    report = sweep_payments()
    numbers = {
        "looked": report.looked,
        "found": len(report.found),
        "closed": report.closed,
        "errors": len(report.errors),
    }
    logger.info("payments swept", extra={**numbers, "error_names": sorted(set(report.errors))})
    log_unexpected(report)
    for outcome in report.found:
        log_reconciled(outcome)
    for name, value in (
        (Metric.PAYMENT_SWEEP_FOUND, len(report.found)),
        (Metric.PAYMENT_SWEEP_ERRORS, len(report.errors)),
    ):
        if value:
            record_metric(name, value)
    return numbers


def log_reconciled(outcome: Reconciled) -> None:
    """Write the metrics of one reconciliation."""
    counted = {
        Metric.CREDITS_BOUGHT: int(outcome.granted),
        Metric.CREDITS_REVERSED: max(0, outcome.reversed),
        Metric.CREDITS_REINSTATED: max(0, -outcome.reversed),
        Metric.ACCOUNT_FROZEN: int(outcome.frozen),
        Metric.PAYMENT_QUARANTINED: int(outcome.settlement is Settlement.QUARANTINED),
    }
    for name, value in counted.items():
        if value:
            record_metric(name, value)


def _handle(message: QueuedMessage, reconcile_payment: ReconcilePayment) -> bool:
    keys = {"message_id": message.message_id}
    try:
        notice = NoticeBody.model_validate_json(message.body)
        keys |= {"event_id": notice.event_id, "event_type": notice.event_type}
        outcome = reconcile_payment(PaymentKey(about=notice.about, id=notice.id))
    except EchoesError as error:
        logger.warning("payment to be retried", extra={**keys, "error": type(error).__name__})
        record_metric(Metric.PAYMENT_FAILED_TO_SETTLE)
        return False
    except Exception:  # noqa: BLE001  # one buyer's trouble must not keep the others of the batch waiting
        logger.exception("unexpected payment error", extra=keys)
        record_metric(Metric.PAYMENT_FAILED_TO_SETTLE)
        return False
    logger.info(
        "payment reconciled",
        extra={
            **keys,
            "settlement": outcome.settlement.value,
            "flaw": outcome.quarantine_reason.value if outcome.quarantine_reason else None,
            "granted": outcome.granted,
            "reversed": outcome.reversed,
            "frozen": outcome.frozen,
        },
    )
    log_reconciled(outcome)
    return True
