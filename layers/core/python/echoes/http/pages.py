"""
Pages of lists: limit and cursor.

A cursor says where a list continues. It is opaque to clients, signed, and belongs to one owner and
one route, so it cannot be made up, altered or handed on.
"""

import hmac
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from echoes.domain.identifiers import OwnerId
from echoes.http.rejections import UnreadableRequest

DEFAULT_LIMIT: Final = 25
MAX_LIMIT: Final = 100
POSITION_BYTES: Final = 8
MAC_BYTES: Final = 16
"""128 bits: impossible to guess."""


def limit_of(query: Mapping[str, str]) -> int:
    """Return how many items a page may have. Raises `UnreadableRequest`."""
    given = query.get("limit")
    if given is None:
        return DEFAULT_LIMIT
    if not re.fullmatch("[0-9]{1,3}", given) or not 1 <= int(given) <= MAX_LIMIT:
        raise UnreadableRequest(f"limit must be 1 to {MAX_LIMIT}", field="limit")
    return int(given)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursors:
    """Seals and opens cursors. ``keys`` gives the present key first, then older ones."""

    keys: Callable[[], Sequence[bytes]]

    def seal(self, position: int, *, owner_id: OwnerId, route: str) -> str:
        """Return the cursor of *position*."""
        packed = position.to_bytes(POSITION_BYTES)
        mac = _mac(self.keys()[0], packed, owner_id, route)
        return urlsafe_b64encode(packed + mac).decode().rstrip("=")

    def open(self, cursor: str | None, *, owner_id: OwnerId, route: str) -> int | None:
        """
        Return the position in *cursor*; ``None`` is the beginning.

        Raises:
            UnreadableRequest: It is not valid, or not for this owner and route.
        """
        if cursor is None:
            return None
        try:
            sealed = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        except (Base64Error, ValueError):
            sealed = b""
        packed, mac = sealed[:POSITION_BYTES], sealed[POSITION_BYTES:]
        expected = (_mac(key, packed, owner_id, route) for key in self.keys())
        if not any(hmac.compare_digest(mac, right) for right in expected):
            raise UnreadableRequest("this cursor is not valid", field="cursor")
        return int.from_bytes(packed)


def _mac(key: bytes, packed: bytes, owner_id: OwnerId, route: str) -> bytes:
    subject = f"{route}\x1f{owner_id}\x1f{packed.hex()}".encode()
    return hmac.digest(key, subject, "sha256")[:MAC_BYTES]
