"""Pages of lists: limit and cursor."""

import re
from collections.abc import Mapping
from typing import Final

from echoes.http.rejections import UnreadableRequest

DEFAULT_LIMIT: Final = 25
MAX_LIMIT: Final = 100


def limit_of(query: Mapping[str, str]) -> int:
    """Return how many items a page may have. Raises `UnreadableRequest`."""
    given = query.get("limit")
    if given is None:
        return DEFAULT_LIMIT
    if not re.fullmatch("[0-9]{1,3}", given) or not 1 <= int(given) <= MAX_LIMIT:
        raise UnreadableRequest(f"limit must be 1 to {MAX_LIMIT}", field="limit")
    return int(given)
