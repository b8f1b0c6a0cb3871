"""The endpoints: which path is which operation, of which request type, and what it does."""

import fnmatch
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from dev.simulators.core.response import JsonObject
from dev.simulators.stripe.api.views import Views, matches
from dev.simulators.stripe.clock import Clock
from dev.simulators.stripe.errors import StripeFailure, invalid, missing
from dev.simulators.stripe.resources.checkout import Checkout
from dev.simulators.stripe.resources.reversals import Reversals
from dev.simulators.stripe.store import Store
from dev.simulators.stripe.webhooks.deliveries import Deliveries
from dev.simulators.stripe.webhooks.events import snapshot_id, thin_event

EVENTS_KEPT_SECONDS: Final = 30 * 24 * 3600
_MAX_TYPES: Final = 20

Run = Callable[[JsonObject, str], JsonObject]


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """
    One endpoint.

    `params` is the SDK's type of its request. `run` takes the validated parameters and the id in
    the path ("" without one).
    """

    name: str
    method: str
    path: re.Pattern[str]
    params: str
    run: Run


class Operations:
    """Every endpoint of the simulator."""

    def __init__(  # the parts it joins
        self,
        store: Store,
        clock: Clock,
        *,
        checkout: Checkout,
        reversals: Reversals,
        deliveries: Deliveries,
    ) -> None:
        self._store = store
        self._clock = clock
        self._checkout = checkout
        self._reversals = reversals
        self._deliveries = deliveries
        self._views = Views(store)
        self._all = self._table()

    def find(self, method: str, path: str) -> tuple[Operation, str]:
        """Return the endpoint and the id in the path; raise the 404 that Stripe gives."""
        for operation in self._all:
            found = operation.path.fullmatch(path)
            if found and operation.method == method:
                return operation, found.groupdict().get("id", "")
        message = f"Unrecognized request URL ({method}: {path})."
        raise StripeFailure(message=message, status=404)

    def names(self) -> frozenset[str]:
        """Return the names that faults can be queued for."""
        return frozenset(operation.name for operation in self._all)

    def _table(self) -> tuple[Operation, ...]:
        sessions, line_items = "/v1/checkout/sessions", "/v1/checkout/sessions/{id}/line_items"
        return (
            _on("checkout.sessions.create", "POST", sessions, "checkout.SessionCreateParams",
                lambda params, _: self._views.one(self._checkout.create(params), params)),
            _on("checkout.sessions.expire", "POST", f"{sessions}/{{id}}/expire",
                "checkout.SessionExpireParams", self._expire),
            _on("checkout.sessions.line_items", "GET", line_items,
                "checkout.SessionListLineItemsParams", self._line_items),
            *self._readable("checkout.session", sessions, "checkout.Session",
                            "customer", "payment_intent", "status"),
            _on("customers.create", "POST", "/v1/customers", "CustomerCreateParams",
                lambda params, _: self._views.one(self._checkout.create_customer(params), params)),
            *self._readable("customer", "/v1/customers", "Customer", "email"),
            *self._readable("payment_intent", "/v1/payment_intents", "PaymentIntent", "customer"),
            *self._readable("charge", "/v1/charges", "Charge", "customer", "payment_intent"),
            _on("refunds.create", "POST", "/v1/refunds", "RefundCreateParams",
                lambda params, _: self._views.one(
                    self._reversals.create_refund(params)[0], params)),
            *self._readable("refund", "/v1/refunds", "Refund", "charge", "payment_intent"),
            *self._readable("dispute", "/v1/disputes", "Dispute", "charge", "payment_intent"),
            *self._readable("radar.early_fraud_warning", "/v1/radar/early_fraud_warnings",
                            "radar.EarlyFraudWarning", "charge", "payment_intent"),
            *self._readable("price", "/v1/prices", "Price",
                            "active", "currency", "product", "type"),
            *self._readable("promotion_code", "/v1/promotion_codes", "PromotionCode",
                            "active", "code", "customer"),
            _on("events.list", "GET", "/v1/events", "EventListParams", self._events),
            _on("events.retrieve", "GET", "/v1/events/{id}", "EventRetrieveParams", self._event),
            _on("v2.core.events.retrieve", "GET", "/v2/core/events/{id}", "EventRetrieveParams",
                self._thin_event),
        )  # fmt: skip

    def _readable(
        self, kind: str, path: str, params: str, *filters: str
    ) -> tuple[Operation, Operation]:
        """Return the endpoints that show one object, and a list of them."""
        name = path.removeprefix("/v1/").replace("/", ".")

        def retrieve(given: JsonObject, identifier: str) -> JsonObject:
            found = self._store.get(kind, identifier)
            if found is None:
                raise missing(kind, identifier)
            return self._views.one(found, given)

        def page(given: JsonObject, _: str) -> JsonObject:
            known = {*filters, "created", "ending_before", "expand", "limit", "starting_after"}
            for other in given:
                if other not in known:
                    raise invalid(f"The simulator cannot filter by {other}.", param=other)
            found = self._store.select(kind, lambda item: matches(item, given, *filters))
            return self._views.page(found, given, url=path, noun=kind)

        return (
            _on(f"{name}.retrieve", "GET", f"{path}/{{id}}", f"{params}RetrieveParams", retrieve),
            _on(f"{name}.list", "GET", path, f"{params}ListParams", page),
        )

    def _expire(self, params: JsonObject, identifier: str) -> JsonObject:
        self._checkout.expire(identifier)
        return self._views.one(self._checkout.session(identifier), params)

    def _line_items(self, params: JsonObject, identifier: str) -> JsonObject:
        self._checkout.session(identifier)
        lines = self._checkout.lines(identifier)[::-1]
        url = f"/v1/checkout/sessions/{identifier}/line_items"
        return self._views.page(lines, params, url=url, noun="item")

    def _events(self, params: JsonObject, _: str) -> JsonObject:
        types = params.get("types", [])
        if "type" in params and types:
            raise invalid(
                "You may only specify one of these parameters: type, types.", param="type"
            )
        if len(types) > _MAX_TYPES:
            raise invalid(f"You can pass at most {_MAX_TYPES} types.", param="types")
        patterns = [params["type"]] if "type" in params else types
        oldest = self._clock.now() - EVENTS_KEPT_SECONDS

        def wanted(event: JsonObject) -> bool:
            return (
                event["created"] > oldest
                and matches(event, params)
                and (not patterns or any(fnmatch.fnmatchcase(event["type"], p) for p in patterns))
            )

        found = self._store.select("event", wanted)
        if "delivery_success" in params:
            asked = params["delivery_success"]
            found = [each for each in found if self._deliveries.arrived(each["id"]) == asked]
        listed = self._views.page(found, params, url="/v1/events", noun="event")
        listed["data"] = [self._event_view(event) for event in listed["data"]]
        return listed

    def _event(self, params: JsonObject, identifier: str) -> JsonObject:
        return self._views.one(self._event_view(self._stored_event(identifier)), params)

    def _thin_event(self, params: JsonObject, identifier: str) -> JsonObject:
        if params:
            raise invalid("The simulator knows no parameters here.")
        return thin_event(self._stored_event(snapshot_id(identifier)), full=True)

    def _stored_event(self, identifier: str) -> JsonObject:
        event = self._store.get("event", identifier)
        if event is None or event["created"] <= self._clock.now() - EVENTS_KEPT_SECONDS:
            raise missing("event", identifier)
        return event

    def _event_view(self, event: JsonObject) -> JsonObject:
        deliveries = self._deliveries.of_event(event["id"])
        open_ones = sum(each["state"] in ("pending", "held") for each in deliveries)
        return event | {"pending_webhooks": open_ones}


def _on(name: str, method: str, path: str, params: str, run: Run) -> Operation:
    pattern = re.escape(path).replace(r"\{id\}", "(?P<id>[^/]+)")
    return Operation(name=name, method=method, path=re.compile(pattern), params=params, run=run)
