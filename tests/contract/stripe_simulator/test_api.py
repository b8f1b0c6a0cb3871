"""The official SDK drives the API of Stripe's simulator."""

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests
import stripe

from dev.simulators.stripe.simulator import StripeSimulator
from tests.support.stripe_simulator import client_of, raw, session_params, until


def test_a_session_is_made_paid_and_read_with_everything_about_it(
    sim: StripeSimulator, sdk: stripe.StripeClient
) -> None:
    """The whole body of a real shop is taken; the paid session expands to its charge."""
    made = sdk.v1.checkout.sessions.create(session_params())
    assert (made.status, made.payment_status, made.payment_intent) == ("open", "unpaid", None)
    assert made.url == f"{sim.url}/c/pay/{made.id}"
    sim.pay(made.id)
    expand = ["payment_intent.latest_charge", "customer", "line_items"]
    read = sdk.v1.checkout.sessions.retrieve(made.id, {"expand": expand})
    assert (read.status, read.payment_status, read.url) == ("complete", "paid", None)
    assert isinstance(read.payment_intent, stripe.PaymentIntent)
    assert isinstance(read.payment_intent.latest_charge, stripe.Charge)
    assert read.payment_intent.latest_charge.amount == 4999
    assert isinstance(read.customer, stripe.Customer)
    assert read.line_items is not None
    assert read.line_items.data[0].description == "1000 credits"
    assert read.presentment_details is not None
    assert read.presentment_details.presentment_currency == "eur"
    lines = sdk.v1.checkout.sessions.line_items.list(made.id)
    assert [line.amount_total for line in lines.data] == [4999]


def test_lists_are_paged_and_filtered(sim: StripeSimulator, sdk: stripe.StripeClient) -> None:
    """Newest first, a cursor, `has_more`; status, customer, payment and time narrow them."""
    customer = sdk.v1.customers.create({"email": "a@example.com", "metadata": {"user": "1"}})
    assert sdk.v1.customers.retrieve(customer.id).email == "a@example.com"
    ids = [sdk.v1.checkout.sessions.create(session_params()).id for _ in range(4)]
    own = session_params(
        customer=customer.id, customer_creation=None, customer_update={"address": "auto"}
    )
    ids.append(sdk.v1.checkout.sessions.create(own).id)
    sim.pay(ids[0])
    first = sdk.v1.checkout.sessions.list({"limit": 2})
    assert ([each.id for each in first.data], first.has_more) == (ids[:2:-1], True)
    walked = [each.id for each in first.auto_paging_iter()]
    assert walked == ids[::-1]
    done = sdk.v1.checkout.sessions.list({"status": "complete", "expand": ["data.payment_intent"]})
    assert [each.id for each in done.data] == [ids[0]]
    intent = done.data[0].payment_intent
    assert isinstance(intent, stripe.PaymentIntent)
    by_payment = sdk.v1.checkout.sessions.list({"payment_intent": intent.id})
    assert [each.id for each in by_payment.data] == [ids[0]]
    by_customer = sdk.v1.checkout.sessions.list({"customer": customer.id})
    assert [each.id for each in by_customer.data] == [ids[4]]
    later = sdk.v1.checkout.sessions.list({"created": {"gte": int(time.time()) + 60}})
    assert later.data == []
    with pytest.raises(stripe.InvalidRequestError) as caught:
        sdk.v1.checkout.sessions.list({"limit": 101})
    assert caught.value.param == "limit"


def test_a_key_gives_the_same_session_and_refuses_another_request(
    sdk: stripe.StripeClient,
) -> None:
    """Repeated, the first reply comes back and says so; with other parameters it is an error."""
    params = session_params()
    first = sdk.v1.checkout.sessions.create(params, {"idempotency_key": "order-1"})
    again = sdk.v1.checkout.sessions.create(params, {"idempotency_key": "order-1"})
    assert again.id == first.id
    assert again.last_response is not None
    assert again.last_response.headers["Idempotent-Replayed"] == "true"
    other = session_params(client_reference_id="user-2")
    with pytest.raises(stripe.IdempotencyError):
        sdk.v1.checkout.sessions.create(other, {"idempotency_key": "order-1"})
    assert len(sdk.v1.checkout.sessions.list().data) == 1


