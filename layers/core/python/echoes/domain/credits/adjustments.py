"""
What operators do to credits: corrections and write-offs.

Each has a reason and a ticket, and above a limit the consent of a second operator.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from echoes.domain.credits.accounts import CreditAccount, Posting
from echoes.domain.credits.postings import adjust
from echoes.domain.errors import InvalidRequest, ReferenceMismatch, SecondOperatorNeeded
from echoes.domain.identifiers import AdjustmentId, Credits, OwnerId, derive_id

ALONE_UP_TO: Final = Credits(100)
"""The largest pack: one operator alone must not be able to give away more."""

APPROVAL_WITHIN: Final = timedelta(days=7)
"""After a week, nobody remembers the reason."""


class AdjustmentState(StrEnum):
    """Status of an adjustment request."""

    PENDING = "pending"
    POSTED = "posted"


@dataclass(frozen=True, slots=True, kw_only=True)
class AdjustmentRequest:
    """
    An adjustment that an operator requests. There is one per account and ticket.

    Stored whole if the stored version is ``version - 1`` (0: not stored yet).
    """

    adjustment_id: AdjustmentId
    owner_id: OwnerId
    amount: Credits
    """Credits to add; negative to take."""

    write_off: bool
    """It may only lower a debt."""

    reason: str
    ticket: str
    requested_by: OwnerId
    requested_at: datetime
    state: AdjustmentState = AdjustmentState.PENDING
    approved_by: OwnerId | None = None
    seq: int | None = None
    """The entry it became."""

    version: int = 1

    @property
    def reference(self) -> str:
        """Its reference in the ledger: one ticket corrects one account once."""
        return f"{self.owner_id}/{self.ticket}"

    @property
    def actor(self) -> str:
        """Who did it, as the ledger keeps it: one operator, or two joined by ``&``."""
        if self.approved_by is None:
            return self.requested_by
        return f"{self.requested_by}&{self.approved_by}"

    @property
    def needs_approval(self) -> bool:
        """Whether a second operator must approve it."""
        return abs(self.amount) > ALONE_UP_TO


@dataclass(frozen=True, slots=True, kw_only=True)
class AdjustmentChange:
    """A request to store, whole."""

    request: AdjustmentRequest


def adjustment_id(owner_id: OwnerId, ticket: str) -> AdjustmentId:
    """Return the id of the adjustment that *ticket* makes to *owner_id*."""
    return AdjustmentId(derive_id(owner_id, "adjustment", ticket))


def check_same(known: AdjustmentRequest, wanted: AdjustmentRequest) -> None:
    """Raise `ReferenceMismatch` unless both ask for the same; reason and operator may differ."""
    if (known.amount, known.write_off) != (wanted.amount, wanted.write_off):
        raise ReferenceMismatch("this ticket was already used for something else")


def ask(request: AdjustmentRequest, account: CreditAccount) -> AdjustmentChange:
    """Return *request* to store until a second operator approves. Raises `InvalidRequest`."""
    _post(request, account, at=request.requested_at)
    return AdjustmentChange(request=request)


def approved(request: AdjustmentRequest, *, by: OwnerId, at: datetime) -> AdjustmentRequest:
    """
    Return *request*, approved by *by* and ready to be posted.

    Raises:
        SecondOperatorNeeded: It is the operator's own request.
        InvalidRequest: It has expired; a new request needs a new ticket.
    """
    if by == request.requested_by:
        raise SecondOperatorNeeded("you cannot approve your own request")
    if at > request.requested_at + APPROVAL_WITHIN:
        raise InvalidRequest("this request has expired; make a new one with a new ticket")
    return replace(request, approved_by=by)


def carry_out(
    request: AdjustmentRequest, account: CreditAccount, *, at: datetime
) -> tuple[Posting, AdjustmentChange]:
    """
    Return what to post and to store with it.

    Raises:
        InvalidRequest: A write-off is more than is owed, or `adjust` refuses.
        SecondOperatorNeeded: No second operator has approved.
    """
    if request.needs_approval and request.approved_by is None:
        raise SecondOperatorNeeded(f"more than {ALONE_UP_TO} credits need a second operator")
    posting = _post(request, account, at=at)
    done = replace(
        request,
        state=AdjustmentState.POSTED,
        seq=posting.entry.seq,
        version=request.version + 1 if request.approved_by else request.version,
    )
    return posting, AdjustmentChange(request=done)


def _post(request: AdjustmentRequest, account: CreditAccount, *, at: datetime) -> Posting:
    if request.write_off and not 0 < request.amount <= account.debt:
        raise InvalidRequest(f"the debt is only {account.debt} credits", field="amount")
    return adjust(
        account,
        reference=request.reference,
        amount=request.amount,
        at=at,
        actor=request.actor,
        reason=request.reason,
    )
