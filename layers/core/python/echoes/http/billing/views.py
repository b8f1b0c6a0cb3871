"""A pack as the API shows it."""

from typing import Any

from echoes.domain.identifiers import Credits
from echoes.domain.purchases.packs import Pack, smallest_covering_pack


def pack_body(pack: Pack) -> dict[str, Any]:
    """Return the fields of a pack."""
    return {
        "id": pack.pack_id,
        "version": pack.version,
        "credits": pack.credits,
        "amount_cents": pack.amount_cents,
        "currency": pack.currency,
    }


def offer_pack(missing: Credits) -> dict[str, Any]:
    """Return the smallest pack that covers *missing* credits, or the largest one."""
    return pack_body(smallest_covering_pack(missing))
