"""The rules between the fields of a request, which the SDK's types cannot know."""

import re
from typing import Final
from urllib.parse import urlsplit

from dev.simulators.core.response import JsonObject
from dev.simulators.stripe.errors import invalid

MINIMUM_CENTS: Final = 50
MAXIMUM_CENTS: Final = 99_999_999
MAX_LINE_ITEMS: Final = 100
SHORTEST_LIFE_SECONDS: Final = 30 * 60
LONGEST_LIFE_SECONDS: Final = 24 * 3600

_MAX_METADATA_KEYS: Final = 50
_MAX_METADATA_KEY: Final = 40
_MAX_METADATA_VALUE: Final = 500
_MAX_REFERENCE: Final = 200
_MAX_EXPAND: Final = 4
_MAX_URL: Final = 5000
_CURRENCY: Final = re.compile("[a-z]{3}")
_EXCLUSIVE: Final = (
    ("customer", "customer_creation"),
    ("customer", "customer_email"),
    ("allow_promotion_codes", "discounts"),
    ("allowed_payment_method_types", "excluded_payment_method_types"),
)
_NOT_SIMULATED: Final = (
    "after_expiration",
    "optional_items",
    "shipping_options",
    "subscription_data",
)


def check_session(params: JsonObject, *, at: int) -> None:
    """Check a Checkout Session about to be created; raise `StripeFailure` for the first mistake."""
    _check_shape(params)
    for name in ("success_url", "cancel_url"):
        check_url(params.get(name), param=name)
    for one, other in _EXCLUSIVE:
        if params.get(one) and params.get(other):
            message = f"You may only specify one of these parameters: {one}, {other}."
            raise invalid(message, param=one)
    if "customer_update" in params and "customer" not in params:
        raise invalid(
            "`customer_update` can only be used with `customer`.", param="customer_update"
        )
    if len(params.get("client_reference_id", "")) > _MAX_REFERENCE:
        raise _too_long("client_reference_id", _MAX_REFERENCE)
    _check_life(params, at=at)
    _check_lines(params)
    check_metadata(params.get("metadata"), at="metadata")
    check_metadata(
        params.get("payment_intent_data", {}).get("metadata"), at="payment_intent_data[metadata]"
    )


def _check_shape(params: JsonObject) -> None:
    """Check that it is a kind of session which the simulator knows."""
    if "mode" not in params:
        raise invalid("Missing required param: mode.", param="mode", code="parameter_missing")
    if params["mode"] != "payment":
        raise invalid("The simulator knows mode=payment only.", param="mode")
    if params.get("ui_mode", "hosted_page") != "hosted_page":
        raise invalid("The simulator knows ui_mode=hosted_page only.", param="ui_mode")
    for name in _NOT_SIMULATED:
        if name in params:
            raise invalid(f"The simulator does not know {name}.", param=name)
    if "success_url" not in params:
        raise invalid(
            "Missing required param: success_url.", param="success_url", code="parameter_missing"
        )


def check_metadata(metadata: JsonObject | str | None, *, at: str = "metadata") -> None:
    """Check the limits of metadata: 50 keys of 40 characters, values of 500."""
    if not isinstance(metadata, dict):
        return
    if len(metadata) > _MAX_METADATA_KEYS:
        message = (
            f"Metadata can have at most {_MAX_METADATA_KEYS} keys, you passed {len(metadata)}."
        )
        raise invalid(message, param=at)
    for name, value in metadata.items():
        if len(name) > _MAX_METADATA_KEY:
            message = f"Metadata keys can be up to {_MAX_METADATA_KEY} characters in length."
            raise invalid(message, param=f"{at}[{name}]")
        if len(value) > _MAX_METADATA_VALUE:
            message = f"Metadata values can have up to {_MAX_METADATA_VALUE} characters."
            raise invalid(message, param=f"{at}[{name}]")


