"""
The audit of the books: which records must agree, and where they do not.

Everything is compared as it was read: an account and its entries up to the account's number (which
never change again), then guards, clips and holds, which may be newer. Rules are named as in
``docs/ledger.md``.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, NewType

from echoes.domain.audit.anchors import AnchoredHead
from echoes.domain.audit.chain import OF_GENERATIONS, verify_chain
from echoes.domain.clips.attempts import Attempt, ClipStatus
from echoes.domain.clips.clip import Clip
from echoes.domain.credits.accounts import CreditAccount, Hold, HoldStatus
from echoes.domain.credits.entries import Entry, EntryKind
from echoes.domain.identifiers import AttemptId, HoldId, OwnerId

Cause = NewType("Cause", tuple[str, str, str])
"""Type, kind and reference of an entry: used once, over all owners."""

Place = tuple[OwnerId, int]
"""Whose entry, and its number."""

OLD_HOLD: Final = timedelta(hours=1)
"""The sweep releases an expired hold within minutes; after an hour something is wrong."""


class Rule(StrEnum):
    """What was broken."""

    CHAIN = "R1 chain"
    HEAD = "R2 head"
    HOLDS = "R3 holds"
    SESSIONS = "R4 sessions"
    REVERSALS = "R5 reversals"
    GENERATIONS = "R6 generations"
    GUARDS = "R7 guards"
    OLD_HOLDS = "R8 old holds"
    ANCHOR = "R11 anchor"
    READABLE = "R12 readable"


@dataclass(frozen=True, slots=True, kw_only=True)
class BookFault:
    """Two records that should agree and do not; ``seq`` is the first entry concerned, if any."""

    rule: Rule
    owner_id: OwnerId | None
    what: str
    seq: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """The record that a cause is used, and by which entry."""

    cause: Cause
    owner_id: OwnerId
    seq: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnerBooks:
    """Everything the ledger and the records hold of one owner's credits."""

    account: CreditAccount
    entries: Sequence[Entry]
    """All up to the account's number, oldest first."""

    guards: Mapping[Cause, Guard]
    holds: Mapping[HoldId, Hold]
    clips: Sequence[Clip]
    """Includes deleted clips, as long as they are kept."""

    anchored: AnchoredHead | None = None
    """The owner's head in the last anchor."""


def cause_of(entry: Entry) -> Cause:
    """Return what *entry* was written for."""
    return Cause((entry.type.value, entry.kind.value, entry.reference))


def check_books(books: OwnerBooks) -> list[BookFault]:
    """Return all disagreements in *books*; none if they are in order."""
    owner = books.account.owner_id
    chain = verify_chain(books.entries)
    if chain is not None:
        # Further checks would only repeat it in other words.
        return [BookFault(rule=Rule.CHAIN, owner_id=owner, seq=chain.seq, what=chain.what)]
    faults = [*_head(books), *_anchor(books), *_guards(books), *_holds(books)]
    return faults + list(_generations(books))


def check_guard(guard: Guard, entry: Entry | None) -> BookFault | None:
    """Return what is wrong with a stored *guard* whose entry is *entry*."""
    if entry is not None and (cause_of(entry), entry.owner_id) == (guard.cause, guard.owner_id):
        return None
    what = f"the guard of {' '.join(guard.cause)} points to another entry, or to none"
    return BookFault(rule=Rule.GUARDS, owner_id=guard.owner_id, seq=guard.seq, what=what)


def check_hold(hold: Hold, entry: Entry | None, *, listed: bool, at: datetime) -> list[BookFault]:
    """
    Return what is wrong with a stored *hold* that *entry* opened.

    *listed* says whether it is in the index of open holds, which the sweep looks at.
    """
    found: list[tuple[Rule, str]] = []
    if entry is None or (entry.kind, entry.reference) != (EntryKind.HOLD, hold.hold_id):
        found.append((Rule.HOLDS, f"hold {hold.hold_id} was opened by another entry, or by none"))
    is_open = hold.status is HoldStatus.OPEN
    if is_open != listed:
        found.append(
            (Rule.HOLDS, f"hold {hold.hold_id} is {hold.status}, its index says otherwise")
        )
    if is_open and hold.expires_at + OLD_HOLD < at:
        found.append((Rule.OLD_HOLDS, f"hold {hold.hold_id} is open long after it expired"))
    return [
        BookFault(rule=rule, owner_id=hold.owner_id, seq=hold.opened_seq, what=what)
        for rule, what in found
    ]


def _head(books: OwnerBooks) -> Iterator[BookFault]:
    fault = verify_chain(books.entries, head=books.account)
    if fault is not None:
        yield _fault(books, Rule.HEAD, fault.what, fault.seq)


def _anchor(books: OwnerBooks) -> Iterator[BookFault]:
    anchored = books.anchored
    if anchored is None:
        return
    fault = anchored.fault_in(books.entries)
    if fault is not None:
        seq, what = fault
        yield _fault(books, Rule.ANCHOR, what, seq)


