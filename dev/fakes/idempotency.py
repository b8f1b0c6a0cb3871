"""Idempotency records kept in memory."""

from datetime import UTC, datetime
from threading import Lock
from typing import Any

from aws_lambda_powertools.utilities.idempotency.exceptions import (
    IdempotencyItemAlreadyExistsError,
    IdempotencyItemNotFoundError,
)
from aws_lambda_powertools.utilities.idempotency.persistence.base import BasePersistenceLayer
from aws_lambda_powertools.utilities.idempotency.persistence.datarecord import DataRecord


class InMemoryPersistenceLayer(BasePersistenceLayer):
    """
    What Powertools needs of a table; ``records`` is what it keeps.

    While ``unavailable`` is set nothing is stored; while ``forgetful`` is set no answer is.
    """

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # Powertools
        self._lock = Lock()
        self.records: dict[str, DataRecord] = {}
        self.unavailable = False
        self.forgetful = False

    def _get_record(self, idempotency_key: Any) -> DataRecord:  # noqa: ANN401  # as inherited
        with self._lock:
            try:
                return self.records[idempotency_key]
            except KeyError:
                raise IdempotencyItemNotFoundError from None

    def _put_record(self, data_record: DataRecord) -> None:
        if self.unavailable:
            raise ConnectionError("the table does not answer")
        with self._lock:
            stored = self.records.get(data_record.idempotency_key)
            if stored is not None and not _may_be_replaced(stored):
                self._validate_payload(data_record, stored)
                raise IdempotencyItemAlreadyExistsError(old_data_record=stored)
            self.records[data_record.idempotency_key] = data_record

    def _update_record(self, data_record: DataRecord) -> None:
        if self.forgetful:
            raise ConnectionError("the table does not answer")
        with self._lock:
            self.records[data_record.idempotency_key] = data_record

    def _delete_record(self, data_record: DataRecord) -> None:
        with self._lock:
            self.records.pop(data_record.idempotency_key, None)


def _may_be_replaced(record: DataRecord) -> bool:
    now = datetime.now(UTC).timestamp()
    given_up = record.in_progress_expiry_timestamp
    abandoned = record.status == "INPROGRESS" and given_up is not None and given_up < now * 1000
    return bool(record.is_expired or abandoned)