def check_expand(expand: list[str]) -> None:
    """Check how many levels a request expands."""
    for path in expand:
        if len(path.removeprefix("data.").split(".")) > _MAX_EXPAND:
            message = f"You cannot expand more than {_MAX_EXPAND} levels of a property."
            raise invalid(message, param="expand")


def check_amount(amount: int, currency: str) -> None:
    """Check that Stripe would take the amount at all; zero is fine."""
    if 0 < amount < MINIMUM_CENTS:
        message = (
            "The Checkout Session's total amount must convert to at least 50 cents. "
            f"{amount / 100:.2f} {currency} is too little."
        )
        raise invalid(message, code="amount_too_small")
    if amount > MAXIMUM_CENTS:
        message = "The Checkout Session's total amount must be no more than $999,999.99."
        raise invalid(message, code="amount_too_large")


def check_url(url: str | None, *, param: str) -> None:
    """Check that a browser could be sent there."""
    if url is None:
        return
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        good = False
    if not good or any(each.isspace() for each in url):
        raise invalid("Not a valid URL", param=param, code="url_invalid")
    if len(url) > _MAX_URL:
        raise _too_long(param, _MAX_URL)


def check_currency(currency: str, *, param: str) -> None:
    """Check the form of a currency's name."""
    if not _CURRENCY.fullmatch(currency):
        raise invalid(f"Invalid currency: {currency}", param=param)


def _check_life(params: JsonObject, *, at: int) -> None:
    life = params.get("expires_at", at + LONGEST_LIFE_SECONDS) - at
    if life < SHORTEST_LIFE_SECONDS:
        message = (
            "The `expires_at` timestamp must be at least 30 minutes from Checkout Session creation."
        )
        raise invalid(message, param="expires_at")
    if life > LONGEST_LIFE_SECONDS:
        message = (
            "The `expires_at` timestamp must be less than 24 hours from Checkout Session creation."
        )
        raise invalid(message, param="expires_at")


def _check_lines(params: JsonObject) -> None:
    lines = params.get("line_items", [])
    if not lines:
        message = "You must pass `line_items` in `payment` mode."
        raise invalid(message, param="line_items", code="parameter_missing")
    if len(lines) > MAX_LINE_ITEMS:
        raise invalid("`line_items` may hold at most 100 items.", param="line_items")
    for number, line in enumerate(lines):
        at = f"line_items[{number}]"
        if ("price" in line) == ("price_data" in line):
            message = f"You must specify exactly one of `price` or `price_data` in {at}."
            raise invalid(message, param=at)
        if "adjustable_quantity" in line:
            raise invalid("The simulator does not know adjustable_quantity.", param=at)
        if line.get("quantity", 0) < 1:
            message = f"Quantity is required. Add `quantity` to `{at}`"
            raise invalid(message, param=f"{at}[quantity]", code="parameter_missing")
        if "price_data" in line:
            _check_price_data(line["price_data"], at=f"{at}[price_data]")


def _check_price_data(price: JsonObject, *, at: str) -> None:
    check_currency(price["currency"], param=f"{at}[currency]")
    if "recurring" in price:
        message = "You specified `payment` mode but passed a recurring price."
        raise invalid(message, param=at)
    if ("product" in price) == ("product_data" in price):
        message = f"You must specify either `product` or `product_data` in {at}."
        raise invalid(message, param=at)
    if ("unit_amount" in price) == ("unit_amount_decimal" in price):
        message = f"You must specify either `unit_amount` or `unit_amount_decimal` in {at}."
        raise invalid(message, param=at)
    if "unit_amount_decimal" in price:
        raise invalid("The simulator does not know unit_amount_decimal.", param=at)
    if price["unit_amount"] < 0:
        message = "Invalid non-negative integer"
        raise invalid(message, param=f"{at}[unit_amount]", code="parameter_invalid_integer")


def _too_long(param: str, limit: int) -> Exception:
    return invalid(f"Invalid string: must be at most {limit} characters", param=param)
