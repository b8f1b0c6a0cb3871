"""Prices, products, coupons and promotion codes: what a shop has set up before it sells."""

from decimal import Decimal
from typing import Final

from dev.simulators.core.response import JsonObject
from dev.simulators.stripe.identifiers import fresh
from dev.simulators.stripe.store import Store

_CODES: Final = (("HALF", 50.0), ("FREE", 100.0))


def new_product(name: str, *, at: int, description: str | None = None) -> JsonObject:
    """Return a product, which is little more than its name."""
    return {
        "id": fresh("prod"),
        "object": "product",
        "active": True,
        "created": at,
        "default_price": None,
        "description": description,
        "images": [],
        "livemode": False,
        "marketing_features": [],
        "metadata": {},
        "name": name,
        "package_dimensions": None,
        "shippable": None,
        "statement_descriptor": None,
        "tax_code": None,
        "type": "service",
        "unit_label": None,
        "updated": at,
        "url": None,
    }


def new_price(
    product: JsonObject,
    *,
    unit_amount: int,
    currency: str,
    at: int,
    identifier: str | None = None,
    lookup_key: str | None = None,
    active: bool = True,
) -> JsonObject:
    """Return a one-off price in the currency's smallest unit."""
    return {
        "id": identifier or fresh("price"),
        "object": "price",
        "active": active,
        "billing_scheme": "per_unit",
        "created": at,
        "currency": currency,
        "custom_unit_amount": None,
        "livemode": False,
        "lookup_key": lookup_key,
        "metadata": {},
        "nickname": None,
        "product": product["id"],
        "recurring": None,
        "tax_behavior": "unspecified",
        "tiers_mode": None,
        "transform_quantity": None,
        "type": "one_time",
        "unit_amount": unit_amount,
        "unit_amount_decimal": str(Decimal(unit_amount)),
    }


def add_promotion_code(store: Store, code: str, percent_off: float, *, at: int) -> JsonObject:
    """Store a code that takes a part off, with its coupon; return it."""
    coupon: JsonObject = {
        "id": f"coupon_{code}",
        "object": "coupon",
        "amount_off": None,
        "created": at,
        "currency": None,
        "duration": "once",
        "duration_in_months": None,
        "livemode": False,
        "max_redemptions": None,
        "metadata": {},
        "name": f"{percent_off:g} % off",
        "percent_off": percent_off,
        "redeem_by": None,
        "times_redeemed": 0,
        "valid": True,
    }
    promotion = {
        "id": f"promo_{code}",
        "object": "promotion_code",
        "active": True,
        "code": code,
        "created": at,
        "customer": None,
        "customer_account": None,
        "expires_at": None,
        "livemode": False,
        "max_redemptions": None,
        "metadata": {},
        "promotion": {"coupon": coupon["id"], "type": "coupon"},
        "restrictions": {
            "first_time_transaction": False,
            "minimum_amount": None,
            "minimum_amount_currency": None,
        },
        "times_redeemed": 0,
    }
    store.put("coupon", coupon)
    store.put("promotion_code", promotion)
    return promotion


def stock(store: Store, *, at: int) -> None:
    """Put the two standard codes into a store that has none."""
    for code, percent_off in _CODES:
        if store.get("promotion_code", f"promo_{code}") is None:
            add_promotion_code(store, code, percent_off, at=at)
