"""Checkout Sessions as Stripe shows them."""

from collections.abc import Mapping
from typing import Any, Final

from dev.simulators.core.response import JsonObject
from dev.simulators.stripe import identifiers

EMPTY_ADDRESS: Final[Mapping[str, None]] = dict.fromkeys(
    ("city", "country", "line1", "line2", "postal_code", "state")
)
_DEFAULT_LIFE_SECONDS: Final = 24 * 3600

_ALWAYS_NULL: Final = (
    "after_expiration",
    "client_secret",
    "collected_information",
    "consent",
    "currency_conversion",
    "customer_account",
    "integration_identifier",
    "invoice",
    "name_collection",
    "optional_items",
    "payment_link",
    "payment_method_collection",
    "recovered_from",
    "setup_intent",
    "shipping_address_collection",
    "shipping_cost",
    "subscription",
)
_GIVEN_OR_NULL: Final = (
    "allow_promotion_codes",
    "allowed_payment_method_types",
    "billing_address_collection",
    "branding_settings",
    "cancel_url",
    "client_reference_id",
    "consent_collection",
    "customer",
    "customer_email",
    "excluded_payment_method_types",
    "locale",
    "origin_context",
    "submit_type",
)


def new_session(params: JsonObject, *, amount: int, currency: str, url: str, at: int) -> JsonObject:
    """Return an open session; `url` is the root of the simulator's pages."""
    identifier = identifiers.fresh_session()
    return {
        "id": identifier,
        "object": "checkout.session",
        **dict.fromkeys(_ALWAYS_NULL),
        **{name: params.get(name) for name in _GIVEN_OR_NULL},
        "adaptive_pricing": {"enabled": _flag(params, "adaptive_pricing")},
        "amount_subtotal": amount,
        "amount_total": amount,
        "automatic_tax": _automatic_tax(enabled=_flag(params, "automatic_tax")),
        "created": at,
        "currency": currency,
        "custom_fields": [],
        "custom_text": dict.fromkeys(
            ("after_submit", "shipping_address", "submit", "terms_of_service_acceptance")
        ),
        "customer_creation": _customer_creation(params),
        "customer_details": _asked_details(params),
        "discounts": [],
        "expires_at": params.get("expires_at", at + _DEFAULT_LIFE_SECONDS),
        "invoice_creation": _invoice_creation(params.get("invoice_creation", {})),
        "livemode": False,
        "managed_payments": {"enabled": False},
        "metadata": params.get("metadata") or {},
        "mode": params["mode"],
        "payment_intent": None,
        "payment_method_configuration_details": {"id": "pmc_1SimulatedB7WZ01zgkW", "parent": None},
        "payment_method_options": {"card": {"request_three_d_secure": "automatic"}},
        "payment_method_types": params.get("allowed_payment_method_types") or ["card", "link"],
        "payment_status": "unpaid",
        "permissions": None,
        "phone_number_collection": {"enabled": _flag(params, "phone_number_collection")},
        "presentment_details": None,
        "saved_payment_method_options": None,
        "shipping_options": [],
        "status": "open",
        "success_url": params["success_url"],
        "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
        "ui_mode": params.get("ui_mode", "hosted_page"),
        "url": f"{url}/c/pay/{identifier}",
        "wallet_options": None,
    }


def price_session(session: JsonObject, *, percent_off: float, tax_percent: float) -> JsonObject:
    """Return the session with its discount, tax and total worked out anew."""
    subtotal = int(session["amount_subtotal"])
    discount = round(subtotal * percent_off / 100)
    taxed = bool(session["automatic_tax"]["enabled"])
    tax = round((subtotal - discount) * tax_percent / 100) if taxed else 0
    details = {"amount_discount": discount, "amount_shipping": 0, "amount_tax": tax}
    return session | {"amount_total": subtotal - discount + tax, "total_details": details}


def presentment(session: JsonObject, *, currency: str, rate: float) -> JsonObject | None:
    """Return what the buyer saw, when adaptive pricing showed another currency than ours."""
    if not session["adaptive_pricing"]["enabled"] or session["currency"] == currency:
        return None
    amount = round(int(session["amount_total"]) * rate)
    return {"presentment_amount": amount, "presentment_currency": currency}


def buyer_details(*, email: str, name: str) -> JsonObject:
    """Return what the buyer has typed into the page."""
    return {
        "address": dict(EMPTY_ADDRESS),
        "business_name": None,
        "email": email,
        "individual_name": None,
        "name": name,
        "phone": None,
        "tax_exempt": "none",
        "tax_ids": None,
    }


def _flag(params: JsonObject, name: str) -> bool:
    return bool(params.get(name, {}).get("enabled", False))


def _automatic_tax(*, enabled: bool) -> JsonObject:
    return {
        "enabled": enabled,
        "liability": {"type": "self"} if enabled else None,
        "provider": "stripe" if enabled else None,
        "status": "requires_location_inputs" if enabled else None,
    }


def _customer_creation(params: JsonObject) -> Any:  # noqa: ANN401  # a string or null
    return None if params.get("customer") else params.get("customer_creation", "if_required")


def _asked_details(params: JsonObject) -> JsonObject | None:
    email = params.get("customer_email")
    return buyer_details(email=email, name="") | {"name": None} if email else None


def _invoice_creation(params: JsonObject) -> JsonObject:
    data = dict.fromkeys(
        (
            "account_tax_ids",
            "custom_fields",
            "description",
            "footer",
            "issuer",
            "metadata",
            "rendering_options",
        )
    )
    return {
        "enabled": bool(params.get("enabled", False)),
        "invoice_data": {**data, **params.get("invoice_data", {})},
    }
