"""A pack as the API shows it."""

from typing import Any

from echoes.domain.purchases.packs import Pack


def pack_body(pack: Pack) -> dict[str, Any]:
    """Return the fields of a pack."""
    return {
        "id": pack.pack_id,
        "version": pack.version,
        "credits": pack.credits,
        "amount_cents": pack.amount_cents,
        "currency": pack.currency,
    }
