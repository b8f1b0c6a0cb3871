"""Identifiers that look like Stripe's."""

import secrets
import string
from typing import Final

_ALPHABET: Final = string.ascii_letters + string.digits
_ACCOUNT: Final = "B7WZ01zgkW"


def fresh(prefix: str) -> str:
    """Return a new identifier with this prefix: `evt`, `re`, `dp` and so on."""
    return f"{prefix}_1{_random(4)}{_ACCOUNT}{_random(9)}"


def fresh_session() -> str:
    """Return a new Checkout Session id, which is longer than the others."""
    return f"cs_test_a1{_random(56)}"


def fresh_request() -> str:
    """Return a new request id."""
    return f"req_{_random(14)}"


def fresh_payment() -> tuple[str, str]:
    """Return a PaymentIntent's id and that of its charge, which share their tail."""
    tail = f"3{_random(4)}{_ACCOUNT}{_random(9)}"
    return f"pi_{tail}", f"ch_{tail}"


def _random(length: int) -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))
