"""The official SDK drives the simulator of Stripe; a plain browser buys on its page."""

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self

import pytest
import requests
import stripe

from dev.simulators.stripe.simulator import StripeSimulator

ROOT = Path(__file__).resolve().parents[2]
stripe.enable_telemetry = False


class Listener(ThreadingHTTPServer):
    """Takes as many calls at once as the tests make."""

    request_queue_size = 64


class Receiver:
    """A webhook endpoint: keeps what arrives, and answers as it is told, then 200."""

    def __init__(self) -> None:
        self.received: list[tuple[bytes, str]] = []
        self.answers: list[int] = []
        lock = threading.Lock()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                with lock:
                    signature = self.headers.get("stripe-signature", "")
                    receiver.received.append((body, signature))
                    answer = receiver.answers.pop(0) if receiver.answers else 200
                self.send_response(answer)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self._server = Listener(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/webhooks/stripe"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.05,)).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def ids(self) -> list[str]:
        return [str(json.loads(body)["id"]) for body, _ in self.received]


@pytest.fixture(scope="module")
def running() -> Iterator[StripeSimulator]:
    with StripeSimulator() as simulator:
        yield simulator


@pytest.fixture
def sim(running: StripeSimulator) -> StripeSimulator:
    running.set_webhook(None)
    running.reset()
    running.add_price("price_p1000", name="1000 credits", unit_amount=4999)
    return running


@pytest.fixture
def sdk(sim: StripeSimulator) -> stripe.StripeClient:
    return client_of(sim.url, sim.api_key)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as endpoint:
        yield endpoint


def client_of(url: str, key: str, *, retries: int = 2) -> stripe.StripeClient:
    return stripe.StripeClient(
        key,
        base_addresses={"api": url},
        max_network_retries=retries,
        http_client=stripe.RequestsClient(timeout=(2, 8)),
    )


def session_params(**changes: Any) -> Any:  # noqa: ANN401  # of the SDK's own TypedDict
    params = {
        "mode": "payment",
        "line_items": [{"price": "price_p1000", "quantity": 1}],
        "client_reference_id": "user-1",
        "customer_creation": "always",
        "metadata": {"app": "echoes", "order_id": "o-1"},
        "payment_intent_data": {"metadata": {"app": "echoes", "order_id": "o-1"}},
        "success_url": "http://127.0.0.1:9/return?session_id={CHECKOUT_SESSION_ID}",
        "cancel_url": "http://127.0.0.1:9/billing",
        "expires_at": int(time.time()) + 1900,
        "automatic_tax": {"enabled": True},
        "allow_promotion_codes": True,
        "adaptive_pricing": {"enabled": True},
        "invoice_creation": {"enabled": True},
    }
    return {name: value for name, value in (params | changes).items() if value is not None}


def until(condition: Callable[[], bool], seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "the condition did not come true in time"
        time.sleep(0.01)


def raw(sim: StripeSimulator, method: str, path: str, **options: Any) -> requests.Response:  # noqa: ANN401  # of requests
    headers = {"Authorization": f"Bearer {sim.api_key}", **options.pop("headers", {})}
    return requests.request(method, sim.url + path, headers=headers, timeout=10, **options)


# The API.


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


# Webhooks.


def test_events_arrive_signed_and_are_then_delivered(
    sim: StripeSimulator, sdk: stripe.StripeClient, receiver: Receiver
) -> None:
    """The endpoint gets the bytes that were signed; a 2xx ends the delivery."""
    sim.set_webhook(receiver.url)
    made = sdk.v1.checkout.sessions.create(session_params())
    sim.pay(made.id)
    until(lambda: bool(receiver.received))
    body, signature = receiver.received[0]
    event = stripe.Webhook.construct_event(body, signature, sim.webhook_secret)
    assert (event.type, event.livemode) == ("checkout.session.completed", False)
    assert event.api_version == stripe.api_version
    assert event.data.object["id"] == made.id
    until(lambda: not sim.pending_events())
    assert sdk.v1.events.list({"delivery_success": False}).data == []
    assert sdk.v1.events.retrieve(event.id).pending_webhooks == 0


def test_thin_events_lead_to_their_object_and_their_twin(
    sim: StripeSimulator, sdk: stripe.StripeClient, receiver: Receiver
) -> None:
    """A thin notification verifies, and fetches the object, the event and its snapshot."""
    sim.set_webhook(receiver.url, payload="thin")
    made = sdk.v1.checkout.sessions.create(session_params())
    sim.pay(made.id)
    until(lambda: bool(receiver.received))
    body, signature = receiver.received[0]
    notification = sdk.parse_event_notification(body, signature, sim.webhook_secret)
    assert notification.type == "v1.checkout.session.completed"
    related: Any = notification
    assert related.related_object.id == made.id
    assert related.fetch_related_object().payment_status == "paid"
    twin = notification.fetch_event().snapshot_event
    assert twin is not None
    assert sdk.v1.events.retrieve(twin).type == "checkout.session.completed"


def test_during_a_roll_both_secrets_sign(
    sim: StripeSimulator, sdk: stripe.StripeClient, receiver: Receiver
) -> None:
    """Two v1 values in the header; either secret verifies."""
    sim.set_webhook(receiver.url, secrets=["whsec_new", "whsec_old"])
    sim.pay(sdk.v1.checkout.sessions.create(session_params()).id)
    until(lambda: bool(receiver.received))
    body, signature = receiver.received[0]
    assert signature.count("v1=") == 2
    for secret in ("whsec_new", "whsec_old"):
        assert stripe.Webhook.construct_event(body, signature, secret)


def test_a_refusing_endpoint_is_tried_again_with_a_new_signature(
    sim: StripeSimulator, sdk: stripe.StripeClient, receiver: Receiver
) -> None:
    """Anything but 2xx is repeated with growing pauses until it is taken, or given up."""
    sim.change(first_retry_seconds=0.05, max_attempts=3)
    sim.set_webhook(receiver.url)
    receiver.answers = [500, 302]
    sim.pay(sdk.v1.checkout.sessions.create(session_params()).id)
    until(lambda: not sim.pending_events())
    [delivery] = sim.deliveries()
    assert [each["status"] for each in delivery["attempts"]] == [500, 302, 200]
    receiver.answers = [400, 400, 400]
    sim.pay(sdk.v1.checkout.sessions.create(session_params()).id)
    until(lambda: sim.deliveries()[-1]["state"] == "failed")
    assert len(sdk.v1.events.list({"delivery_success": False}).data) == 1


def test_events_can_be_doubled_twinned_delayed_lost_and_spoilt(
    sim: StripeSimulator, sdk: stripe.StripeClient, receiver: Receiver
) -> None:
    """One event each way: what arrives, how often, and what only the list of events knows."""
    sim.change(first_retry_seconds=0.05)
    sim.set_webhook(receiver.url)

    def pay(mode: str) -> list[str]:
        sim.plan(mode)
        session = sdk.v1.checkout.sessions.create(session_params())
        return [event["id"] for event in sim.pay(session.id)]

    [doubled] = pay("duplicate=3")
    until(lambda: receiver.ids().count(doubled) == 3)
    one, other = pay("twin")
    until(lambda: {one, other} <= set(receiver.ids()))
    [late] = pay("delay=0.4")
    assert late not in receiver.ids()
    until(lambda: late in receiver.ids())
    [lost] = pay("lose")
    receiver.answers = [400]
    [stale] = pay("stale=400")
    until(lambda: receiver.ids().count(stale) == 2)
    verdicts = []
    for body, signature in receiver.received[-2:]:
        try:
            stripe.Webhook.construct_event(body, signature, sim.webhook_secret)
            verdicts.append("verified")
        except stripe.SignatureVerificationError:
            verdicts.append("refused")
    assert verdicts == ["refused", "verified"]
    until(lambda: not sim.pending_events())
    assert lost not in receiver.ids()
    missed = sdk.v1.events.list({"delivery_success": False})
    assert [event.id for event in missed.data] == [lost]


def test_held_events_are_released_in_a_seeded_order(
    sim: StripeSimulator, sdk: stripe.StripeClient, receiver: Receiver
) -> None:
    """Nothing arrives before the release; the same seed gives the same order."""
    sim.change(hold=True)
    sim.set_webhook(receiver.url)
    made = sdk.v1.checkout.sessions.create(session_params())
    sim.pay(made.id)
    sim.refund(made.id, 1000)
    sim.dispute(made.id)
    order = [event["id"] for event in sim.pending_events()]
    assert (len(order), receiver.ids()) == (5, [])
    first = [event_id for event_id, _ in sim.release(seed=7)]
    assert receiver.ids() == first != order
    assert sorted(first) == sorted(order)
    assert sim.deliver(order[0], duplicates=20) == [200] * 20


# The page and the dashboard, as a browser without JavaScript uses them.


def forms(page: str) -> list[str]:
    return re.findall(r'action="([^"]+)"', page)


def test_a_buyer_pays_on_the_page_with_a_code_after_a_declined_card(
    sim: StripeSimulator, sdk: stripe.StripeClient
) -> None:
    """Open, decline, apply a code, pay: back at the shop with the session's id."""
    made = sdk.v1.checkout.sessions.create(session_params())
    page = requests.get(str(made.url), timeout=5)
    assert page.status_code == 200
    assert "$49.99" in page.text
    assert "1000 credits" in page.text
    assert "<script" not in page.text
    assert not re.search(r'(src|href)="https?:', page.text)
    root = f"/c/pay/{made.id}"
    assert {f"{root}/{move}" for move in ("pay", "decline", "pay_later", "abandon", "code")} == set(
        forms(page.text)
    )
    declined = requests.post(f"{made.url}/decline", timeout=5)
    assert (declined.status_code, "declined" in declined.text) == (402, True)
    wrong = requests.post(f"{made.url}/code", data={"code": "<b>"}, timeout=5)
    assert (wrong.status_code, "This code is invalid." in wrong.text) == (400, True)
    applied = requests.post(f"{made.url}/code", data={"code": "HALF"}, timeout=5)
    assert "$24.99" in applied.text
    back = requests.post(f"{made.url}/pay", timeout=5, allow_redirects=False)
    assert back.status_code == 303
    assert back.headers["Location"] == f"http://127.0.0.1:9/return?session_id={made.id}"
    read = sdk.v1.checkout.sessions.retrieve(made.id)
    assert (read.payment_status, read.amount_subtotal, read.amount_total) == ("paid", 4999, 2499)
    twice = requests.post(f"{made.url}/pay", timeout=5, allow_redirects=False)
    assert twice.status_code == 303
    assert len(sim.events()) == 1


def test_a_buyer_may_leave_or_come_too_late(sim: StripeSimulator, sdk: stripe.StripeClient) -> None:
    """Leaving goes to the shop's cancel page; an expired page says that nothing was charged."""
    made = sdk.v1.checkout.sessions.create(session_params())
    left = requests.post(f"{made.url}/abandon", timeout=5, allow_redirects=False)
    assert (left.status_code, left.headers["Location"]) == (303, "http://127.0.0.1:9/billing")
    sim.advance(2000)
    late = requests.get(str(made.url), timeout=5)
    assert (late.status_code, "You have not been charged" in late.text) == (404, True)
    assert requests.get(f"{sim.url}/c/pay/cs_test_none", timeout=5).status_code == 404


def test_what_the_shop_sends_is_shown_as_text(
    sim: StripeSimulator, sdk: stripe.StripeClient
) -> None:
    """A product named like a script stays a name, on the page and on the dashboard."""
    data = {"currency": "usd", "unit_amount": 500, "product_data": {"name": "<script>1</script>"}}
    made = sdk.v1.checkout.sessions.create(
        session_params(
            line_items=[{"price_data": data, "quantity": 1}], client_reference_id="<script>2"
        )
    )
    for url in (str(made.url), f"{sim.url}/dashboard"):
        assert "<script" not in requests.get(url, timeout=5).text


def test_the_dashboard_moves_payments(sim: StripeSimulator, sdk: stripe.StripeClient) -> None:
    """Each button of the dashboard does what it says, and the page shows what became of it."""
    made = sdk.v1.checkout.sessions.create(session_params())
    root = f"{sim.url}/dashboard"

    def press(action: str, **fields: str) -> str:
        reply = requests.post(f"{root}/{action}", data=fields, timeout=5)
        assert reply.status_code == 200, reply.text
        return reply.text

    sim.pay_later(made.id)
    press(f"sessions/{made.id}/async_succeed")
    intent = str(sdk.v1.checkout.sessions.retrieve(made.id).payment_intent)
    assert f"/dashboard/payments/{intent}/refund" in forms(
        press(f"payments/{intent}/refund", amount="1000")
    )
    [refund] = sdk.v1.refunds.list().data
    press(f"refunds/{refund.id}/fail")
    press(f"payments/{intent}/fraud_warning")
    press(f"payments/{intent}/dispute", kind="inquiry")
    [dispute] = sdk.v1.disputes.list().data
    press(f"disputes/{dispute.id}/withdraw")
    shown = press(f"disputes/{dispute.id}/win")
    press(f"events/{sim.events()[0]['id']}/resend")
    assert sdk.v1.disputes.retrieve(dispute.id).status == "won"
    for action in forms(shown):
        assert action.startswith("/dashboard/")
    refused = requests.post(f"{root}/disputes/{dispute.id}/win", timeout=5)
    assert (refused.status_code, "This dispute is won." in refused.text) == (400, True)


# The control endpoint and the command.


def test_the_control_endpoint_does_the_same(sim: StripeSimulator, receiver: Receiver) -> None:
    """What a test in the same process can do, another process can do over HTTP."""

    def control(method: str, path: str, body: object = None) -> Any:  # noqa: ANN401  # JSON
        reply = requests.request(method, f"{sim.url}/_control/{path}", json=body, timeout=10)
        assert reply.status_code == 200, reply.text
        return reply.json()

    assert control("GET", "health")["status"] == "ok"
    control("PUT", "webhook", {"url": receiver.url, "secret": "whsec_a", "payload": "snapshot"})
    control("PUT", "prices", {"id": "price_x", "name": "X", "unit_amount": 999})
    control("PATCH", "settings", {"hold": True})
    control("POST", "faults", {"fault": "503", "on": "checkout.sessions.create"})
    control("POST", "plans", {"mode": "duplicate=2", "type": "charge.refunded"})
    sdk = client_of(sim.url, sim.api_key)
    line = {"price": "price_x", "quantity": 2}
    made = sdk.v1.checkout.sessions.create(session_params(line_items=[line]))
    paid = control("POST", f"sessions/{made.id}/pay")
    assert [event["type"] for event in paid["events"]] == ["checkout.session.completed"]
    refund = control("POST", f"payments/{made.id}/refund", {"amount": 500, "pending": True})
    control("POST", f"refunds/{refund['object']['id']}/fail")
    dispute = control("POST", f"payments/{made.id}/dispute", {"kind": "chargeback"})["object"]
    lost = control("POST", f"disputes/{dispute['id']}/lose")["object"]
    assert lost["status"] == "lost"
    event = paid["events"][0]["id"]
    assert control("POST", f"events/{event}/deliver", {"duplicates": 2})["statuses"] == [200, 200]
    released = control("POST", "release", {"seed": 3})
    assert [each["event"] for each in released] == receiver.ids()[2:]
    assert control("GET", f"deliveries?event={event}")[0]["state"] == "delivered"
    assert len(control("GET", "objects/refund")) == 1
    before = control("GET", "clock")["now"]
    assert control("POST", "clock", {"advance_seconds": 100})["now"] >= before + 100
    for path, body, status in (
        ("faults", {"fault": "nonsense"}, 400),
        ("faults", {"fault": "500", "on": "nonsense"}, 400),
        ("plans", {"mode": "nonsense"}, 400),
        ("sessions/cs_none/pay", {}, 404),
        (f"sessions/{made.id}/pay", {}, 409),
        ("nonsense", {}, 404),
    ):
        assert (
            requests.post(f"{sim.url}/_control/{path}", json=body, timeout=5).status_code == status
        )


def test_events_leave_this_machine_for_nobody(sim: StripeSimulator) -> None:
    """A webhook address elsewhere is refused."""
    for url in ("http://192.0.2.1/x", "https://127.0.0.1/x", "ftp://127.0.0.1/x"):
        reply = requests.put(f"{sim.url}/_control/webhook", json={"url": url}, timeout=10)
        assert reply.status_code == 400


@contextlib.contextmanager
def started(*options: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "dev.simulators.stripe", "--quiet", *options],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": f"{ROOT}/layers/core/python:{ROOT}"},
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        yield line.rsplit(" ", 1)[-1].strip(), process
    finally:
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


def test_the_command_serves_remembers_after_a_kill_and_ends_on_sigterm(tmp_path: Path) -> None:
    """Killed without warning, it knows all it has said; SIGTERM ends it with 0."""
    with started("--state", str(tmp_path)) as (url, process):
        requests.put(
            f"{url}/_control/prices",
            json={"id": "price_p1000", "name": "1000 credits", "unit_amount": 4999},
            timeout=5,
        )
        sdk = client_of(url, "sk_test_anything")
        made = sdk.v1.checkout.sessions.create(session_params(), {"idempotency_key": "order-1"})
        requests.post(f"{url}/_control/sessions/{made.id}/pay", timeout=5)
        last = sdk.v1.customers.create({"email": "last@example.com"})
        process.kill()
        process.wait()
    with started("--state", str(tmp_path)) as (url, process):
        sdk = client_of(url, "sk_test_anything")
        assert sdk.v1.checkout.sessions.retrieve(made.id).payment_status == "paid"
        assert [event.type for event in sdk.v1.events.list().data] == ["checkout.session.completed"]
        assert sdk.v1.customers.retrieve(last.id).email == "last@example.com"
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) == 0
