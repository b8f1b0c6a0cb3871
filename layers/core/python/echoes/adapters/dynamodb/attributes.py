"""
Attributes that store exactly the given value, or refuse it.

PynamoDB's own number accepts any JSON: it would silently store ``true`` or text as a number.
"""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Generic, TypeVar

from pynamodb.attributes import Attribute
from pynamodb.constants import NUMBER, STRING

E = TypeVar("E", bound=StrEnum)


class IntAttribute(Attribute[int]):
    """A whole number."""

    attr_type = NUMBER

    def serialize(self, value: int) -> str:
        """Return *value* in digits. Raises `TypeError` for anything but an ``int``."""
        if type(value) is not int:
            raise TypeError(f"{self.attr_name} must be an int, not {type(value).__name__}")
        return str(value)

    def deserialize(self, value: str) -> int:
        """Return the number again."""
        return int(value)


class FloatAttribute(Attribute[float]):
    """A number whose last digits do not matter. Never money."""

    attr_type = NUMBER

    def serialize(self, value: float) -> str:
        """Return *value* so that reading it gives the same float."""
        return repr(float(value))

    def deserialize(self, value: str) -> float:
        """Return the number again."""
        return float(value)


class WholesAttribute(Attribute[tuple[int, ...]]):
    """Whole numbers in order, as one text: a DynamoDB list takes three times the space."""

    attr_type = STRING

    def serialize(self, value: tuple[int, ...]) -> str:
        """Return *value* in digits and commas."""
        return ",".join(str(int(number)) for number in value)

    def deserialize(self, value: str) -> tuple[int, ...]:
        """Return the numbers again."""
        return tuple(map(int, value.split(","))) if value else ()


class InstantAttribute(Attribute[datetime]):
    """A point in time, as text that sorts by time: UTC, always with microseconds."""

    attr_type = STRING

    def serialize(self, value: datetime) -> str:
        """Return ISO 8601. Raises `ValueError` for a time without a zone."""
        if value.tzinfo is None:
            raise ValueError(f"{self.attr_name} must be timezone-aware")
        return value.astimezone(UTC).isoformat(timespec="microseconds")

    def deserialize(self, value: str) -> datetime:
        """Return the time again, in UTC."""
        return datetime.fromisoformat(value)


class EnumAttribute(Attribute[E], Generic[E]):
    """A member of *kind*."""

    attr_type = STRING

    def __init__(self, kind: type[E], *, null: bool | None = None) -> None:
        super().__init__(null=null)
        self._kind = kind

    def serialize(self, value: E) -> str:
        """Return its value. Raises `ValueError` if it is not a member."""
        return self._kind(value).value

    def deserialize(self, value: str) -> E:
        """Return the member again."""
        return self._kind(value)
