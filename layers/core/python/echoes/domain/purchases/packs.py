"""
What is for sale: credit packs, in this one place.

A pack that was sold is never edited: a new price or size is a new version, and orders remember
the version they were made for.
"""

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from echoes.domain.errors import InvalidRequest
from echoes.domain.identifiers import Credits, PackId

CURRENCY: Final = "usd"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack:
    """A number of credits at a price in cents (before tax); currency is lower-case ISO 4217."""

    pack_id: PackId
    version: int
    credits: Credits
    amount_cents: int
    currency: str = CURRENCY

    @property
    def name(self) -> str:
        """Return what people read on the bill."""
        return f"{self.credits} credits"

    @property
    def label(self) -> str:
        """Return id and version, as configuration and payments name it: ``family@1``."""
        return f"{self.pack_id}@{self.version}"


PACKS: Final = (
    Pack(pack_id=PackId("starter"), version=1, credits=Credits(10), amount_cents=990),
    Pack(pack_id=PackId("album"), version=1, credits=Credits(30), amount_cents=2490),
    Pack(pack_id=PackId("family"), version=1, credits=Credits(100), amount_cents=6990),
)
"""What can be bought now, smallest first; in larger packs each credit is cheaper."""

_BY_ID: Final = MappingProxyType({pack.pack_id: pack for pack in PACKS})


def pack_of(pack_id: PackId) -> Pack:
    """Return the pack as it is sold now. Raises `InvalidRequest`."""
    found = _BY_ID.get(pack_id)
    if found is None:
        raise InvalidRequest("pack not found", field="pack_id")
    return found


def smallest_covering_pack(missing: Credits) -> Pack:
    """Return the smallest pack with at least *missing* credits, or else the largest."""
    return next((pack for pack in PACKS if pack.credits >= missing), PACKS[-1])
