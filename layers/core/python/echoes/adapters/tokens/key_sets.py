"""The public keys of a user pool, fetched when they are needed and remembered."""

import json
from collections.abc import Callable
from math import inf
from time import monotonic
from typing import Any, Final
from urllib.request import urlopen

from jwt import PyJWK
from jwt.exceptions import PyJWTError

from echoes.adapters.tokens.identities import InvalidToken
from echoes.domain.errors import Unavailable

FETCH_TIMEOUT_SECONDS: Final = 3
MAX_AGE_SECONDS: Final = 3600
"""Cognito rotates rarely; a withdrawn key stops working within the hour."""

MIN_INTERVAL_SECONDS: Final = 30
"""The pool is not asked more often, even if many tokens name unknown keys."""

MAX_DOCUMENT_BYTES: Final = 256 * 1024


def fetch_json(url: str) -> dict[str, Any]:
    """Return the JSON object at *url*. Raises `Unavailable`."""
    try:
        with urlopen(url, timeout=FETCH_TIMEOUT_SECONDS) as answer:  # noqa: S310  # configuration
            found = json.loads(answer.read(MAX_DOCUMENT_BYTES))
    except (OSError, ValueError) as error:
        raise Unavailable("the user pool's keys could not be fetched") from error
    if not isinstance(found, dict):
        raise Unavailable("the user pool's keys are not a JSON object")
    return found


class KeySet:
    """The keys at one address, by their ids."""

    def __init__(
        self,
        url: str,
        *,
        fetch: Callable[[str], dict[str, Any]] = fetch_json,
        time: Callable[[], float] = monotonic,
    ) -> None:
        self._url = url
        self._fetch = fetch
        self._time = time
        self._keys: dict[str, PyJWK] = {}
        self._fetched_at: float | None = None

    def key(self, key_id: str) -> PyJWK:
        """
        Return the key named *key_id*; fetch it if it is not known yet.

        Raises:
            InvalidToken: There is no such key, or there was none a moment ago.
            Unavailable: The keys could not be fetched.
        """
        unknown = key_id not in self._keys and self._age() >= MIN_INTERVAL_SECONDS
        if unknown or self._age() >= MAX_AGE_SECONDS:
            self._refresh()
        try:
            return self._keys[key_id]
        except KeyError:
            raise InvalidToken("no such key") from None

    def _age(self) -> float:
        return inf if self._fetched_at is None else self._time() - self._fetched_at

    def _refresh(self) -> None:
        document = self._fetch(self._url)
        self._fetched_at = self._time()
        keys: dict[str, PyJWK] = {}
        for described in document.get("keys", []):
            try:
                keys[described["kid"]] = PyJWK(described)
            except (PyJWTError, KeyError, TypeError):
                continue
        self._keys = keys
