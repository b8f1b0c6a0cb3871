"""Customers, PaymentIntents, charges, refunds and balance transactions as Stripe shows them."""

from typing import Final, Literal

from dev.simulators.core.response import JsonObject
from dev.simulators.stripe import identifiers
from dev.simulators.stripe.resources.sessions import EMPTY_ADDRESS

FEE_PERCENT: Final = 2.9
FEE_FIXED_CENTS: Final = 30


def new_customer(params: JsonObject, *, at: int) -> JsonObject:
    """Return a customer with the facts it was given."""
    identifier = identifiers.fresh("cus")
    return {
        "id": identifier,
        "object": "customer",
        "address": params.get("address") or None,
        "balance": params.get("balance", 0),
        "created": at,
        "currency": None,
        "default_source": None,
        "delinquent": False,
        "description": params.get("description"),
        "discount": None,
        "email": params.get("email"),
        "invoice_prefix": identifier[-8:].upper(),
        "invoice_settings": {
            "custom_fields": None,
            "default_payment_method": None,
            "footer": None,
            "rendering_options": None,
        },
        "livemode": False,
        "metadata": params.get("metadata") or {},
        "name": params.get("name"),
        "next_invoice_sequence": 1,
        "phone": params.get("phone"),
        "preferred_locales": params.get("preferred_locales", []),
        "shipping": None,
        "tax_exempt": params.get("tax_exempt") or "none",
        "test_clock": None,
    }


def new_payment_intent(
    session: JsonObject,
    *,
    metadata: JsonObject,
    method: Literal["card", "us_bank_account"],
    at: int,
) -> tuple[JsonObject, JsonObject]:
    """Return a PaymentIntent that has succeeded and its charge; with a bank account both wait."""
    intent_id, charge_id = identifiers.fresh_payment()
    intent = {
        "id": intent_id,
        "object": "payment_intent",
        "amount": session["amount_total"],
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "amount_received": 0,
        "application": None,
        "application_fee_amount": None,
        "automatic_payment_methods": None,
        "canceled_at": None,
        "cancellation_reason": None,
        "capture_method": "automatic_async",
        "client_secret": f"{intent_id}_secret_simulated",
        "confirmation_method": "automatic",
        "created": at,
        "currency": session["currency"],
        "customer": session["customer"],
        "customer_account": None,
        "description": None,
        "excluded_payment_method_types": None,
        "last_payment_error": None,
        "latest_charge": charge_id,
        "livemode": False,
        "managed_payments": {"enabled": False},
        "metadata": metadata,
        "next_action": None,
        "on_behalf_of": None,
        "payment_method": identifiers.fresh("pm"),
        "payment_method_configuration_details": None,
        "payment_method_options": {},
        "payment_method_types": [method],
        "processing": None,
        "receipt_email": None,
        "review": None,
        "setup_future_usage": None,
        "shipping": None,
        "source": None,
        "statement_descriptor": None,
        "statement_descriptor_suffix": None,
        "status": "processing",
        "transfer_data": None,
        "transfer_group": None,
    }
    return intent, _new_charge(intent, charge_id, session["customer_details"], method, at=at)


def settled(intent: JsonObject, charge: JsonObject) -> tuple[JsonObject, JsonObject, JsonObject]:
    """Return both after the money has come, and the balance transaction that shows it."""
    amount = int(intent["amount"])
    fee = round(amount * FEE_PERCENT / 100) + FEE_FIXED_CENTS
    entry = new_balance_transaction(
        amount=amount, fee=fee, kind="charge", source=charge, at=int(intent["created"])
    )
    intent = intent | {"status": "succeeded", "amount_received": amount}
    charge = charge | {
        "status": "succeeded",
        "paid": True,
        "amount_captured": amount,
        "balance_transaction": entry["id"],
    }
    return intent, charge, entry


def bounced(intent: JsonObject, charge: JsonObject) -> tuple[JsonObject, JsonObject]:
    """Return both after the bank has refused."""
    message = "The customer's bank account has insufficient funds to cover this payment."
    error = {
        "code": "payment_intent_payment_attempt_failed",
        "message": message,
        "type": "card_error",
    }
    intent = intent | {"status": "requires_payment_method", "last_payment_error": error}
    charge = charge | {
        "status": "failed",
        "failure_code": "insufficient_funds",
        "failure_message": message,
    }
    return intent, charge


