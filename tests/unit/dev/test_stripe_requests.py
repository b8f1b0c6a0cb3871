"""Forms and parameters: what the simulator of Stripe takes, and how it names what it does not."""

import time
from typing import Any
from urllib.parse import urlencode

import pytest
from stripe._encode import _api_encode

from dev.simulators.stripe.api.forms import decode
from dev.simulators.stripe.api.parameters import validate
from dev.simulators.stripe.api.rules import check_session
from dev.simulators.stripe.errors import StripeFailure

SESSION = "checkout.SessionCreateParams"
NOW = int(time.time())


def good_session(**changes: object) -> dict[str, Any]:
    params: dict[str, Any] = {
        "mode": "payment",
        "line_items": [
            {
                "price_data": {
                    "currency": "usd",
                    "unit_amount": 999,
                    "product_data": {"name": "100 credits"},
                },
                "quantity": 1,
            }
        ],
        "client_reference_id": "user-1",
        "customer_creation": "always",
        "metadata": {"order_id": "o-1"},
        "payment_intent_data": {"metadata": {"order_id": "o-1"}},
        "success_url": "https://app.example/return?session_id={CHECKOUT_SESSION_ID}",
        "cancel_url": "https://app.example/billing",
        "expires_at": NOW + 1900,
        "automatic_tax": {"enabled": True},
        "allow_promotion_codes": True,
        "adaptive_pricing": {"enabled": True},
        "invoice_creation": {"enabled": True},
        "expand": ["payment_intent"],
    }
    return {name: value for name, value in (params | changes).items() if value is not None}


def check(params: dict[str, Any], kind: str = SESSION) -> dict[str, Any]:
    return validate(decode(urlencode(list(_api_encode(params)))), kind)


def refusal(params: dict[str, Any], kind: str = SESSION) -> tuple[str | None, str | None]:
    with pytest.raises(StripeFailure) as caught:
        check(params, kind)
    assert caught.value.status == 400
    return caught.value.param, caught.value.code


def test_what_the_sdk_encodes_comes_out_with_its_types() -> None:
    """A request goes through the form and comes out as it was: numbers, flags, lists and all."""
    assert check(good_session()) == good_session()


@pytest.mark.parametrize(
    ("encoded", "expected"),
    [
        ("a[b][0][c]=1&a[b][1][c]=2", {"a": {"b": {"0": {"c": "1"}, "1": {"c": "2"}}}}),
        ("expand[]=x&expand[]=y", {"expand": {"0": "x", "1": "y"}}),
        ("a=%7BCHECKOUT_SESSION_ID%7D&b=", {"a": "{CHECKOUT_SESSION_ID}", "b": ""}),
        ("", {}),
    ],
)
def test_names_nest_as_stripe_nests_them(encoded: str, expected: object) -> None:
    """Brackets make objects and lists; empty brackets count on."""
    assert decode(encoded) == expected


@pytest.mark.parametrize("encoded", ["a[b=1", "a=1&a[b]=2", "a[b]=2&a=1", "a" + "[b]" * 20 + "=1"])
def test_names_that_cannot_be_nested_are_refused(encoded: str) -> None:
    """A parameter is a value or an object, not both, and not a well without a bottom."""
    with pytest.raises(StripeFailure):
        decode(encoded)


@pytest.mark.parametrize(
    ("changes", "param", "code"),
    [
        ({"sucess_url": "https://x"}, "sucess_url", "parameter_unknown"),
        ({"payment_method_types": ["card"]}, "payment_method_types", "parameter_unknown"),
        ({"api_key": "sk_test_1"}, "api_key", "parameter_unknown"),
        ({"mode": "paymnt"}, "mode", None),
        ({"ui_mode": "hosted"}, "ui_mode", None),
        (
            {"line_items": [{"price_data": {"currency": "usd", "unit_amount": 9.99}}]},
            "line_items[0][price_data][unit_amount]",
            "parameter_invalid_integer",
        ),
        (
            {"line_items": [{"price_data": {"unit_amount": 999}}]},
            "line_items[0][price_data][currency]",
            "parameter_missing",
        ),
        (
            {"line_items": [{"price": "price_1", "qty": 1}]},
            "line_items[0][qty]",
            "parameter_unknown",
        ),
        ({"automatic_tax": {"enabled": "maybe"}}, "automatic_tax[enabled]", None),
        ({"automatic_tax": {}}, None, None),
        ({"success_url": ""}, "success_url", "parameter_invalid_empty"),
        ({"metadata": "order"}, "metadata", None),
        ({"expand": "payment_intent"}, "expand", None),
    ],
)
def test_what_the_api_version_does_not_know_is_refused_by_name(
    changes: dict[str, Any], param: str | None, code: str | None
) -> None:
    """Misspelt, removed, of another enum, fractional cents, incomplete: 400 with the parameter."""
    if changes == {"automatic_tax": {}}:  # an empty object is not sent at all
        assert "automatic_tax" not in check(good_session(**changes))
        return
    assert refusal(good_session(**changes)) == (param, code)


def test_lists_of_events_take_types_ranges_and_flags() -> None:
    """`created` is a number or a range; both are checked."""
    params = {"types": ["a.b"], "delivery_success": False, "created": {"gte": 5}, "limit": 100}
    assert check(params, "EventListParams") == params
    assert check({"created": 5}, "EventListParams") == {"created": 5}
    assert refusal({"created": {"after": 5}}, "EventListParams")[0] == "created[after]"
    assert refusal({"reason": "becuase"}, "RefundCreateParams")[0] == "reason"


@pytest.mark.parametrize(
    ("changes", "param"),
    [
        ({"mode": None}, "mode"),
        ({"mode": "subscription"}, "mode"),
        ({"success_url": None}, "success_url"),
        ({"success_url": "/return"}, "success_url"),
        ({"cancel_url": "javascript:alert(1)"}, "cancel_url"),
        ({"customer": "cus_1"}, "customer"),
        ({"customer_update": {"address": "auto"}}, "customer_update"),
        ({"discounts": [{"promotion_code": "promo_1"}]}, "allow_promotion_codes"),
        ({"expires_at": NOW + 1799}, "expires_at"),
        ({"expires_at": NOW + 86_401}, "expires_at"),
        ({"line_items": None}, "line_items"),
        ({"line_items": [{"price": "price_1"}]}, "line_items[0][quantity]"),
        ({"line_items": [{"quantity": 1}]}, "line_items[0]"),
        ({"metadata": {f"k{number}": "v" for number in range(51)}}, "metadata"),
        ({"metadata": {"k" * 41: "v"}}, f"metadata[{'k' * 41}]"),
        ({"metadata": {"k": "v" * 501}}, "metadata[k]"),
        ({"client_reference_id": "u" * 201}, "client_reference_id"),
    ],
)
def test_rules_between_fields_are_kept(changes: dict[str, Any], param: str) -> None:
    """What the types allow and Stripe does not: 400 with the parameter."""
    with pytest.raises(StripeFailure) as caught:
        check_session(check(good_session(**changes)), at=NOW)
    assert (caught.value.status, caught.value.param) == (400, param)


@pytest.mark.parametrize("life", [1800, 86_400])
def test_a_session_may_live_half_an_hour_to_a_day(life: int) -> None:
    """Both ends of the allowed time are allowed."""
    check_session(check(good_session(expires_at=NOW + life)), at=NOW)
