"""A balance and a ledger entry as the API shows them."""

from typing import Any

from echoes.domain.credits.accounts import CreditAccount
from echoes.domain.credits.entries import Entry, describe
from echoes.http.times import written


def balance_body(account: CreditAccount) -> dict[str, Any]:
    """Return the account's credits."""
    return {
        "balance": account.available,
        "held": account.held,
        "debt": account.debt,
        "version": account.version,
        "available": account.available,
    }


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