def _guards(books: OwnerBooks) -> Iterator[BookFault]:
    used = Counter(cause_of(entry) for entry in books.entries)
    for entry in books.entries:
        cause = cause_of(entry)
        if used[cause] > 1:
            yield _fault(books, Rule.GUARDS, f"{' '.join(cause)} was done twice", entry.seq)
        if entry.kind in OF_GENERATIONS:
            continue
        guard = books.guards.get(cause)
        if guard is None:
            yield _fault(books, Rule.GUARDS, f"{' '.join(cause)} has no guard", entry.seq)
        elif (guard.owner_id, guard.seq) != (entry.owner_id, entry.seq):
            yield _fault(books, Rule.GUARDS, f"{' '.join(cause)} is guarded elsewhere", entry.seq)


def _holds(books: OwnerBooks) -> Iterator[BookFault]:
    settled = _settlements(books)
    opened = [entry for entry in books.entries if entry.kind is EntryKind.HOLD]
    for lost in settled.keys() - {HoldId(entry.reference) for entry in opened}:
        yield _fault(books, Rule.HOLDS, f"hold {lost} was settled, never placed", settled[lost].seq)
    still_open = 0
    for entry in opened:
        hold_id = HoldId(entry.reference)
        end = settled.get(hold_id)
        still_open += entry.held_delta if end is None else 0
        what = _hold_fault(entry, end, books.holds.get(hold_id), books.account)
        if what is not None:
            yield _fault(books, Rule.HOLDS, f"hold {hold_id} {what}", entry.seq)
    if still_open != books.account.held:
        what = f"{still_open} credits are in open holds, the account says {books.account.held}"
        yield _fault(books, Rule.HOLDS, what, None)


def _hold_fault(
    entry: Entry, end: Entry | None, hold: Hold | None, account: CreditAccount
) -> str | None:
    if hold is None:
        return "is not stored"
    placed = (hold.owner_id, hold.amount, hold.opened_seq)
    if placed != (entry.owner_id, entry.held_delta, entry.seq):
        return "is not what its entry says"
    if end is None:
        # Settled after the account was read: the next audit will see how.
        later = hold.settled_seq is not None and hold.settled_seq > account.seq
        return None if later or hold.status is HoldStatus.OPEN else "is settled without an entry"
    status = HoldStatus.CAPTURED if end.kind is EntryKind.CAPTURE else HoldStatus.RELEASED
    as_settled = (hold.status, hold.settled_seq, -hold.captured)
    return None if as_settled == (status, end.seq, end.posted_delta) else "was settled otherwise"


def _generations(books: OwnerBooks) -> Iterator[BookFault]:
    settled = _settlements(books)
    attempts = [each for clip in books.clips if not clip.free for each in clip.attempts]
    tasks = Counter(each.provider_task_id for each in attempts if each.provider_task_id)
    for attempt in attempts:
        end = settled.get(attempt.hold_id)
        what = _attempt_fault(attempt, end, books)
        if what is None and attempt.provider_task_id and tasks[attempt.provider_task_id] > 1:
            what = "shares its provider task with another"
        if what is not None:
            seq = None if end is None else end.seq
            yield _fault(books, Rule.GENERATIONS, f"attempt {attempt.attempt_id} {what}", seq)
    # A clip deleted by its owner is gone a day later; attempts of one that is kept are not.
    kept = {clip.clip_id for clip in books.clips}
    known = {HoldId(attempt.attempt_id) for attempt in attempts}
    for hold_id, end in settled.items():
        of_kept = AttemptId(hold_id).rpartition("-")[0] in kept
        if of_kept and end.kind is EntryKind.CAPTURE and hold_id not in known:
            yield _fault(books, Rule.GENERATIONS, f"{hold_id} was paid and never made", end.seq)


def _attempt_fault(attempt: Attempt, end: Entry | None, books: OwnerBooks) -> str | None:
    hold = books.holds.get(attempt.hold_id)
    if hold is None:
        return "has no hold"
    if hold.amount != attempt.credits:
        return f"costs {attempt.credits}, {hold.amount} were held"
    # The hold was read after the clip, the entries before it.
    completed = attempt.status is ClipStatus.COMPLETED
    captured = end is not None and end.kind is EntryKind.CAPTURE
    checks = (
        (completed and hold.status is not HoldStatus.CAPTURED, "was completed and not paid"),
        (captured and not completed, f"was paid and is {attempt.status}"),
        (completed and not attempt.provider_task_id, "was completed without a provider task"),
        (end is not None and not attempt.ended, "goes on although its hold was settled"),
    )
    return next((what for broken, what in checks if broken), None)


def _settlements(books: OwnerBooks) -> dict[HoldId, Entry]:
    ends = {EntryKind.CAPTURE, EntryKind.RELEASE}
    return {HoldId(entry.reference): entry for entry in books.entries if entry.kind in ends}


def _fault(books: OwnerBooks, rule: Rule, what: str, seq: int | None) -> BookFault:
    return BookFault(rule=rule, owner_id=books.account.owner_id, seq=seq, what=what)
