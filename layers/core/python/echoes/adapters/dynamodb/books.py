"""The ledger's tables and the clips as the audit reads them: whole, and without writing."""

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from itertools import islice
from typing import Any, Final, TypeVar

from pynamodb.connection import Connection
from pynamodb.models import Model

from echoes.adapters.dynamodb.clips.items import CLIP, ClipItem, clip_from_item
from echoes.adapters.dynamodb.connection import bind
from echoes.adapters.dynamodb.credits.items import (
    GUARD,
    HOLD,
    EntryItem,
    GuardItem,
    HoldItem,
    entry_from_item,
    entry_key,
    hold_from_item,
    hold_key,
)
from echoes.adapters.dynamodb.failures import translated
from echoes.adapters.dynamodb.records import owner_key as record_key
from echoes.adapters.dynamodb.state_items import HEAD, owner_key
from echoes.application.ports.audit import StatePage, StoredHold, UnreadableBooks
from echoes.domain.audit.books import Cause, Guard, Place
from echoes.domain.clips.clip import Clip
from echoes.domain.credits.accounts import Hold
from echoes.domain.credits.entries import Entry
from echoes.domain.identifiers import HoldId, OwnerId

BATCH: Final = 100
"""The maximum of one DynamoDB read."""

M = TypeVar("M", bound=Model)
Raw = dict[str, Any]


class DynamoBooks:
    """The port `Books`."""

    def __init__(
        self, *, entries_table: str, state_table: str, records_table: str, connection: Connection
    ) -> None:
        self._connection = connection
        self._state_table = state_table
        self._entries = bind(EntryItem, entries_table, connection)
        self._guards = bind(GuardItem, state_table, connection)
        self._holds = bind(HoldItem, state_table, connection)
        self._clips = bind(ClipItem, records_table, connection)

    def page(self, *, after: str | None, limit: int) -> StatePage:
        """Return up to *limit* items of the state table; purchases have an audit of their own."""
        owners: list[OwnerId] = []
        guards: list[Guard] = []
        holds: list[StoredHold] = []
        unreadable: list[str] = []
        with translated():
            answer = self._connection.scan(
                self._state_table,
                limit=limit,
                exclusive_start_key=json.loads(after) if after else None,
                consistent_read=True,
            )
        for raw in answer["Items"]:
            try:
                match raw["sk"]["S"]:
                    case str(kind) if kind == HEAD:
                        owners.append(OwnerId(raw["pk"]["S"].removeprefix(owner_key(OwnerId("")))))
                    case str(kind) if kind == GUARD:
                        guards.append(self._guard(raw))
                    case str(kind) if kind == HOLD:
                        holds.append(self._stored_hold(raw))
            except (AttributeError, KeyError, TypeError, ValueError):
                unreadable.append(raw["pk"]["S"])
        following = answer.get("LastEvaluatedKey")
        return StatePage(
            owners=owners,
            guards=guards,
            holds=holds,
            unreadable=unreadable,
            after=json.dumps(following) if following else None,
        )

    def entries_at(self, places: Collection[Place]) -> Mapping[Place, Entry]:
        """Return the entries at *places*."""
        keys = [(owner_key(owner), entry_key(seq)) for owner, seq in places]
        found = _read(lambda: [entry_from_item(item) for item in _get(self._entries, keys)])
        return {(entry.owner_id, entry.seq): entry for entry in found}

    def guards(self, causes: Collection[Cause]) -> Mapping[Cause, Guard]:
        """Return the guards of *causes*."""
        keys = [("#".join((GUARD, *cause)), GUARD) for cause in causes]
        found = _read(lambda: [_guard(item) for item in _get(self._guards, keys)])
        return {guard.cause: guard for guard in found}

    def holds(self, hold_ids: Collection[HoldId]) -> Mapping[HoldId, Hold]:
        """Return the holds."""
        keys = [(hold_key(hold_id), HOLD) for hold_id in hold_ids]
        found = _read(lambda: [hold_from_item(item) for item in _get(self._holds, keys)])
        return {hold.hold_id: hold for hold in found}

    def clips(self, owner_id: OwnerId) -> Sequence[Clip]:
        """Return all stored clips of *owner_id*, including deleted ones."""

        def query() -> list[Clip]:
            begins = self._clips.sk.startswith(CLIP)
            found = self._clips.query(record_key(owner_id), begins, consistent_read=True)
            return [clip_from_item(item) for item in found]

        return _read(query)

    def _guard(self, raw: Raw) -> Guard:
        return _guard(self._guards.from_raw_data(raw))

    def _stored_hold(self, raw: Raw) -> StoredHold:
        item = self._holds.from_raw_data(raw)
        return StoredHold(hold=hold_from_item(item), listed=item.open_pk is not None)


T = TypeVar("T")


def _read(read: Callable[[], T]) -> T:
    """Return what *read* finds. Raises `UnreadableBooks` for an item that we did not write."""
    try:
        with translated():
            return read()
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise UnreadableBooks("an item is not in our format") from error


def _get(model: type[M], keys: Iterable[tuple[str, str]]) -> list[M]:
    waiting = iter(dict.fromkeys(keys))
    found: list[M] = []
    while batch := list(islice(waiting, BATCH)):
        found += model.batch_get(batch, consistent_read=True)
    return found


def _guard(item: GuardItem) -> Guard:
    # A reference may itself hold the separator: the first two parts cannot.
    _, type_, kind, reference = item.pk.split("#", 3)
    return Guard(
        cause=Cause((type_, kind, reference)), owner_id=OwnerId(item.owner_id), seq=item.seq
    )