def test_a_refused_request_does_not_use_its_key_up(sdk: stripe.StripeClient) -> None:
    """After a 400 for a bad parameter, the same key works for the corrected request."""
    with pytest.raises(stripe.InvalidRequestError):
        sdk.v1.checkout.sessions.create(
            session_params(success_url="nowhere"), {"idempotency_key": "order-1"}
        )
    assert sdk.v1.checkout.sessions.create(session_params(), {"idempotency_key": "order-1"}).id


def test_a_key_in_use_is_a_conflict(sim: StripeSimulator) -> None:
    """While a request is executed, its twin is told 409; afterwards it gets the same session."""
    sim.inject("slow=1", on="checkout.sessions.create")
    params = session_params()
    once = client_of(sim.url, sim.api_key, retries=0)
    with ThreadPoolExecutor(2) as pool:
        slow = pool.submit(once.v1.checkout.sessions.create, params, {"idempotency_key": "order-1"})
        until(lambda: not sim.service.api.faults.pending())
        with pytest.raises(stripe.APIError) as caught:
            once.v1.checkout.sessions.create(params, {"idempotency_key": "order-1"})
        assert caught.value.http_status == 409
        assert "in-progress request" in str(caught.value)
    again = once.v1.checkout.sessions.create(params, {"idempotency_key": "order-1"})
    assert again.id == slow.result().id


@pytest.mark.parametrize("fault", ["lost_reply", "lost_request", "503", "409"])
def test_the_sdk_repeats_what_may_pass_and_makes_one_session(
    sim: StripeSimulator, sdk: stripe.StripeClient, fault: str
) -> None:
    """A reply lost after the commit, a request lost, a 503, a 409: one session in the end."""
    sim.inject(fault, on="checkout.sessions.create")
    made = sdk.v1.checkout.sessions.create(session_params(), {"idempotency_key": "order-1"})
    assert [each.id for each in sdk.v1.checkout.sessions.list().data] == [made.id]


@pytest.mark.parametrize(("fault", "made"), [("500", 0), ("500_after", 1)])
def test_a_500_is_kept_under_its_key(
    sim: StripeSimulator, sdk: stripe.StripeClient, fault: str, made: int
) -> None:
    """Stripe replays even a 500, whether or not something was made; only another key helps."""
    sim.inject(fault, on="checkout.sessions.create")
    params = session_params()
    for _ in range(2):
        with pytest.raises(stripe.APIError) as caught:
            sdk.v1.checkout.sessions.create(params, {"idempotency_key": "order-1"})
        assert caught.value.http_status == 500
    assert len(sdk.v1.checkout.sessions.list().data) == made


def test_too_many_requests_are_not_repeated_by_the_sdk(
    sim: StripeSimulator, sdk: stripe.StripeClient
) -> None:
    """429 reaches the caller at once, and is not kept under the key."""
    sim.inject("429", on="any")
    with pytest.raises(stripe.RateLimitError):
        sdk.v1.checkout.sessions.create(session_params(), {"idempotency_key": "order-1"})
    assert sim.requests() == {"checkout.sessions.create 429": 1}
    assert sdk.v1.checkout.sessions.create(session_params(), {"idempotency_key": "order-1"}).id


def test_silence_is_a_connection_error(sim: StripeSimulator) -> None:
    """Committed, then no word: the client times out, and its repetition finds the session."""
    patient = stripe.StripeClient(
        sim.api_key,
        base_addresses={"api": sim.url},
        max_network_retries=1,
        http_client=stripe.RequestsClient(timeout=(2, 0.5)),
    )
    sim.inject("timeout", on="checkout.sessions.create")
    made = patient.v1.checkout.sessions.create(session_params(), {"idempotency_key": "order-1"})
    assert [each.id for each in patient.v1.checkout.sessions.list().data] == [made.id]


@pytest.mark.parametrize(
    ("changes", "param"),
    [
        ({"sucess_url": "http://x"}, "sucess_url"),
        ({"payment_method_types": ["card"]}, "payment_method_types"),
        ({"mode": "paymnt"}, "mode"),
        ({"line_items": [{"price": "price_p1000", "quantity": 1.5}]}, "line_items[0][quantity]"),
        ({"line_items": [{"price": "price_none", "quantity": 1}]}, "line_items[0][price]"),
        ({"customer": "cus_1"}, "customer"),
        ({"customer": "cus_none", "customer_creation": None}, "customer"),
        ({"expires_at": 1}, "expires_at"),
        ({"expand": ["nonsense"]}, "expand"),
    ],
)
def test_mistakes_are_refused_as_stripe_refuses_them(
    sdk: stripe.StripeClient, changes: dict[str, Any], param: str
) -> None:
    """400 `invalid_request_error`, with the parameter named; nothing is made."""
    with pytest.raises(stripe.InvalidRequestError) as caught:
        sdk.v1.checkout.sessions.create(session_params(**changes))
    assert (caught.value.http_status, caught.value.param) == (400, param)
    assert caught.value.request_id is not None


