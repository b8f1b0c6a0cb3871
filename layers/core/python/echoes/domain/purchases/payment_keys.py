"""Which payment to look at: all that an event about one is relied on for."""

from dataclasses import dataclass
from enum import StrEnum


class PaymentObject(StrEnum):
    """The kind of object that an event about a payment names."""

    CHECKOUT = "checkout"
    PAYMENT = "payment"
    CHARGE = "charge"
    REFUND = "refund"
    DISPUTE = "dispute"
    FRAUD_WARNING = "fraud_warning"


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentKey:
    """Which payment to look at: named by its id, or by the id of something that belongs to it."""

    about: PaymentObject
    id: str
