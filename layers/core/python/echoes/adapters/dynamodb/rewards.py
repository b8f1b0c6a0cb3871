"""
Referrals, tallies of rewards and invitation codes, kept in the records table.

``OWNER#<owner>`` / ``REFERRAL`` (who invited them) and ``REWARDS`` (their tally);
``CODE#<code>`` / ``CODE``.
"""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Final, Self

from pynamodb.attributes import UnicodeAttribute
from pynamodb.connection import Connection
from pynamodb.exceptions import DoesNotExist
from pynamodb.transactions import TransactWrite

from echoes.adapters.dynamodb.attributes import EnumAttribute, InstantAttribute, IntAttribute
from echoes.adapters.dynamodb.connection import bind
from echoes.adapters.dynamodb.failures import translated
from echoes.adapters.dynamodb.records import (
    DUE_PARTITIONS,
    OWNER,
    DueIndex,
    RecordItem,
    owner_key,
)
from echoes.domain.errors import Conflict
from echoes.domain.identifiers import Credits, OwnerId
from echoes.domain.rewards import Referral, ReferralState, RewardChange, RewardTally

REFERRAL: Final = "REFERRAL"
TALLY: Final = "REWARDS"
CODE: Final = "CODE"


class ReferralItem(RecordItem):
    """A `Referral`, of the invited user; due (``due_at``) while something may happen."""

    referrer_id: UnicodeAttribute = UnicodeAttribute()
    claimed_at: InstantAttribute = InstantAttribute()
    state: EnumAttribute[ReferralState] = EnumAttribute(ReferralState)
    credits: IntAttribute = IntAttribute()
    turns: IntAttribute = IntAttribute()
    version: IntAttribute = IntAttribute()


class TallyItem(RecordItem):
    """A `RewardTally`."""

    owner_id: UnicodeAttribute = UnicodeAttribute()
    invited: IntAttribute = IntAttribute()
    pending: IntAttribute = IntAttribute()
    rewarded: IntAttribute = IntAttribute()
    granted: IntAttribute = IntAttribute()
    month: UnicodeAttribute = UnicodeAttribute()
    granted_in_month: IntAttribute = IntAttribute()
    shares: IntAttribute = IntAttribute()
    shared_on: UnicodeAttribute = UnicodeAttribute()
    version: IntAttribute = IntAttribute()


class CodeItem(RecordItem):
    """The owner of an invitation code. Never changed, never removed."""

    owner_id: UnicodeAttribute = UnicodeAttribute()


@dataclass(frozen=True, slots=True, kw_only=True)
class RewardModels:
    """The models of a change of rewards."""

    referral: type[ReferralItem]
    tally: type[TallyItem]

    @classmethod
    def bind(cls, table: str, connection: Connection) -> Self:
        """Return the models bound to *table*."""
        return cls(
            referral=bind(ReferralItem, table, connection),
            tally=bind(TallyItem, table, connection),
        )


def reward_actions(transaction: TransactWrite, change: RewardChange, models: RewardModels) -> None:
    """Add the changes to *transaction*, on condition that nothing has changed."""
    for item, version in _items(change, models):
        model = type(item)
        transaction.save(
            item,
            condition=model.pk.does_not_exist() if version == 1 else model.version == version - 1,
        )


class DynamoRewards:
    """The port `Rewards`."""

    def __init__(self, table: str, connection: Connection) -> None:
        self._connection = connection
        self._models = RewardModels.bind(table, connection)

    def referral(self, referee_id: OwnerId) -> Referral | None:
        """Return the referral of *referee_id*, if there is one."""
        with translated():
            try:
                item = self._models.referral.get(
                    owner_key(referee_id), REFERRAL, consistent_read=True
                )
            except DoesNotExist:
                return None
        return Referral(
            referee_id=referee_id,
            referrer_id=OwnerId(item.referrer_id),
            claimed_at=item.claimed_at,
            state=item.state,
            review_at=item.due_at,
            credits=Credits(item.credits),
            turns=item.turns,
            version=item.version,
        )

    def tally(self, owner_id: OwnerId) -> RewardTally:
        """Return the tally of *owner_id*."""
        with translated():
            try:
                item = self._models.tally.get(owner_key(owner_id), TALLY, consistent_read=True)
            except DoesNotExist:
                return RewardTally(owner_id=owner_id)
        return RewardTally(
            **{field.name: getattr(item, field.name) for field in fields(RewardTally)}
        )

    def save(self, change: RewardChange) -> None:
        """Store *change*, both parts or neither. Raises `Conflict`."""
        if change.referral is None and change.tally is None:
            return
        with translated(), TransactWrite(connection=self._connection) as transaction:
            reward_actions(transaction, change, self._models)

    def due(self, *, at: datetime, limit: int) -> Sequence[OwnerId]:
        """Return invited users whose referral is due, oldest first."""
        due: list[ReferralItem] = []
        model = self._models.referral
        with translated():
            for part in range(DUE_PARTITIONS):
                due += model.query(
                    f"{REFERRAL}#{part}",
                    model.due_at <= at,
                    index_name=DueIndex.Meta.index_name,
                    limit=limit,
                )
        due.sort(key=lambda item: item.due_at)
        return [OwnerId(item.pk.removeprefix(OWNER)) for item in due[:limit]]


class DynamoInvitationCodes:
    """The port `InvitationCodes`."""

    def __init__(self, table: str, connection: Connection) -> None:
        self._model = bind(CodeItem, table, connection)

    def owner_of(self, code: str) -> OwnerId | None:
        """Return the owner of *code*, if it has one."""
        with translated():
            try:
                item = self._model.get(f"{CODE}#{code}", CODE, consistent_read=True)
            except DoesNotExist:
                return None
        return OwnerId(item.owner_id)

    def keep(self, code: str, owner_id: OwnerId) -> OwnerId:
        """Give *code* to *owner_id* unless it is taken; return its owner."""
        found = self.owner_of(code)
        if found is not None:
            return found
        try:
            with translated():
                self._model(f"{CODE}#{code}", CODE, owner_id=owner_id).save(
                    condition=self._model.pk.does_not_exist()
                )
        except Conflict:
            return self.owner_of(code) or owner_id
        return owner_id


def _items(change: RewardChange, models: RewardModels) -> Sequence[tuple[Any, int]]:
    items: list[tuple[Any, int]] = []
    if change.referral is not None:
        items.append((_referral_item(change.referral, models.referral), change.referral.version))
    if change.tally is not None:
        tally = change.tally
        values = {field.name: getattr(tally, field.name) for field in fields(RewardTally)}
        items.append((models.tally(owner_key(tally.owner_id), TALLY, **values), tally.version))
    return items


def _referral_item(referral: Referral, model: type[ReferralItem]) -> ReferralItem:
    item = model(
        owner_key(referral.referee_id),
        REFERRAL,
        referrer_id=referral.referrer_id,
        claimed_at=referral.claimed_at,
        state=referral.state,
        credits=referral.credits,
        turns=referral.turns,
        version=referral.version,
    )
    if referral.review_at is not None:
        part = zlib.crc32(referral.referee_id.encode()) % DUE_PARTITIONS
        item.due_partition = f"{REFERRAL}#{part}"
        item.due_at = referral.review_at
    return item
