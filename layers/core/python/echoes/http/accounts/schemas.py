"""What travels over HTTP between operators and us."""

from typing import Annotated

from pydantic import Field, StringConstraints

from echoes.domain.credits.accounts import AccountStatus
from echoes.domain.credits.adjustments import AdjustmentState
from echoes.domain.credits.postings import MAX_AMOUNT, MAX_REASON_LENGTH
from echoes.http.exchange import USER_ID
from echoes.http.schemas import Identifier, Schema, Time, Transaction, Whole

UserId = Annotated[str, StringConstraints(pattern=f"^{USER_ID}$")]
Reason = Annotated[
    str, StringConstraints(min_length=1, max_length=MAX_REASON_LENGTH, pattern=r"\S")
]
Ticket = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._#/-]{1,100}$")]


class WriteOff(Schema):
    """A debt that nobody will pay, or a part of it."""

    user_id: UserId
    amount: Annotated[int, Field(ge=1, le=MAX_AMOUNT)]
    reason: Reason
    ticket: Ticket


class Intervention(Schema):
    """Why an operator stops an account, or lets it go on."""

    reason: Reason
    ticket: Ticket


class AdjustmentRequest(Schema):
    """What an operator wants to happen to an account; `transaction` once it has happened."""

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
    """Somebody's account, for operators."""

    user_id: str
    balance: Whole
    held: Whole
    debt: Whole
    status: AccountStatus
    version: Whole


class JournalEntry(Transaction):
    """An entry with what only operators see."""

    held_delta: int
    held_after: Whole
    debt_after: Whole
    actor: str
    reason: str | None
    hash: str


class Journal(Schema):
    """Every entry of an account, newest first."""

    items: list[JournalEntry]
    next_cursor: str | None


class Replay(Schema):
    """What is looked at again."""

    event_id: str
    about: str
    id: str
