"""Disputes and early fraud warnings as Stripe shows them."""

from enum import StrEnum
from typing import Final

from dev.simulators.core.response import JsonObject
from dev.simulators.stripe import identifiers

DISPUTE_FEE_CENTS: Final = 1500
_ANSWER_WITHIN_SECONDS: Final = 7 * 24 * 3600

_EVIDENCE: Final = (
    "access_activity_log",
    "billing_address",
    "cancellation_policy",
    "cancellation_policy_disclosure",
    "cancellation_rebuttal",
    "customer_communication",
    "customer_email_address",
    "customer_name",
    "customer_purchase_ip",
    "customer_signature",
    "duplicate_charge_documentation",
    "duplicate_charge_explanation",
    "duplicate_charge_id",
    "product_description",
    "receipt",
    "refund_policy",
    "refund_policy_disclosure",
    "refund_refusal_explanation",
    "service_date",
    "service_documentation",
    "shipping_address",
    "shipping_carrier",
    "shipping_date",
    "shipping_documentation",
    "shipping_tracking_number",
    "uncategorized_file",
    "uncategorized_text",
)


class DisputeKind(StrEnum):
    """An inquiry moves no money; a chargeback does."""

    INQUIRY = "inquiry"
    CHARGEBACK = "chargeback"


OVER: Final = frozenset({"won", "lost", "warning_closed", "prevented"})


def new_dispute(
    charge: JsonObject, *, kind: DisputeKind, amount: int, reason: str, at: int
) -> JsonObject:
    """Return a dispute that waits for an answer; no money has moved yet."""
    inquiry = kind is DisputeKind.INQUIRY
    card = {"brand": "visa", "case_type": kind.value, "network_reason_code": "10.4"}
    return {
        "id": identifiers.fresh("dp"),
        "object": "dispute",
        "amount": amount,
        "balance_transactions": [],
        "charge": charge["id"],
        "created": at,
        "currency": charge["currency"],
        "enhanced_eligibility_types": [],
        "evidence": {**dict.fromkeys(_EVIDENCE), "enhanced_evidence": {}},
        "evidence_details": {
            "due_by": at + _ANSWER_WITHIN_SECONDS,
            "enhanced_eligibility": {},
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
        },
        "is_charge_refundable": inquiry,
        "livemode": False,
        "metadata": {},
        "payment_intent": charge["payment_intent"],
        "payment_method_details": {"card": card, "type": "card"},
        "reason": reason,
        "status": "warning_needs_response" if inquiry else "needs_response",
    }


def withdrawn_amount(dispute: JsonObject) -> int:
    """Return the cents that the dispute has taken from us and not given back."""
    return -sum(int(entry["amount"]) for entry in dispute["balance_transactions"])


def new_fraud_warning(charge: JsonObject, *, at: int) -> JsonObject:
    """Return the card issuer's early warning about a charge."""
    return {
        "id": identifiers.fresh("issfr"),
        "object": "radar.early_fraud_warning",
        "actionable": not charge["refunded"] and not charge["disputed"],
        "charge": charge["id"],
        "created": at,
        "fraud_type": "made_with_stolen_card",
        "livemode": False,
        "payment_intent": charge["payment_intent"],
    }
