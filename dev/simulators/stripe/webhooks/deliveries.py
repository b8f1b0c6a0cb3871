"""
Deliveries of events.

A delivery is an event for a destination. It is `pending` until it arrives (2xx), `held` until it is
released, `lost` if a test asked for that, `failed` after the last attempt.
"""

import random
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

import requests

from dev.simulators.core.response import JsonObject
from dev.simulators.stripe.clock import Clock
from dev.simulators.stripe.settings import Settings
from dev.simulators.stripe.store import Store
from dev.simulators.stripe.webhooks.destinations import FIRST, Destination
from dev.simulators.stripe.webhooks.events import Plan, SignedBody, Spoil, new_event, sign

WAITING: Final = frozenset({"pending", "held"})
_MAX_QUEUED: Final = 1000
_MAX_PARALLEL: Final = 20

Post = Callable[[str, SignedBody, float], int | str]


def post(url: str, message: SignedBody, timeout_seconds: float) -> int | str:
    """Send one delivery; return the status of the response, or why there is none."""
    try:
        with requests.Session() as session:
            session.trust_env = False
            response = session.post(
                url,
                data=message.body,
                headers=dict(message.headers),
                timeout=timeout_seconds,
                allow_redirects=False,
            )
    except requests.RequestException as error:
        return type(error).__name__
    return response.status_code