def new_refund(charge: JsonObject, params: JsonObject, *, amount: int, at: int) -> JsonObject:
    """Return a pending refund of a part of a charge."""
    card = charge["payment_method_details"]["type"] == "card"
    destination: JsonObject = {"type": "card" if card else "us_bank_transfer"}
    destination[destination["type"]] = (
        {"type": "refund"} if card else {"reference_status": "pending"}
    )
    return {
        "id": identifiers.fresh("re").replace("re_1", "re_3", 1),
        "object": "refund",
        "amount": amount,
        "balance_transaction": None,
        "charge": charge["id"],
        "created": at,
        "currency": charge["currency"],
        "customer": None,
        "customer_account": None,
        "destination_details": destination,
        "metadata": params.get("metadata") or {},
        "payment_intent": charge["payment_intent"],
        "payment_method": None,
        "reason": params.get("reason"),
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": "pending",
        "transfer_reversal": None,
    }


def new_balance_transaction(
    *, amount: int, fee: int, kind: str, source: JsonObject, at: int
) -> JsonObject:
    """Return a movement of our Stripe balance; `kind` is its reporting category."""
    details = {"amount": fee, "application": None, "currency": source["currency"]}
    described = {"description": f"{kind.capitalize()} fee", "type": "stripe_fee"}
    return {
        "id": identifiers.fresh("txn"),
        "object": "balance_transaction",
        "amount": amount,
        "available_on": at,
        "balance_type": "payments",
        "created": at,
        "currency": source["currency"],
        "description": None,
        "exchange_rate": None,
        "fee": fee,
        "fee_details": [details | described] if fee else [],
        "net": amount - fee,
        "reporting_category": kind,
        "source": source["id"],
        "status": "available",
        "type": "adjustment" if kind.startswith("dispute") else kind,
    }


def _new_charge(
    intent: JsonObject, charge_id: str, buyer: JsonObject | None, method: str, *, at: int
) -> JsonObject:
    buyer = buyer or {}
    details = {
        "card": {
            "brand": "visa",
            "checks": {"cvc_check": "pass"},
            "country": "US",
            "exp_month": 8,
            "exp_year": 2034,
            "fingerprint": "AOB934RVNwzk6xtn",
            "funding": "credit",
            "last4": "4242",
            "network": "visa",
        },
        "us_bank_account": {"bank_name": "STRIPE TEST BANK", "last4": "6789"},
    }
    return {
        "id": charge_id,
        "object": "charge",
        "amount": intent["amount"],
        "amount_captured": 0,
        "amount_refunded": 0,
        "application": None,
        "application_fee": None,
        "application_fee_amount": None,
        "balance_transaction": None,
        "billing_details": {
            "address": dict(EMPTY_ADDRESS),
            "email": buyer.get("email"),
            "name": buyer.get("name"),
            "phone": None,
            "tax_id": None,
        },
        "calculated_statement_descriptor": "ECHOES",
        "captured": True,
        "created": at,
        "currency": intent["currency"],
        "customer": intent["customer"],
        "description": None,
        "disputed": False,
        "failure_balance_transaction": None,
        "failure_code": None,
        "failure_message": None,
        "fraud_details": {},
        "livemode": False,
        "metadata": intent["metadata"],
        "on_behalf_of": None,
        "outcome": {
            "network_status": "approved_by_network",
            "reason": None,
            "risk_level": "normal",
            "seller_message": "Payment complete.",
            "type": "authorized",
        },
        "paid": False,
        "payment_intent": intent["id"],
        "payment_method": intent["payment_method"],
        "payment_method_details": {"type": method, method: details[method]},
        "receipt_email": None,
        "receipt_number": None,
        "receipt_url": None,
        "refunded": False,
        "review": None,
        "shipping": None,
        "source": None,
        "source_transfer": None,
        "statement_descriptor": None,
        "statement_descriptor_suffix": None,
        "status": "pending",
        "transfer_data": None,
        "transfer_group": None,
    }
