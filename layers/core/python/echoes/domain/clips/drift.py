"""
Price drift: two numbers that must be equal and are not.

A clip has one price from the quote to the provider's bill. If two of its numbers differ, either
a user paid a price we did not quote, or we pay a price we did not expect.
"""

from dataclasses import dataclass
from enum import StrEnum


class DriftBetween(StrEnum):
    """Which two numbers differ."""

    QUOTE_AND_HOLD = "quote_and_hold"
    HOLD_AND_CAPTURE = "hold_and_capture"
    TABLE_AND_ESTIMATE = "table_and_estimate"
    """What we expect a provider to charge, and what it announces."""

    TABLE_AND_BILL = "table_and_bill"
    """What we expect a provider to charge, and what it charged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """Two numbers that should be equal, in our credits or in the provider's."""

    between: DriftBetween
    expected: int
    found: int


def drift(between: DriftBetween, *, expected: int | None, found: int | None) -> Drift | None:
    """Return how *found* differs from *expected*; ``None`` if it does not, or one is unknown."""
    if expected is None or found is None or expected == found:
        return None
    return Drift(between=between, expected=expected, found=found)
