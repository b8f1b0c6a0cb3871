"""Adjustment requests, at ``ADJUSTMENT#<id>`` in the records table."""

from typing import Final

from pynamodb.attributes import BooleanAttribute, UnicodeAttribute
from pynamodb.connection import Connection
from pynamodb.exceptions import DoesNotExist
from pynamodb.expressions.condition import Condition
from pynamodb.transactions import TransactWrite

from echoes.adapters.dynamodb.attributes import EnumAttribute, InstantAttribute, IntAttribute
from echoes.adapters.dynamodb.connection import bind
from echoes.adapters.dynamodb.failures import translated
from echoes.adapters.dynamodb.records import RecordItem
from echoes.domain.credits.adjustments import (
    AdjustmentChange,
    AdjustmentRequest,
    AdjustmentState,
)
from echoes.domain.identifiers import AdjustmentId, Credits, OwnerId

ADJUSTMENT: Final = "ADJUSTMENT"


class AdjustmentItem(RecordItem):
    """An `AdjustmentRequest`; kept for ever, like its entry."""

    owner_id: UnicodeAttribute = UnicodeAttribute()
    amount: IntAttribute = IntAttribute()
    write_off: BooleanAttribute = BooleanAttribute()
    reason: UnicodeAttribute = UnicodeAttribute()
    ticket: UnicodeAttribute = UnicodeAttribute()
    requested_by: UnicodeAttribute = UnicodeAttribute()
    requested_at: InstantAttribute = InstantAttribute()
    state: EnumAttribute[AdjustmentState] = EnumAttribute(AdjustmentState)
    approved_by: UnicodeAttribute = UnicodeAttribute(null=True)
    seq: IntAttribute = IntAttribute(null=True)
    version: IntAttribute = IntAttribute()


class DynamoAdjustmentRequests:
    """The port `AdjustmentRequests`."""

    def __init__(self, table: str, connection: Connection) -> None:
        self._model = bind(AdjustmentItem, table, connection)

    def get(self, adjustment_id: AdjustmentId) -> AdjustmentRequest | None:
        """Return the request, if there is one."""
        with translated():
            try:
                item = self._model.get(_key(adjustment_id), ADJUSTMENT, consistent_read=True)
            except DoesNotExist:
                return None
        return AdjustmentRequest(
            adjustment_id=adjustment_id,
            owner_id=OwnerId(item.owner_id),
            amount=Credits(item.amount),
            write_off=item.write_off,
            reason=item.reason,
            ticket=item.ticket,
            requested_by=OwnerId(item.requested_by),
            requested_at=item.requested_at,
            state=item.state,
            approved_by=OwnerId(item.approved_by) if item.approved_by else None,
            seq=item.seq,
            version=item.version,
        )

    def save(self, change: AdjustmentChange) -> None:
        """Store *change*. Raises `Conflict` if the request was written since it was read."""
        with translated():
            _item(change.request, self._model).save(condition=_unwritten(change, self._model))


def adjustment_action(
    transaction: TransactWrite, change: AdjustmentChange, model: type[AdjustmentItem]
) -> None:
    """Add the request to *transaction*, on condition that it has not changed."""
    transaction.save(_item(change.request, model), condition=_unwritten(change, model))


def _unwritten(change: AdjustmentChange, model: type[AdjustmentItem]) -> Condition:
    version = change.request.version
    return model.pk.does_not_exist() if version == 1 else model.version == version - 1


def _key(adjustment_id: AdjustmentId) -> str:
    return f"{ADJUSTMENT}#{adjustment_id}"


def _item(request: AdjustmentRequest, model: type[AdjustmentItem]) -> AdjustmentItem:
    return model(
        _key(request.adjustment_id),
        ADJUSTMENT,
        owner_id=request.owner_id,
        amount=request.amount,
        write_off=request.write_off,
        reason=request.reason,
        ticket=request.ticket,
        requested_by=request.requested_by,
        requested_at=request.requested_at,
        state=request.state,
        approved_by=request.approved_by,
        seq=request.seq,
        version=request.version,
    )
