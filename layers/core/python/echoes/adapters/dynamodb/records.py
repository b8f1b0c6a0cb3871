"""
The records table: its keys and indexes, and how domain objects become items and back.

Every field of a domain object is an attribute of the same name, so PynamoDB refuses a field that is
missing in its model instead of losing it. Everything of one owner is in ``OWNER#<owner>``.
"""

from dataclasses import fields
from datetime import datetime
from typing import Any, Final, TypeVar

from pynamodb.attributes import MapAttribute, UnicodeAttribute
from pynamodb.indexes import GlobalSecondaryIndex, IncludeProjection, KeysOnlyProjection
from pynamodb.models import Model

from echoes.adapters.dynamodb.attributes import InstantAttribute, IntAttribute
from echoes.domain.identifiers import OwnerId

M = TypeVar("M", bound=MapAttribute[str, Any])

DUE_PARTITIONS: Final = 8
"""Spreads the index of what is due, so that no single partition takes every write."""

OWNER: Final = "OWNER#"


class ById(GlobalSecondaryIndex["RecordItem"]):  # type: ignore[no-untyped-call]  # its __init_subclass__
    """The index of owners by the id of a record."""

    class Meta:
        """Its name, and that it holds only the keys."""

        index_name = "by_id"
        projection = KeysOnlyProjection()

    id: UnicodeAttribute = UnicodeAttribute(hash_key=True)


class DueIndex(GlobalSecondaryIndex["RecordItem"]):  # type: ignore[no-untyped-call]  # the same
    """The index of records that a sweep must check, by the time they are due."""

    class Meta:
        """Its name, and what it holds besides the keys."""

        index_name = "due"
        projection = IncludeProjection(["attempt_id"])

    due_partition: UnicodeAttribute = UnicodeAttribute(hash_key=True)
    due_at: InstantAttribute = InstantAttribute(range_key=True)


class RecordItem(Model):
    """The attributes of all items: every model declares the same keys and indexes."""

    pk: UnicodeAttribute = UnicodeAttribute(hash_key=True)
    sk: UnicodeAttribute = UnicodeAttribute(range_key=True)
    id: UnicodeAttribute = UnicodeAttribute(null=True)
    due_partition: UnicodeAttribute = UnicodeAttribute(null=True)
    due_at: InstantAttribute = InstantAttribute(null=True)
    attempt_id: UnicodeAttribute = UnicodeAttribute(null=True)
    expires: IntAttribute = IntAttribute(null=True)
    """Epoch seconds; DynamoDB removes the item some time later (TTL)."""

    by_id = ById()
    awaited = DueIndex()


def owner_key(owner_id: OwnerId) -> str:
    """Return the partition of everything that belongs to *owner_id*."""
    return f"{OWNER}{owner_id}"


def epoch_seconds(at: datetime) -> int:
    """Return *at* as DynamoDB's TTL counts."""
    return int(at.timestamp())


def map_of(kind: type[M], entity: Any) -> M:  # noqa: ANN401  # any dataclass of the domain
    """Return *entity* as it is stored inside an item."""
    return kind(**values_of(entity))


def values_of(entity: Any) -> dict[str, Any]:  # noqa: ANN401  # any dataclass of the domain
    """Return the fields of *entity* by their names."""
    return stored(entity, type(entity))


def stored(item: Any, kind: type[Any]) -> dict[str, Any]:  # noqa: ANN401  # any model or map
    """Return what *item* holds of the fields of *kind*."""
    return {field.name: getattr(item, field.name) for field in fields(kind)}