def test_too_little_money_is_refused(sdk: stripe.StripeClient) -> None:
    """Less than 50 cents cannot be charged."""
    price = {"currency": "usd", "unit_amount": 49, "product_data": {"name": "A crumb"}}
    with pytest.raises(stripe.InvalidRequestError) as caught:
        sdk.v1.checkout.sessions.create(
            session_params(line_items=[{"price_data": price, "quantity": 1}])
        )
    assert caught.value.code == "amount_too_small"


def test_keys_versions_and_request_ids_are_answered(
    sim: StripeSimulator, sdk: stripe.StripeClient
) -> None:
    """Another key is 401, an unknown object and path 404; version and request id come back."""
    with pytest.raises(stripe.AuthenticationError):
        client_of(sim.url, "sk_live_123").v1.events.list()
    assert requests.get(sim.url + "/v1/events", timeout=5).status_code == 401
    with pytest.raises(stripe.InvalidRequestError) as caught:
        sdk.v1.checkout.sessions.retrieve("cs_test_none")
    assert (caught.value.http_status, caught.value.code) == (404, "resource_missing")
    reply = raw(sim, "GET", "/v1/balance", headers={"Stripe-Version": "2026-10-28.endive"})
    assert reply.status_code == 404
    assert reply.json()["error"]["type"] == "invalid_request_error"
    assert reply.headers["Request-Id"].startswith("req_")
    assert reply.headers["Stripe-Version"] == "2026-10-28.endive"


def test_refunds_disputes_and_warnings_are_read_by_payment(
    sim: StripeSimulator, sdk: stripe.StripeClient
) -> None:
    """Whatever reverses a payment is found by its PaymentIntent or its charge."""
    made = sdk.v1.checkout.sessions.create(session_params())
    sim.pay(made.id)
    intent = str(sdk.v1.checkout.sessions.retrieve(made.id).payment_intent)
    refund = sdk.v1.refunds.create({"payment_intent": intent, "amount": 100, "reason": "duplicate"})
    assert sdk.v1.refunds.retrieve(refund.id, {"expand": ["charge"]}).amount == 100
    dispute, _ = sim.dispute(intent)
    warning, _ = sim.fraud_warning(intent)
    charge = str(sdk.v1.payment_intents.retrieve(intent).latest_charge)
    assert sdk.v1.charges.retrieve(charge).disputed
    assert [each.id for each in sdk.v1.refunds.list({"payment_intent": intent}).data] == [refund.id]
    assert [each.id for each in sdk.v1.disputes.list({"charge": charge}).data] == [dispute["id"]]
    by_intent = sdk.v1.disputes.list({"payment_intent": intent})
    assert [each.id for each in by_intent.data] == [dispute["id"]]
    warnings = sdk.v1.radar.early_fraud_warnings.list({"payment_intent": intent})
    assert [each.id for each in warnings.data] == [warning["id"]]
    types = ["charge.dispute.*", "radar.early_fraud_warning.created"]
    listed = sdk.v1.events.list({"types": types})
    assert {each.type for each in listed.data} == {
        "charge.dispute.created",
        "charge.dispute.funds_withdrawn",
        "radar.early_fraud_warning.created",
    }


def test_prices_and_promotion_codes_are_read(sdk: stripe.StripeClient) -> None:
    """The catalogue is Stripe's to tell."""
    price = sdk.v1.prices.retrieve("price_p1000", {"expand": ["product"]})
    assert isinstance(price.product, stripe.Product)
    assert (price.unit_amount, price.product.name) == (4999, "1000 credits")
    assert [each.id for each in sdk.v1.prices.list({"active": True}).data] == ["price_p1000"]
    codes = sdk.v1.promotion_codes.list({"code": "HALF"})
    assert [each.code for each in codes.data] == ["HALF"]
