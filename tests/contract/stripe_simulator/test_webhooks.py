"""Events of Stripe's simulator reach an endpoint, whatever befalls them."""

from typing import Any

import stripe

from dev.simulators.stripe.simulator import StripeSimulator
from tests.support.stripe_simulator import Receiver, session_params, until


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
