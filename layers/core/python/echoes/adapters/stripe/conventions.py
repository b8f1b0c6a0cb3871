"""What requests and webhooks must agree on: versions, and the words in our metadata."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from echoes.domain.purchases.payment_keys import PaymentObject

API_VERSION: Final = "2026-10-28.endive"
"""The API version of the installed library; our webhook endpoint must have the same."""

APP: Final = "echoes"
"""``metadata.app`` of everything we create: the account may serve other products too."""

SUBJECTS: Final[Mapping[str, PaymentObject]] = MappingProxyType(
    {
        "checkout.session": PaymentObject.CHECKOUT,
        "payment_intent": PaymentObject.PAYMENT,
        "charge": PaymentObject.CHARGE,
        "refund": PaymentObject.REFUND,
        "dispute": PaymentObject.DISPUTE,
        "radar.early_fraud_warning": PaymentObject.FRAUD_WARNING,
    }
)
"""Stripe's object types in our terms."""

EVENT_TYPES: Final = (
    "charge.dispute.closed",
    "charge.dispute.created",
    "charge.dispute.funds_reinstated",
    "charge.dispute.funds_withdrawn",
    "charge.dispute.updated",
    "charge.refunded",
    "checkout.session.async_payment_failed",
    "checkout.session.async_payment_succeeded",
    "checkout.session.completed",
    "checkout.session.expired",
    "radar.early_fraud_warning.created",
    "refund.created",
    "refund.failed",
    "refund.updated",
)
"""The events we act on. Everything else is acknowledged and dropped."""
