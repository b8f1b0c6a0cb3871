"""
Verifies a message from Stripe: the header ``t=<time>,v1=<hex>[,v1=…]`` over the raw bytes.

Stripe's own check accepts times in the future, and one secret only; this one does neither.
Retries carry a new time and signature, so the tolerance never blocks them.
"""

import hmac
import re
from collections.abc import Sequence
from typing import Final

from echoes.application.ports.notices import BadMessage

TOLERANCE_SECONDS: Final = 300
"""How far a timestamp may differ from our clock, in both directions."""

MAX_HEADER_CHARACTERS: Final = 1024
_TIME: Final = re.compile(r"[0-9]{1,12}")
_SIGNATURE: Final = re.compile(r"[0-9a-f]{64}")


def check_signature(body: bytes, header: str | None, *, secrets: Sequence[str], now: float) -> None:
    """
    Check that one of *secrets* signed *body* within five minutes of *now* (epoch seconds).

    While a secret is being rolled, and with two endpoints, there are two secrets. Raises
    `BadMessage`.
    """
    parts = [part.partition("=") for part in (header or "")[:MAX_HEADER_CHARACTERS].split(",")]
    times = [value for name, _, value in parts if name.strip() == "t"]
    given = [value for name, _, value in parts if name.strip() == "v1"]
    if len(times) != 1 or not _TIME.fullmatch(times[0]):
        raise BadMessage("the signature has no timestamp")
    payload = b"%s.%s" % (times[0].encode(), body)
    wanted = [
        hmac.new(secret.encode(), payload, "sha256").hexdigest()
        for secret in secrets
        if secret.strip()
    ]
    candidates = [value for value in given if _SIGNATURE.fullmatch(value)]
    matches = [hmac.compare_digest(mine, theirs) for mine in wanted for theirs in candidates]
    if not any(matches):
        raise BadMessage("the signature does not match")
    if abs(now - int(times[0])) > TOLERANCE_SECONDS:
        raise BadMessage("the message's timestamp is too old or too new")
