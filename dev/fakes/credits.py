"""
The ledger in a few dictionaries, with the faults of a real one on demand.

It keeps what DynamoDB keeps (heads, guards, holds, entries) and checks the same conditions in the
same order, so that a test that fails here fails there.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from threading import RLock
from typing import Protocol, TypeVar

from echoes.application.ports.clips import ClipChange
from echoes.application.ports.credits import MAX_PAGE, Alongside, EntryPage, PurchaseChange
from echoes.domain.credits.accounts import AccountStatus, CreditAccount, Hold, HoldStatus, Posting
from echoes.domain.credits.adjustments import AdjustmentChange
from echoes.domain.credits.entries import Entry, EntryKind, EntryType, fingerprint
from echoes.domain.errors import (
    Conflict,
    HoldAlreadySettled,
    NotFound,
    ReferenceMismatch,
    Unavailable,
)
from echoes.domain.identifiers import CheckoutId, HoldId, OwnerId
from echoes.domain.projects.batches import BatchChange
from echoes.domain.purchases.payments import Purchase
from echoes.domain.rewards import RewardChange


class Fault(StrEnum):
    """What can go wrong between a caller and a ledger."""

    CONFLICT = "conflict"
    """Another transaction is under way on the same items. Nothing is stored."""

    THROTTLED = "throttled"
    """No capacity. Nothing is stored."""

    LOST_REPLY = "lost_reply"
    """Stored, but the answer never arrives."""

    TORN_READ = "torn_read"
    """A hold is still seen as it was, although its account is already seen as it is."""


Change_contra = TypeVar("Change_contra", contravariant=True)


class TwoStepStore(Protocol[Change_contra]):
    """What changes together with a posting: in two steps, so that a ledger does both or neither."""

    @property
    def lock(self) -> AbstractContextManager[bool]:
        """Held from the check until the change is stored."""
        ...

    def check(self, change: Change_contra, /) -> None:
        """Raise what stands in the way of *change*; store nothing."""
        ...

    def apply(self, change: Change_contra, /) -> None:
        """Store *change*, which was checked."""
        ...


class InMemoryLedger:
    """
    The ports `Ledger`, `Freezer`, `Purchases` and `PurchaseHistory`.

    *clips* stores clips and batches alongside a posting, *rewards* rewards and operators' requests.
    """

    def __init__(
        self,
        *,
        clips: TwoStepStore[ClipChange | BatchChange] | None = None,
        rewards: TwoStepStore[RewardChange | AdjustmentChange] | None = None,
    ) -> None:
        self._lock = RLock()
        self._clips = clips
        self._rewards = rewards
        self._faults: Counter[Fault] = Counter()
        self._accounts: dict[OwnerId, CreditAccount] = {}
        self._entries: dict[OwnerId, list[Entry]] = {}
        self._guards: dict[tuple[str, str, str], Entry] = {}
        self._holds: dict[HoldId, Hold] = {}
        self._purchases: dict[CheckoutId, Purchase] = {}
        self._unsettled: dict[HoldId, Hold] = {}
        """Settled holds as they were before: what a torn read shows."""

    def inject(self, fault: Fault, times: int = 1) -> None:
        """Let *fault* happen to the next *times* calls that it can happen to."""
        with self._lock:
            self._faults[fault] += times

    def recover(self) -> None:
        """Forget all injected faults."""
        with self._lock:
            self._faults.clear()

    def freeze(self, owner_id: OwnerId) -> None:
        """Do what an operator does to an account under suspicion."""
        with self._lock:
            frozen = replace(self.account(owner_id), status=AccountStatus.FROZEN)
            self._accounts[owner_id] = frozen

    def set_status(
        self, owner_id: OwnerId, status: AccountStatus, *, alongside: PurchaseChange | None = None
    ) -> None:
        """Store whether the account may spend; see the port `Freezer`."""
        with self._lock:
            if owner_id not in self._accounts:
                raise NotFound("the account has never had credits")
            if alongside is not None:
                self._check_purchase(alongside)
                self._purchases[alongside.purchase.checkout_id] = alongside.purchase
            self._accounts[owner_id] = replace(self._accounts[owner_id], status=status)

    def get(self, checkout_id: CheckoutId) -> Purchase | None:
        """Return the purchase, or ``None`` if nothing was granted: the port `Purchases`."""
        with self._lock:
            return self._purchases.get(checkout_id)

    def account(self, owner_id: OwnerId) -> CreditAccount:
        """Return the account of *owner_id*; an empty one if they have never had credits."""
        with self._lock:
            return self._accounts.get(owner_id, CreditAccount(owner_id=owner_id))

    def hold(self, hold_id: HoldId) -> Hold | None:
        """Return the hold, or ``None`` if it was never placed."""
        with self._lock:
            if hold_id in self._unsettled and self._take_fault(Fault.TORN_READ):
                return self._unsettled[hold_id]
            return self._holds.get(hold_id)

    def post(self, posting: Posting, *, alongside: Alongside | None = None) -> Entry:
        """Store *posting*, and what changes with it; see the port for the promise."""
        with self._lock:
            if self._take_fault(Fault.THROTTLED):
                raise Unavailable("injected: no capacity")
            if self._take_fault(Fault.CONFLICT):
                raise Conflict("injected: another transaction is under way")
            first = self._first_result(posting)
            if first is not None:
                if fingerprint(first) != posting.fingerprint:
                    raise ReferenceMismatch(f"{posting.entry.reference} was used before")
                return first
            self._check_account(posting)
            if isinstance(alongside, PurchaseChange):
                self._check_purchase(alongside)
                self._purchases[alongside.purchase.checkout_id] = alongside.purchase
            elif isinstance(alongside, ClipChange | BatchChange):
                _store_in(self._clips, alongside)
            elif alongside is not None:
                _store_in(self._rewards, alongside)
            more = alongside.postings if isinstance(alongside, BatchChange) else ()
            for each in (posting, *more):
                self._store(each)
            if self._take_fault(Fault.LOST_REPLY):
                raise Unavailable("injected: the answer was lost")
            return posting.entry

    def entries(self, owner_id: OwnerId, *, before: int | None, limit: int) -> EntryPage:
        """Return up to *limit* entries with ``seq < before``, newest first."""
        if not 1 <= limit <= MAX_PAGE:
            raise ValueError(f"a page must have 1 to {MAX_PAGE} entries")
        with self._lock:
            written = self._entries.get(owner_id, [])
            end = len(written) if before is None else min(max(before - 1, 0), len(written))
            page = tuple(reversed(written[max(end - limit, 0) : end]))
        return EntryPage(entries=page, next_before=page[-1].seq if end > limit else None)

    def purchase_grants(self, owner_id: OwnerId) -> Iterator[Entry]:
        """Give what was granted for purchases, oldest first: the port `PurchaseHistory`."""
        with self._lock:
            found = [
                entry
                for entry in self._entries.get(owner_id, [])
                if (entry.type, entry.kind) == (EntryType.PURCHASE, EntryKind.GRANT)
            ]
        yield from found

    def open_holds(self, *, expired_at: datetime, limit: int) -> Sequence[Hold]:
        """Return open holds that expired before *expired_at*, oldest first."""
        with self._lock:
            found = [
                hold
                for hold in self._holds.values()
                if hold.status is HoldStatus.OPEN and hold.expires_at < expired_at
            ]
        return tuple(sorted(found, key=lambda hold: hold.expires_at)[:limit])

    def _take_fault(self, fault: Fault) -> bool:
        if not self._faults[fault]:
            return False
        self._faults[fault] -= 1
        return True

    def _first_result(self, posting: Posting) -> Entry | None:
        """Return the entry that the guard of *posting* points to, if it is there."""
        wanted = posting.hold
        if wanted is None:
            return self._guards.get(_guard_key(posting.entry))
        found = self._holds.get(wanted.hold_id)
        if wanted.status is HoldStatus.OPEN:
            return None if found is None else self._entry(found.owner_id, found.opened_seq)
        if found is None:
            raise Conflict(f"hold {wanted.hold_id} is gone")
        if found.status is HoldStatus.OPEN:
            return None
        if found.status is not wanted.status or found.settled_seq is None:
            raise HoldAlreadySettled(found.hold_id)
        return self._entry(found.owner_id, found.settled_seq)

    def _entry(self, owner_id: OwnerId, seq: int) -> Entry:
        return self._entries[owner_id][seq - 1]

    def _check_account(self, posting: Posting) -> None:
        """Raise `Conflict` unless the account is what *posting* was computed from."""
        present = self.account(posting.before.owner_id)
        if present.seq != posting.before.seq:
            raise Conflict(f"account {present.owner_id} was written since")
        spends = posting.entry.kind is EntryKind.HOLD
        if spends and present.status is not AccountStatus.ACTIVE:
            raise Conflict(f"account {present.owner_id} was frozen since")

    def _check_purchase(self, change: PurchaseChange) -> None:
        stored = self._purchases.get(change.purchase.checkout_id)
        if (stored.rev if stored else 0) != change.purchase.rev - 1:
            raise Conflict("the purchase was written since")

    def _store(self, posting: Posting) -> None:
        entry, hold = posting.entry, posting.hold
        status = self.account(entry.owner_id).status
        self._accounts[entry.owner_id] = replace(posting.after, status=status)
        self._entries.setdefault(entry.owner_id, []).append(entry)
        if hold is None:
            self._guards[_guard_key(entry)] = entry
            return
        if hold.hold_id in self._holds:
            self._unsettled[hold.hold_id] = self._holds[hold.hold_id]
        self._holds[hold.hold_id] = hold


def _guard_key(entry: Entry) -> tuple[str, str, str]:
    return entry.type, entry.kind, entry.reference


def _store_in(store: TwoStepStore[Change_contra] | None, change: Change_contra) -> None:
    if store is None:
        raise ValueError(f"a ledger without a store for it cannot store a {type(change).__name__}")
    with store.lock:
        store.check(change)
        store.apply(change)
