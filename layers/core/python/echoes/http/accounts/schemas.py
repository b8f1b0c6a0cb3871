"""Request and response models for operators."""

from typing import Annotated

from pydantic import (
    Field,
    StringConstraints,
)

from echoes.domain.credits.accounts import AccountStatus
from echoes.domain.credits.adjustments import AdjustmentState
from echoes.domain.credits.postings import MAX_AMOUNT, MAX_REASON_LENGTH
from echoes.http.contract.schema import Identifier, Schema, Time, Whole
from echoes.http.credits.schemas import Transaction
from echoes.http.request import USER_ID

UserId = Annotated[str, StringConstraints(pattern=f"^{USER_ID}$")]
Reason = Annotated[
    str, StringConstraints(min_length=1, max_length=MAX_REASON_LENGTH, pattern=r"\S")
]
Ticket = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._#/-]{1,100}$")]


class Adjustment(Schema):
    """A correction by an operator, and its reason."""

    user_id: UserId
    amount: Annotated[
        int,
        Field(ge=-MAX_AMOUNT, le=MAX_AMOUNT, json_schema_extra={"not": {"const": 0}}),
    ]
    reason: Reason
    ticket: Ticket


class WriteOff(Schema):
    """A debt, or part of one, to write off."""

    user_id: UserId
    amount: Annotated[int, Field(ge=1, le=MAX_AMOUNT)]
    reason: Reason
    ticket: Ticket


class Intervention(Schema):
    """Why an operator freezes or unfreezes an account."""

    reason: Reason
    ticket: Ticket


class AdjustmentRequest(Schema):
    """An adjustment that needs approval. It has a `transaction` once it is posted."""

    id: Identifier
    state: AdjustmentState
    user_id: str
    amount: int
    write_off: bool
    reason: str
    ticket: str
    requested_by: str
    requested_at: Time
    approve_before: Time
    approved_by: str | None
    transaction: Transaction | None


class Account(Schema):
    """A user's account, as operators see it."""

    user_id: str
    balance: Whole
    held: Whole
    debt: Whole
    status: AccountStatus
    version: Whole


class JournalEntry(Transaction):
    """A ledger entry with the fields only operators see."""

    held_delta: int
    held_after: Whole
    debt_after: Whole
    actor: str
    reason: str | None
    hash: str


class Journal(Schema):
    """Every ledger entry of an account, newest first."""

    items: list[JournalEntry]
    next_cursor: str | None


class Guest(Schema):
    """A token for someone without an account."""

    token: str
    expires_at: Time
    guest_id: str
