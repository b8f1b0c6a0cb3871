"""Response models for an account's credits."""

from echoes.domain.credits.entries import EntryKind, EntryType
from echoes.http.contract.schema import Schema, Time, Whole


class Balance(Schema):
    """An account's credits. The balance is what can be spent."""

    balance: Whole
    held: Whole
    debt: Whole
    version: Whole
    available: Whole


class Transaction(Schema):
    """One change to the balance."""

    id: str
    type: EntryType
    kind: EntryKind
    amount: int
    reference_id: str
    balance_after: Whole
    description: str
    created_at: Time


class Transactions(Schema):
    """Changes to the balance, newest first."""

    items: list[Transaction]
    next_cursor: str | None
