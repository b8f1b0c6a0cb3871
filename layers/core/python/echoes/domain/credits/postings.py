"""
Postings: what may happen to an account, and what each event leaves behind.

Credits move as money does on a payment card: work places a **hold**, and the hold is settled once
(`echoes.domain.credits.holds`). A refund is a **reversal**; what it cannot take becomes debt, and
debt is repaid before anything can be spent.

Every function is pure: the present state in, a `Posting` out. `docs/ledger.md` names the laws that
hold for every account at every moment.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from echoes.domain.credits.accounts import (
    CreditAccount,
    Posting,
)
from echoes.domain.credits.entries import (
    NO_CREDITS,
    Entry,
    EntryKind,
    EntryType,
    seal,
)
from echoes.domain.errors import (
    InvalidRequest,
)
from echoes.domain.identifiers import Credits

MAX_AMOUNT: Final = 1_000_000
"""The most one posting may move: far above any pack, far below anything that could overflow."""

MAX_REFERENCE_LENGTH: Final = 255
"""As long as an Idempotency-Key may be; a checkout session id has 66 characters."""

MAX_REASON_LENGTH: Final = 500
"""A sentence or two: the longest entry stays below two kilobytes, the usual one below one."""

SYSTEM: Final = "system"
"""The actor for automatic work: the workflow and the sweep."""


@dataclass(frozen=True, slots=True)
class Cause:
    """Why something is posted: copied into the entry."""

    type: EntryType
    kind: EntryKind
    reference: str
    at: datetime
    actor: str
    reason: str | None = None


def grant(
    account: CreditAccount,
    *,
    type: EntryType,  # noqa: A002  # the product's own word for the fact
    reference: str,
    amount: Credits,
    at: datetime,
    actor: str,
    reason: str | None = None,
) -> Posting:
    """
    Give *amount* credits for a purchase, a referral or a share. Debt is repaid first.

    *reference* is the idempotency key, over all owners: one payment credits one account, once.

    Raises:
        InvalidRequest: The amount, the type, the reference or the reason cannot be used.
    """
    check_amount(amount)
    if type is EntryType.GENERATION:
        raise InvalidRequest("clips use credits; they cannot grant any", field="type")
    cause = Cause(type, EntryKind.GRANT, reference, at, actor, reason)
    return post(account, cause, posted=amount)


def adjust(
    account: CreditAccount,
    *,
    reference: str,
    amount: Credits,
    at: datetime,
    actor: str,
    reason: str,
) -> Posting:
    """
    Correct *account* by *amount*, which may be negative: what cannot be taken becomes debt.

    Raises:
        InvalidRequest: The amount is 0 or too large, or there is no reason.
    """
    check_amount(Credits(abs(amount)))
    if not reason.strip():
        raise InvalidRequest("an adjustment needs a reason", field="reason")
    cause = Cause(EntryType.PURCHASE, EntryKind.ADJUSTMENT, reference, at, actor, reason)
    return post(account, cause, posted=amount)


def reverse(
    account: CreditAccount,
    *,
    reference: str,
    amount: Credits,
    at: datetime,
    actor: str,
    type: EntryType = EntryType.PURCHASE,  # noqa: A002  # the product's own word for the fact
    reason: str | None = None,
) -> Posting:
    """
    Take *amount* credits back after a refund or a dispute; the remainder becomes debt.

    Credits held by running work are not touched. Repeated and capped by the caller's *reference*.
    """
    check_amount(amount)
    cause = Cause(type, EntryKind.REVERSAL, reference, at, actor, reason)
    return post(account, cause, posted=Credits(-amount))


def reinstate(
    account: CreditAccount,
    *,
    reference: str,
    amount: Credits,
    at: datetime,
    actor: str,
    type: EntryType = EntryType.PURCHASE,  # noqa: A002  # the product's own word for the fact
    reason: str | None = None,
) -> Posting:
    """Give *amount* reversed credits again: the refund failed, or the dispute was won."""
    check_amount(amount)
    cause = Cause(type, EntryKind.REINSTATEMENT, reference, at, actor, reason)
    return post(account, cause, posted=amount)


def post(
    account: CreditAccount,
    cause: Cause,
    *,
    posted: Credits = NO_CREDITS,
    held: Credits = NO_CREDITS,
) -> Posting:
    """Return the posting. This is the only place that computes new balances."""
    _check_words(cause)
    net = account.available - account.debt + posted - held
    entry = seal(
        Entry(
            owner_id=account.owner_id,
            seq=account.seq + 1,
            type=cause.type,
            kind=cause.kind,
            reference=cause.reference,
            posted_delta=posted,
            held_delta=held,
            available_after=Credits(max(net, 0)),
            held_after=Credits(account.held + held),
            debt_after=Credits(max(-net, 0)),
            at=cause.at,
            actor=cause.actor,
            reason=cause.reason,
            previous_hash=account.chain_hash,
        )
    )
    after = replace(
        account,
        seq=entry.seq,
        available=entry.available_after,
        held=entry.held_after,
        debt=entry.debt_after,
        chain_hash=entry.hash,
    )
    return Posting(before=account, after=after, entry=entry)


def check_whole(amount: Credits) -> None:
    """Raise `TypeError` unless *amount* is a whole number: anything else is a bug."""
    if type(amount) is not int:
        raise TypeError(f"credits are whole numbers, not {amount!r}")


def check_amount(amount: Credits) -> None:
    """Raise `InvalidRequest` unless *amount* is 1 to `MAX_AMOUNT` whole credits."""
    check_whole(amount)
    if not 1 <= amount <= MAX_AMOUNT:
        raise InvalidRequest(f"an amount must be 1 to {MAX_AMOUNT} credits", field="amount")


def _check_words(cause: Cause) -> None:
    if not 1 <= len(cause.reference) <= MAX_REFERENCE_LENGTH:
        raise InvalidRequest(
            f"a reference must have 1 to {MAX_REFERENCE_LENGTH} characters", field="reference"
        )
    if cause.reason is not None and len(cause.reason) > MAX_REASON_LENGTH:
        raise InvalidRequest(
            f"a reason may have at most {MAX_REASON_LENGTH} characters", field="reason"
        )
