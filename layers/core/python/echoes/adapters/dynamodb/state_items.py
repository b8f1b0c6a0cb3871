"""What all items of the state table share: keys, the index, an owner's partition."""

from typing import Final

from pynamodb.attributes import UnicodeAttribute
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex
from pynamodb.models import Model

from echoes.adapters.dynamodb.attributes import InstantAttribute
from echoes.domain.identifiers import OwnerId

HEAD: Final = "HEAD"
"""The sort key of the account itself."""


class OpenHolds(GlobalSecondaryIndex["StateItem"]):  # type: ignore[no-untyped-call]  # its __init_subclass__
    """The index of open holds, by the time they expire."""

    class Meta:
        """Its name, and what it holds."""

        index_name = "open_holds"
        projection = AllProjection()

    open_pk: UnicodeAttribute = UnicodeAttribute(hash_key=True)
    open_sk: InstantAttribute = InstantAttribute(range_key=True)


class StateItem(Model):
    """The attributes of all items of the state table."""

    pk: UnicodeAttribute = UnicodeAttribute(hash_key=True)
    sk: UnicodeAttribute = UnicodeAttribute(range_key=True)
    open_pk: UnicodeAttribute = UnicodeAttribute(null=True)
    open_sk: InstantAttribute = InstantAttribute(null=True)

    open_holds = OpenHolds()


def owner_key(owner_id: OwnerId) -> str:
    """Return the partition of an owner, in both tables."""
    return f"U#{owner_id}"
