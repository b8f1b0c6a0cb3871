"""A ledger entry as the API shows it."""

from typing import Any

from echoes.domain.credits.entries import Entry, describe
from echoes.http.times import written


def transaction_body(entry: Entry) -> dict[str, Any]:
    """Return the entry's fields, without the operator's reason."""
    return {
        "id": entry.entry_id,
        "type": entry.type.value,
        "kind": entry.kind.value,
        "amount": entry.amount,
        "reference_id": entry.reference,
        "balance_after": entry.balance_after,
        "description": describe(entry),
        "created_at": written(entry.at),
    }
