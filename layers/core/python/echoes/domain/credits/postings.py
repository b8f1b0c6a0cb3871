"""
The credit ledger: what may happen to an account, and what each event leaves behind.

Credits move as money does on a payment card: work places a **hold**, and the hold is settled once,
either **captured** (the work succeeded) or **released** (it did not). A refund is a **reversal**;
what it cannot take becomes debt, and debt is repaid before anything can be spent.

Every function is pure: the present state in, a `Posting` out. `README.md` beside this file names
the laws that hold for every account at every moment.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from echoes.domain.credits.accounts import (
    AccountStatus,
    CreditAccount,
    Hold,
    HoldStatus,
    Posting,
)
from echoes.domain.credits.entries import (
    CHAIN_START,
    NO_CREDITS,
    Entry,
    EntryKind,
    EntryType,
    describe,
    seal,
)
from echoes.domain.errors import (
    AccountFrozen,
    Conflict,
    HoldAlreadySettled,
    InsufficientCredits,
    InvalidRequest,
)
from echoes.domain.identifiers import Credits, HoldId

__all__ = [
    "CHAIN_START",
    "MAX_AMOUNT",
    "MAX_REASON_LENGTH",
    "MAX_REFERENCE_LENGTH",
    "NO_CREDITS",
    "SYSTEM",
    "AccountStatus",
    "CreditAccount",
    "Entry",
    "EntryKind",
    "EntryType",
    "Hold",
    "HoldStatus",
    "Posting",
    "adjust",
    "capture",
    "describe",
    "divide",
    "grant",
    "place_hold",
    "place_holds",
    "reinstate",
    "release",
    "reverse",
]

MAX_AMOUNT: Final = 1_000_000
"""The most one posting may move: far above any pack, far below anything that could overflow."""

MAX_REFERENCE_LENGTH: Final = 255
"""As long as an Idempotency-Key may be; a checkout session id has 66 characters."""

MAX_REASON_LENGTH: Final = 500
"""A sentence or two: the longest entry stays below two kilobytes, the usual one below one."""

SYSTEM: Final = "system"
"""The actor for automatic work: the workflow and the sweep."""


@dataclass(frozen=True, slots=True)
class _Cause:
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
    _check_amount(amount)
    if type is EntryType.GENERATION:
        raise InvalidRequest("clips use credits; they cannot grant any", field="type")
    cause = _Cause(type, EntryKind.GRANT, reference, at, actor, reason)
    return _post(account, cause, posted=amount)


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
    _check_amount(Credits(abs(amount)))
    if not reason.strip():
        raise InvalidRequest("an adjustment needs a reason", field="reason")
    cause = _Cause(EntryType.PURCHASE, EntryKind.ADJUSTMENT, reference, at, actor, reason)
    return _post(account, cause, posted=amount)


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
    _check_amount(amount)
    cause = _Cause(type, EntryKind.REVERSAL, reference, at, actor, reason)
    return _post(account, cause, posted=Credits(-amount))


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
    _check_amount(amount)
    cause = _Cause(type, EntryKind.REINSTATEMENT, reference, at, actor, reason)
    return _post(account, cause, posted=amount)


def place_hold(
    account: CreditAccount,
    *,
    hold_id: HoldId,
    amount: Credits,
    expires_at: datetime,
    at: datetime,
) -> Posting:
    """
    Set *amount* credits aside for work that has yet to be done.

    *hold_id* is the idempotency key. Every caller must own a path that ends in `capture` or
    `release`; the sweep looks at holds that are still open after *expires_at*.

    Raises:
        AccountFrozen: The account may not spend.
        InsufficientCredits: *amount* exceeds what is available. A caller that repeats itself looks
            whether its hold exists first: the credits may have gone into that very hold.
        InvalidRequest: The amount is not 1 to `MAX_AMOUNT`.
    """
    _check_amount(amount)
    if account.status is not AccountStatus.ACTIVE:
        raise AccountFrozen(f"account {account.owner_id} is {account.status}")
    if amount > account.available:
        raise InsufficientCredits(required=amount, available=account.available)
    hold = Hold(
        hold_id=hold_id,
        owner_id=account.owner_id,
        amount=amount,
        expires_at=expires_at,
        opened_seq=account.seq + 1,
    )
    cause = _Cause(EntryType.GENERATION, EntryKind.HOLD, hold_id, at, account.owner_id)
    posting = _post(account, cause, held=amount)
    return replace(posting, hold=hold)


def place_holds(
    account: CreditAccount,
    amounts: Mapping[HoldId, Credits],
    *,
    expires_at: datetime,
    at: datetime,
) -> tuple[Posting, ...]:
    """
    Place several holds at once, each as by `place_hold`; they are stored together or not at all.

    Raises:
        InsufficientCredits: All of them together exceed what is available; it says so of all.
        AccountFrozen, InvalidRequest: As for `place_hold`.
    """
    total = Credits(sum(amounts.values()))
    if account.status is AccountStatus.ACTIVE and total > account.available:
        raise InsufficientCredits(required=total, available=account.available)
    postings: list[Posting] = []
    for hold_id, amount in amounts.items():
        before = postings[-1].after if postings else account
        postings.append(
            place_hold(before, hold_id=hold_id, amount=amount, expires_at=expires_at, at=at)
        )
    return tuple(postings)


def divide(
    account: CreditAccount,
    hold: Hold,
    amounts: Mapping[HoldId, Credits],
    *,
    expires_at: datetime,
    at: datetime,
) -> tuple[Posting, ...]:
    """
    Replace *hold* by several, which set the same credits aside; stored together or not at all.

    Nothing becomes available in between, so neither a frozen account nor debt stands in the way.

    Raises:
        HoldAlreadySettled, Conflict: As for `capture`.
    """
    if sum(amounts.values()) != hold.amount:
        raise ValueError(f"the parts of hold {hold.hold_id} do not add up to the whole")
    postings = [release(account, hold, at=at)]
    for hold_id, amount in amounts.items():
        before = postings[-1].after
        cause = _Cause(EntryType.GENERATION, EntryKind.HOLD, hold_id, at, SYSTEM)
        part = replace(hold, hold_id=hold_id, amount=amount, expires_at=expires_at)
        posting = _post(before, cause, held=amount)
        postings.append(replace(posting, hold=replace(part, opened_seq=posting.entry.seq)))
    return tuple(postings)


def capture(
    account: CreditAccount, hold: Hold, *, at: datetime, cost: Credits | None = None
) -> Posting:
    """
    Spend *cost* credits of *hold* (``None``: all): the work it was placed for has succeeded.

    What is left of the hold is available again.

    Raises:
        HoldAlreadySettled: The hold is not open. Look at its status first: if it is the one you
            want, you are done.
        Conflict: *account* and *hold* were not read from the same moment. Read both again.
    """
    spent = hold.amount if cost is None else cost
    _check_whole(spent)
    if not 0 <= spent <= hold.amount:
        raise InvalidRequest(f"the cost must be 0 to {hold.amount}", field="cost")
    return _settle(account, hold, HoldStatus.CAPTURED, EntryKind.CAPTURE, spent, at)


def release(account: CreditAccount, hold: Hold, *, at: datetime) -> Posting:
    """
    Give the credits of *hold* back: the work has failed. Debt is repaid first.

    Raises:
        HoldAlreadySettled: As for `capture`.
        Conflict: As for `capture`.
    """
    return _settle(account, hold, HoldStatus.RELEASED, EntryKind.RELEASE, NO_CREDITS, at)


def _settle(
    account: CreditAccount,
    hold: Hold,
    status: HoldStatus,
    kind: EntryKind,
    spent: Credits,
    at: datetime,
) -> Posting:
    if hold.owner_id != account.owner_id:
        raise ValueError(f"hold {hold.hold_id} belongs to another account")
    if hold.status is not HoldStatus.OPEN:
        raise HoldAlreadySettled(hold.hold_id)
    if hold.amount > account.held:
        # Reads of several items are not one snapshot: this account is newer than this hold.
        raise Conflict(f"hold {hold.hold_id} was settled in the meantime")
    cause = _Cause(EntryType.GENERATION, kind, hold.hold_id, at, SYSTEM)
    posting = _post(account, cause, posted=Credits(-spent), held=Credits(-hold.amount))
    settled = replace(hold, status=status, settled_seq=posting.entry.seq, captured=spent)
    return replace(posting, hold=settled)


def _post(
    account: CreditAccount,
    cause: _Cause,
    *,
    posted: Credits = NO_CREDITS,
    held: Credits = NO_CREDITS,
) -> Posting:
    """Return the posting: the one place where numbers become other numbers."""
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


def _check_whole(amount: Credits) -> None:
    if type(amount) is not int:
        raise TypeError(f"credits are whole numbers, not {amount!r}")


def _check_amount(amount: Credits) -> None:
    _check_whole(amount)
    if not 1 <= amount <= MAX_AMOUNT:
        raise InvalidRequest(f"an amount must be 1 to {MAX_AMOUNT} credits", field="amount")


def _check_words(cause: _Cause) -> None:
    if not 1 <= len(cause.reference) <= MAX_REFERENCE_LENGTH:
        raise InvalidRequest(
            f"a reference must have 1 to {MAX_REFERENCE_LENGTH} characters", field="reference"
        )
    if cause.reason is not None and len(cause.reason) > MAX_REASON_LENGTH:
        raise InvalidRequest(
            f"a reason may have at most {MAX_REASON_LENGTH} characters", field="reason"
        )
