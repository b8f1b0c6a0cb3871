"""
Holds: credits set aside for work, until it has succeeded or failed.

Every function is pure, as in `echoes.domain.credits.postings`. A hold is settled once: captured or
released.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from echoes.domain.credits.accounts import AccountStatus, CreditAccount, Hold, HoldStatus, Posting
from echoes.domain.credits.entries import NO_CREDITS, EntryKind, EntryType
from echoes.domain.credits.postings import SYSTEM, Cause, check_amount, check_whole, post
from echoes.domain.errors import (
    AccountFrozen,
    Conflict,
    HoldAlreadySettled,
    InsufficientCredits,
    InvalidRequest,
)
from echoes.domain.identifiers import Credits, HoldId


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

    *hold_id* is the idempotency key. Every caller must make sure that `capture` or `release`
    follows; the sweep checks holds that are still open after *expires_at*.

    Raises:
        AccountFrozen: The account may not spend.
        InsufficientCredits: *amount* exceeds what is available. When repeating a call, look first
            whether the hold exists: it may have taken the credits.
        InvalidRequest: The amount is not 1 to `MAX_AMOUNT`.
    """
    check_amount(amount)
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
    cause = Cause(EntryType.GENERATION, EntryKind.HOLD, hold_id, at, account.owner_id)
    posting = post(account, cause, held=amount)
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
        InsufficientCredits: Together they exceed what is available; the error names the sum.
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

    Nothing becomes available in between, so it works for a frozen account and for one in debt.

    Raises:
        HoldAlreadySettled, Conflict: As for `capture`.
    """
    if sum(amounts.values()) != hold.amount:
        raise ValueError(f"the parts of hold {hold.hold_id} do not add up to the whole")
    postings = [release(account, hold, at=at)]
    for hold_id, amount in amounts.items():
        before = postings[-1].after
        cause = Cause(EntryType.GENERATION, EntryKind.HOLD, hold_id, at, SYSTEM)
        part = replace(hold, hold_id=hold_id, amount=amount, expires_at=expires_at)
        posting = post(before, cause, held=amount)
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
    check_whole(spent)
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
    cause = Cause(EntryType.GENERATION, kind, hold.hold_id, at, SYSTEM)
    posting = post(account, cause, posted=Credits(-spent), held=Credits(-hold.amount))
    settled = replace(hold, status=status, settled_seq=posting.entry.seq, captured=spent)
    return replace(posting, hold=settled)