class Deliveries:
    """
    The log of events and the state of each delivery. Thread-safe.

    `schedule` receives each delivery to attempt, and when (real seconds from now).
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        settings: Callable[[], Settings],
        *,
        schedule: Callable[[str, float], None],
        sender: Post = post,
    ) -> None:
        self._store = store
        self._clock = clock
        self._settings = settings
        self._schedule = schedule
        self._send = sender
        self._plans: list[tuple[Plan, str | None]] = []

    def emit(
        self, kind: str, item: JsonObject, previous: JsonObject | None = None
    ) -> list[JsonObject]:
        """Record that something happened; return the event, or two when a twin was asked for."""
        with self._store.transaction():
            plan = self._take_plan(kind)
            made = [
                new_event(kind, item, previous=previous, at=self._clock.now())
                for _ in range(2 if plan.twin else 1)
            ]
            for event in made:
                self._store.put("event", event)
                for destination in self.destinations():
                    if destination.takes(kind):
                        self._plan_delivery(event, destination, plan)
            return made

    def queue_plan(self, plan: Plan, *, kind: str | None, count: int) -> None:
        """Let the next `count` events, of a type if one is given, be delivered by this plan."""
        if not 1 <= count <= _MAX_QUEUED or len(self._plans) + count > _MAX_QUEUED:
            raise ValueError(f"count must be 1..{_MAX_QUEUED}")
        with self._store.transaction():
            self._plans.extend([(plan, kind)] * count)

    def clear_plans(self) -> None:
        """Forget the plans that still wait."""
        with self._store.transaction():
            self._plans.clear()

    def destinations(self) -> Sequence[Destination]:
        """Return where events go; the first destination is always there."""
        return [Destination.model_validate(each) for each in self._store.select("destination")]

    def set_destination(self, destination: Destination) -> None:
        """Add or replace a destination; what waits for it is sent to its new address."""
        with self._store.transaction():
            self._store.put("destination", destination.model_dump(mode="json"))
            for delivery in self._store.select(
                "delivery",
                lambda item: item["destination"] == destination.id and item["state"] == "pending",
            ):
                self._schedule(delivery["id"], 0.0)

    def of_event(self, event_id: str) -> list[JsonObject]:
        """Return the deliveries of an event."""
        return self._store.select("delivery", lambda item: item["event"] == event_id)

    def arrived(self, event_id: str) -> bool:
        """Tell whether all endpoints have taken the event; Stripe's `delivery_success`."""
        return all(each["state"] == "delivered" for each in self.of_event(event_id))

    def waiting(self) -> list[JsonObject]:
        """Return the events, oldest first, of which some delivery is pending or held."""
        events = {
            each["event"]
            for each in self._store.select("delivery", lambda item: item["state"] in WAITING)
        }
        return self._store.select("event", lambda item: item["id"] in events)

    def signed(
        self,
        event_id: str,
        *,
        spoil: Spoil | None = None,
        spoil_seconds: float | None = None,
        destination_id: str = FIRST,
    ) -> SignedBody:
        """Return what the endpoint would receive now; raise `KeyError` for an unknown event."""
        event = self._store.get("event", event_id)
        found = self._store.get("destination", destination_id)
        if event is None or found is None:
            raise KeyError(event_id)
        destination = Destination.model_validate(found)
        return sign(
            event,
            payload=destination.payload,
            secrets=destination.secrets,
            at=self._clock.now(),
            spoil=spoil,
            spoil_seconds=spoil_seconds,
        )

    def deliver(
        self, event_id: str, *, copies: int = 1, spoil: Spoil | None = None
    ) -> list[int | str]:
        """
        Send an event at once, in any state; return the statuses, or what went wrong.

        Copies are sent at the same time. Nothing is sent to a destination without an address.
        """
        outcomes: list[int | str] = []
        for delivery in self.of_event(event_id):
            outcomes += self._attempt(delivery["id"], copies=copies, spoil=spoil)
        return outcomes

    def attempt(self, delivery_id: str) -> float | None:
        """Make the next planned attempt; return the seconds until another, or None."""
        delivery = self._store.get("delivery", delivery_id)
        if delivery is None or delivery["state"] != "pending":
            return None
        first = not delivery["attempts"]
        if self._store.get("event", delivery["event"]) is None:  # a reset came in between
            return None
        self._attempt(
            delivery_id,
            copies=delivery["copies"] if first else 1,
            spoil=Spoil(delivery["spoil"]) if first and delivery["spoil"] else None,
            spoil_seconds=delivery["spoil_seconds"],
        )
        return self._next_attempt(delivery_id)

    def mark(self, event_id: str, state: str) -> None:
        """Set the state of an event's deliveries: `delivered`, `lost`, `held` or `pending`."""
        with self._store.transaction():
            for delivery in self.of_event(event_id):
                self._store.put("delivery", delivery | {"state": state})
                if state == "pending":
                    self._schedule(delivery["id"], 0.0)

    def resend(self, event_id: str) -> None:
        """Send an event again in the background, as the dashboard's button does."""
        if self._store.get("event", event_id) is None:
            raise KeyError(event_id)
        self.mark(event_id, "pending")

    def release(
        self, *, seed: int | None = None, backwards: bool = False
    ) -> list[tuple[str, list[int | str]]]:
        """Deliver everything that waits, one after the other, shuffled if there is a seed."""
        events = [event["id"] for event in self.waiting()]
        if backwards:
            events.reverse()
        if seed is not None:
            random.Random(seed).shuffle(events)
        return [(event_id, self.deliver(event_id)) for event_id in events]

    def _take_plan(self, kind: str) -> Plan:
        for index, (plan, wanted) in enumerate(self._plans):
            if wanted in (None, kind):
                del self._plans[index]
                return plan
        return Plan()

    def _plan_delivery(self, event: JsonObject, destination: Destination, plan: Plan) -> None:
        state = "lost" if plan.lose else "held" if plan.hold or self._settings().hold else "pending"
        delivery: dict[str, Any] = {
            "id": f"{event['id']}:{destination.id}",
            "event": event["id"],
            "type": event["type"],
            "destination": destination.id,
            "state": state,
            "copies": plan.copies,
            "spoil": plan.spoil,
            "spoil_seconds": plan.spoil_seconds,
            "attempts": [],
        }
        self._store.put("delivery", delivery)
        if state == "pending":
            self._schedule(delivery["id"], plan.delay_seconds)

    def _attempt(
        self,
        delivery_id: str,
        *,
        copies: int,
        spoil: Spoil | None,
        spoil_seconds: float | None = None,
    ) -> list[int | str]:
        delivery = self._store.get("delivery", delivery_id)
        found = self._store.get("destination", delivery["destination"]) if delivery else None
        url = found["url"] if found else None
        if delivery is None or url is None:
            return []
        message = self.signed(
            delivery["event"],
            spoil=spoil,
            spoil_seconds=spoil_seconds,
            destination_id=delivery["destination"],
        )
        timeout = self._settings().delivery_timeout_seconds
        if copies == 1:
            outcomes = [self._send(url, message, timeout)]
        else:
            with ThreadPoolExecutor(min(copies, _MAX_PARALLEL)) as pool:
                sent = [pool.submit(self._send, url, message, timeout) for _ in range(copies)]
                outcomes = [each.result() for each in sent]
        self._record(delivery_id, outcomes, spoil)
        return outcomes

    def _record(self, delivery_id: str, outcomes: Sequence[int | str], spoil: Spoil | None) -> None:
        with self._store.transaction():
            delivery = self._store.get("delivery", delivery_id)
            if delivery is None:  # a reset came in between
                return
            at = self._clock.now()
            delivery["attempts"] += [
                {"at": at, "status": each, "spoil": spoil} for each in outcomes
            ]
            if any(isinstance(each, int) and 200 <= each < 300 for each in outcomes):  # noqa: PLR2004  # 2xx
                delivery["state"] = "delivered"
            self._store.put("delivery", delivery)

    def _next_attempt(self, delivery_id: str) -> float | None:
        settings = self._settings()
        with self._store.transaction():
            delivery = self._store.get("delivery", delivery_id)
            if delivery is None or delivery["state"] != "pending" or not delivery["attempts"]:
                return None
            made = len(delivery["attempts"])
            if made >= settings.max_attempts:
                self._store.put("delivery", delivery | {"state": "failed"})
                return None
        doubled = settings.first_retry_seconds * 2.0 ** (made - 1)
        return float(min(settings.longest_retry_seconds, doubled))
