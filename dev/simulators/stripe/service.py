"""One Stripe account: every part of the simulator but the server."""

from pathlib import Path
from typing import Final

from dev.simulators.core.control import changed
from dev.simulators.core.faults import ANY, UnknownFault
from dev.simulators.core.response import JsonObject
from dev.simulators.stripe.api.faults import parse_call
from dev.simulators.stripe.api.handler import Api
from dev.simulators.stripe.api.idempotency import Idempotency
from dev.simulators.stripe.api.operations import Operations
from dev.simulators.stripe.clock import Clock
from dev.simulators.stripe.resources.actions import Actions
from dev.simulators.stripe.resources.catalogue import (
    add_promotion_code,
    new_price,
    new_product,
    stock,
)
from dev.simulators.stripe.resources.checkout import Checkout
from dev.simulators.stripe.resources.reversals import Reversals
from dev.simulators.stripe.settings import Settings
from dev.simulators.stripe.store import Store
from dev.simulators.stripe.webhooks.deliveries import Deliveries
from dev.simulators.stripe.webhooks.destinations import FIRST, Destination
from dev.simulators.stripe.webhooks.events import parse_plan
from dev.simulators.stripe.webhooks.sender import DeliverySender

_EXPIRY: Final = "expiry"
"""Scheduled like a delivery, though it is none: sessions expire without being asked for."""
_EXPIRY_SECONDS: Final = 1.0


class StripeService:
    """
    One Stripe account.

    `url` is where its pages are. With a `state` directory it continues where it was stopped or
    killed. Control methods may be called from any thread.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        url: str,
        state: Path | None = None,
        api_key: str | None = None,
    ) -> None:
        self.settings = settings
        self._initial = settings
        self.store = Store(state)
        self.sender = DeliverySender()
        ahead = (self.store.get("clock", "clock") or {"ahead_seconds": 0.0})["ahead_seconds"]
        self.clock = Clock(ahead_seconds=ahead)
        self.deliveries = Deliveries(
            self.store, self.clock, lambda: self.settings, schedule=self.sender.schedule
        )
        self.checkout = Checkout(
            self.store, self.clock, self.deliveries, lambda: self.settings, url=url
        )
        self.reversals = Reversals(self.store, self.clock, self.deliveries, lambda: self.settings)
        self.actions = Actions(self.store, self.checkout, self.reversals)
        operations = Operations(
            self.store,
            self.clock,
            checkout=self.checkout,
            reversals=self.reversals,
            deliveries=self.deliveries,
        )
        self.api = Api(
            self.store,
            operations,
            self.checkout,
            Idempotency(self.store, self.clock),
            api_key=api_key,
        )
        self._operation_names = operations.names()
        self._stock()

    def start(self) -> None:
        """Begin to deliver, first what waits since the last run."""
        for delivery in self.store.select("delivery", lambda item: item["state"] == "pending"):
            self.sender.schedule(delivery["id"], 0.0)
        self.sender.schedule(_EXPIRY, 0.0)
        self.sender.start(self._attempt)

    def close(self) -> None:
        """Stop delivering and close the journal."""
        self.sender.stop()
        self.store.close()

    def change(self, **changes: object) -> None:
        """Change settings by name; raise `ValidationError` for what cannot be."""
        self.settings = changed(self.settings, changes)

    def inject(self, fault: str, *, count: int = 1, on: str = ANY) -> None:
        """Let the next `count` requests of an operation meet a fault; raise `UnknownFault`."""
        call = parse_call(fault)
        known = any(name == on or name.startswith(f"{on}.") for name in self._operation_names)
        if on != ANY and not known:
            raise UnknownFault(f"unknown operation {on!r}")
        with self.store.transaction():
            self.api.faults.add(call, operation=on, count=count)

    def clear_faults(self) -> None:
        """Forget the faults that still wait."""
        with self.store.transaction():
            self.api.faults.clear()

    def plan(self, mode: str, *, count: int = 1, kind: str | None = None) -> None:
        """Deliver the next `count` events, of a type, in this mode; raise `UnknownMode`."""
        self.deliveries.queue_plan(parse_plan(mode), kind=kind, count=count)

    def set_webhook(self, identifier: str = FIRST, **fields: object) -> None:
        """Make or replace a destination by the fields of `Destination`."""
        self.deliveries.set_destination(Destination.model_validate({**fields, "id": identifier}))

    def advance(self, seconds: float) -> None:
        """Move Stripe's time on; sessions whose time is over expire."""
        self.clock.advance(seconds)
        with self.store.transaction():
            self.store.put("clock", {"id": "clock", "ahead_seconds": self.clock.ahead_seconds})
            self.checkout.expire_overdue()

    def add_price(
        self,
        identifier: str,
        *,
        name: str,
        unit_amount: int,
        currency: str = "usd",
        lookup_key: str | None = None,
        active: bool = True,
    ) -> JsonObject:
        """Put a price with its product into the catalogue, in the place of one with its id."""
        with self.store.transaction():
            product = new_product(name, at=self.clock.now())
            self.store.put("product", product)
            price = new_price(
                product,
                unit_amount=unit_amount,
                currency=currency,
                at=self.clock.now(),
                identifier=identifier,
                lookup_key=lookup_key,
                active=active,
            )
            self.store.put("price", price)
            return price

    def add_promotion_code(self, code: str, percent_off: float) -> JsonObject:
        """Let buyers use a code that takes a percentage off."""
        with self.store.transaction():
            return add_promotion_code(self.store, code, percent_off, at=self.clock.now())

    def reset(self) -> None:
        """Forget everything but the destinations; time, settings and catalogue start anew."""
        with self.store.transaction():
            kept = self.store.select("destination")
            self.sender.forget()
            self.sender.schedule(_EXPIRY, _EXPIRY_SECONDS)
            self.store.remove_all()
            self.deliveries.clear_plans()
            self.api.forget()
            self.settings = self._initial
            self.clock.reset()
            for destination in kept:
                self.store.put("destination", destination)
            self._stock()

    def _attempt(self, appointment: str) -> float | None:
        if appointment != _EXPIRY:
            return self.deliveries.attempt(appointment)
        with self.store.transaction():
            self.checkout.expire_overdue()
        return _EXPIRY_SECONDS

    def _stock(self) -> None:
        with self.store.transaction():
            stock(self.store, at=self.clock.now())
            if self.store.get("destination", FIRST) is None:
                self.deliveries.set_destination(Destination())
