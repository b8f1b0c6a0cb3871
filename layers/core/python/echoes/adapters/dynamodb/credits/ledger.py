"""
The ledger in two DynamoDB tables: entries that are only ever put, and the state they add up to.

One event is one TransactWriteItems. Its conditions each mean one thing (``docs/ledger.md``):

* the guard's (a reference, or the hold itself): this was done before;
* the head's and the entry's: another write came first, which is `Conflict`.

The key of the blocking item says which condition failed, never its position:
PynamoDB sends checks, deletes, puts and updates in that order, not in the order of the calls.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from heapq import merge
from itertools import islice
from typing import Any, Final

from pynamodb.connection import Connection
from pynamodb.exceptions import DoesNotExist, TransactWriteError
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action
from pynamodb.transactions import TransactWrite

from echoes.adapters.dynamodb.clips.clips import refuses_free_clip
from echoes.adapters.dynamodb.connection import bind
from echoes.adapters.dynamodb.credits.alongside import (
    RecordChange,
    RecordModels,
    record_actions,
)
from echoes.adapters.dynamodb.credits.items import (
    GUARD,
    HOLD,
    OPEN_PARTITIONS,
    EntryItem,
    GuardItem,
    HeadItem,
    HoldItem,
    account_from_item,
    entry_from_item,
    entry_key,
    entry_to_item,
    guard_key,
    hold_from_item,
    hold_key,
    hold_to_item,
    open_partition_key,
    time_order,
)
from echoes.adapters.dynamodb.failures import translated
from echoes.adapters.dynamodb.purchases.purchases import PurchaseItem, purchase_action
from echoes.adapters.dynamodb.state_items import HEAD, OpenHolds, owner_key
from echoes.application.ports.credits import MAX_PAGE, Alongside, EntryPage, PurchaseChange
from echoes.domain.credits.accounts import (
    AccountStatus,
    CreditAccount,
    Hold,
    HoldStatus,
    Posting,
)
from echoes.domain.credits.entries import Entry, EntryKind, EntryType, fingerprint
from echoes.domain.errors import FreeClipUsed, HoldAlreadySettled, ReferenceMismatch
from echoes.domain.identifiers import HoldId, OwnerId
from echoes.domain.projects.batches import BatchChange

ALL_OLD: Final = "ALL_OLD"
"""Makes DynamoDB show the item that blocked: a replay gets its answer in the same round trip."""


class DynamoLedger:
    """
    The port `Ledger` on DynamoDB.

    *records_table* is needed only to post together with a change of one of its records.
    """

    def __init__(
        self,
        *,
        entries_table: str,
        state_table: str,
        connection: Connection,
        records_table: str | None = None,
    ) -> None:
        self._connection = connection
        self._entries = bind(EntryItem, entries_table, connection)
        self._heads = bind(HeadItem, state_table, connection)
        self._guards = bind(GuardItem, state_table, connection)
        self._holds = bind(HoldItem, state_table, connection)
        self._purchases = bind(PurchaseItem, state_table, connection)
        self._records = RecordModels.bind(records_table, connection) if records_table else None

    def account(self, owner_id: OwnerId) -> CreditAccount:
        """Return the account of *owner_id*; an empty one if they have never had credits."""
        with translated():
            try:
                item = self._heads.get(owner_key(owner_id), HEAD, consistent_read=True)
            except DoesNotExist:
                return CreditAccount(owner_id=owner_id)
        return account_from_item(owner_id, item)

    def hold(self, hold_id: HoldId) -> Hold | None:
        """Return the hold, or ``None`` if it was never placed. Read the account before it."""
        with translated():
            try:
                item = self._holds.get(hold_key(hold_id), HOLD, consistent_read=True)
            except DoesNotExist:
                return None
        return hold_from_item(item)

    def post(self, posting: Posting, *, alongside: Alongside | None = None) -> Entry:
        """Store *posting*, and what changes with it; see the port for the promise."""
        with translated():
            try:
                with TransactWrite(connection=self._connection) as transaction:
                    more = alongside.postings if isinstance(alongside, BatchChange) else ()
                    for each in (posting, *more):
                        self._write_entry(transaction, each)
                        self._write_guard(transaction, each)
                    last = more[-1] if more else posting
                    self._write_head(transaction, replace(posting, after=last.after))
                    if isinstance(alongside, PurchaseChange):
                        purchase_action(transaction, alongside, self._purchases)
                    elif alongside is not None:
                        self._write_records(transaction, alongside)
            except TransactWriteError as error:
                return self._first_result(posting, error)
        return posting.entry

    def entries(self, owner_id: OwnerId, *, before: int | None, limit: int) -> EntryPage:
        """Return up to *limit* (at most `MAX_PAGE`) entries, newest first."""
        if not 1 <= limit <= MAX_PAGE:
            raise ValueError(f"a page must have 1 to {MAX_PAGE} entries")
        below = None if before is None else self._entries.sk < entry_key(max(before, 0))
        with translated():
            found = self._entries.query(
                owner_key(owner_id),
                below,
                consistent_read=True,
                scan_index_forward=False,
                limit=limit,
            )
            page = tuple(entry_from_item(item) for item in found)
        more = len(page) == limit and page[-1].seq > 1
        return EntryPage(entries=page, next_before=page[-1].seq if more else None)

    def purchase_grants(self, owner_id: OwnerId) -> Iterator[Entry]:
        """Yield the entries granted for purchases, oldest first."""
        entries = self._entries
        with translated():
            for item in entries.query(
                owner_key(owner_id),
                filter_condition=(entries.type == EntryType.PURCHASE)
                & (entries.kind == EntryKind.GRANT),
                consistent_read=True,
                page_size=MAX_PAGE,
            ):
                yield entry_from_item(item)

    def open_holds(self, *, expired_at: datetime, limit: int) -> Sequence[Hold]:
        """Return open holds that expired before *expired_at*, oldest first."""
        with translated():
            parts = [
                [
                    hold_from_item(item)
                    for item in self._holds.query(
                        open_partition_key(number),
                        self._holds.open_sk < expired_at,
                        index_name=OpenHolds.Meta.index_name,
                        limit=limit,
                    )
                ]
                for number in range(OPEN_PARTITIONS)
            ]
        return tuple(islice(merge(*parts, key=time_order), limit))

    def _write_entry(self, transaction: TransactWrite, posting: Posting) -> None:
        transaction.save(
            entry_to_item(posting.entry, self._entries),
            condition=self._entries.pk.does_not_exist(),
        )

    def _write_head(self, transaction: TransactWrite, posting: Posting) -> None:
        heads, after = self._heads, posting.after
        actions: list[Action] = [
            heads.seq.set(after.seq),
            heads.available.set(after.available),
            heads.held.set(after.held),
            heads.debt.set(after.debt),
            heads.chain_hash.set(after.chain_hash),
        ]
        if posting.before.seq == 0:
            actions.append(heads.status.set(after.status))
        head = heads(owner_key(after.owner_id), HEAD)
        transaction.update(head, actions=actions, condition=self._unwritten(posting))

    def _unwritten(self, posting: Posting) -> Condition:
        """Return the condition on the head: no other write came first, and the credits suffice."""
        heads, before, after = self._heads, posting.before, posting.after
        if before.seq == 0:
            return heads.pk.does_not_exist()
        condition: Condition = (
            (heads.seq == before.seq)
            & (heads.available >= max(0, before.available - after.available))
            & (heads.held >= max(0, before.held - after.held))
        )
        if posting.entry.kind is EntryKind.HOLD:
            condition &= heads.status == AccountStatus.ACTIVE
        return condition

    def _write_guard(self, transaction: TransactWrite, posting: Posting) -> None:
        entry, hold, holds = posting.entry, posting.hold, self._holds
        if hold is None:
            transaction.save(
                self._guards(guard_key(entry), GUARD, owner_id=entry.owner_id, seq=entry.seq),
                condition=self._guards.pk.does_not_exist(),
                return_values=ALL_OLD,
            )
        elif hold.status is HoldStatus.OPEN:
            transaction.save(
                hold_to_item(hold, holds),
                condition=holds.pk.does_not_exist(),
                return_values=ALL_OLD,
            )
        else:
            actions: list[Action] = [
                holds.status.set(hold.status),
                holds.settled_seq.set(entry.seq),
                holds.captured.set(hold.captured),
                holds.open_pk.remove(),
                holds.open_sk.remove(),
            ]
            transaction.update(
                holds(hold_key(hold.hold_id), HOLD),
                actions=actions,
                condition=holds.status == HoldStatus.OPEN,
                return_values=ALL_OLD,
            )

    def _write_records(self, transaction: TransactWrite, change: RecordChange) -> None:
        if self._records is None:
            raise ValueError("a ledger without the records table cannot store its items")
        record_actions(transaction, change, self._records)

    def _first_result(self, posting: Posting, error: TransactWriteError) -> Entry:
        """Return the entry already stored for the same request; raise if there is none."""
        blocking = _blocking_guard(posting, error)
        if blocking is None:
            reasons = [reason for reason in error.cancellation_reasons if reason]
            if reasons and all(refuses_free_clip(reason) for reason in reasons):
                raise FreeClipUsed("you have already used your free clip") from error
            raise error
        owner_id, seq = self._written_by(posting, blocking)
        first = self._entry(owner_id, seq)
        if fingerprint(first) != posting.fingerprint:
            raise ReferenceMismatch(
                f"{posting.entry.reference} was already used with different content"
            ) from error
        return first

    def _written_by(self, posting: Posting, blocking: dict[str, Any]) -> tuple[OwnerId, int]:
        """Return owner and number of the entry whose guard is *blocking*."""
        if posting.hold is None:
            guard = self._guards.from_raw_data(blocking)
            return OwnerId(guard.owner_id), guard.seq
        found = hold_from_item(self._holds.from_raw_data(blocking))
        if posting.hold.status is HoldStatus.OPEN:
            return found.owner_id, found.opened_seq
        if found.status is not posting.hold.status or found.settled_seq is None:
            raise HoldAlreadySettled(found.hold_id)
        return found.owner_id, found.settled_seq

    def _entry(self, owner_id: OwnerId, seq: int) -> Entry:
        try:
            item = self._entries.get(owner_key(owner_id), entry_key(seq), consistent_read=True)
        except DoesNotExist as missing:
            raise AssertionError(
                f"ledger invariant L4 broken: {owner_id} has no entry {seq}"
            ) from missing
        return entry_from_item(item)


def _blocking_guard(posting: Posting, error: TransactWriteError) -> dict[str, Any] | None:
    """Return the item that shows *posting* was already stored, if that is the cause."""
    hold = posting.hold
    key = guard_key(posting.entry) if hold is None else hold_key(hold.hold_id)
    for reason in error.cancellation_reasons:
        if reason and reason.raw_item and reason.raw_item["pk"]["S"] == key:
            return reason.raw_item
    return None
