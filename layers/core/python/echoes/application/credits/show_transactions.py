"""Use case: list an account's transactions."""

from dataclasses import dataclass
from typing import Final

from echoes.application.ports.credits import EntryPage, Ledger
from echoes.domain.errors import InvalidRequest
from echoes.domain.identifiers import OwnerId

MAX_ENTRIES: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowTransactions:
    """Read a page of an account's entries."""

    ledger: Ledger

    def __call__(self, owner_id: OwnerId, *, before: int | None, limit: int) -> EntryPage:
        """
        Return up to *limit* (1 to 100) entries older than *before*, newest first.

        Raises:
            InvalidRequest: The limit is out of its range.
        """
        if not 1 <= limit <= MAX_ENTRIES:
            raise InvalidRequest(f"limit must be 1 to {MAX_ENTRIES}", field="limit")
        return self.ledger.entries(owner_id, before=before, limit=limit)
