"""The endpoints under `/_control/`: what a test sets, breaks and asserts. No authentication."""

from collections.abc import Callable
from typing import Annotated

from pydantic import Field

from dev.simulators.core.control import PREFIX, Body, Count, FaultOrder, json_object
from dev.simulators.core.faults import ANY
from dev.simulators.core.request import Request
from dev.simulators.core.response import JsonObject, Response
from dev.simulators.stripe.errors import StripeFailure
from dev.simulators.stripe.resources.actions import Details
from dev.simulators.stripe.responses import json_response
from dev.simulators.stripe.service import StripeService
from dev.simulators.stripe.webhooks.destinations import FIRST
from dev.simulators.stripe.webhooks.events import Spoil


class _FaultOrder(FaultOrder):
    on: str = ANY


class _PlanOrder(Body):
    mode: str
    count: Count = 1
    type: str | None = None


class _Delivery(Body):
    duplicates: Annotated[int, Field(ge=1, le=100)] = 1
    spoil: Spoil | None = None


class _Release(Body):
    seed: int | None = None
    backwards: bool = False


class _Mark(Body):
    state: Annotated[str, Field(pattern="^(delivered|lost|held|pending)$")]


class _ClockOrder(Body):
    advance_seconds: Annotated[float, Field(ge=0, le=366 * 86_400)]


class _PriceOrder(Body):
    id: Annotated[str, Field(pattern="^price_[A-Za-z0-9_-]{1,100}$")]
    name: Annotated[str, Field(min_length=1, max_length=200)]
    unit_amount: Annotated[int, Field(ge=0)]
    currency: Annotated[str, Field(pattern="^[a-z]{3}$")] = "usd"
    lookup_key: str | None = None
    active: bool = True


class _CodeOrder(Body):
    code: Annotated[str, Field(pattern="^[A-Za-z0-9]{1,50}$")]
    percent_off: Annotated[float, Field(gt=0, le=100)]


class Control:
    """Answers `/_control/` requests; mistakes of the caller are 400s that name them."""

    def __init__(self, service: StripeService) -> None:
        self._service = service
        self._fixed: dict[tuple[str, str], Callable[[Request], object]] = {
            ("GET", "health"): lambda _: {"status": "ok", "service": "stripe-simulator"},
            ("GET", "settings"): lambda _: service.settings.model_dump(mode="json"),
            ("PATCH", "settings"): self._change,
            ("GET", "faults"): lambda _: self._faults(),
            ("POST", "faults"): self._queue_fault,
            ("DELETE", "faults"): lambda _: service.clear_faults(),
            ("GET", "webhook"): lambda _: self._webhook(),
            ("PUT", "webhook"): self._set_webhook,
            ("POST", "plans"): self._queue_plan,
            ("DELETE", "plans"): lambda _: service.deliveries.clear_plans(),
            ("GET", "deliveries"): self._deliveries,
            ("POST", "release"): self._release,
            ("GET", "events"): lambda _: service.store.select("event"),
            ("GET", "clock"): lambda _: self._time(),
            ("POST", "clock"): self._advance,
            ("PUT", "prices"): self._price,
            ("PUT", "promotion_codes"): self._code,
            ("GET", "requests"): lambda _: service.api.counts(),
            ("POST", "reset"): lambda _: service.reset(),
        }

    def handle(self, request: Request) -> Response:
        """Answer one request."""
        try:
            found = self._dispatch(request)
        except StripeFailure as failure:
            return json_response(failure.status, {"error": str(failure)})
        except KeyError as error:
            return json_response(404, {"error": f"not found: {error}"})
        except ValueError as error:
            return json_response(400, {"error": str(error)})
        return json_response(200, {} if found is None else found)

    def _dispatch(self, request: Request) -> object:
        parts = request.path.removeprefix(PREFIX).strip("/").split("/")
        fixed = self._fixed.get((request.method, "/".join(parts)))
        if fixed:
            return fixed(request)
        match request.method, parts:
            case "PUT", ["webhooks", identifier]:
                return self._set_webhook(request, identifier)
            case "POST", ["events", identifier, "deliver"]:
                order = _Delivery.model_validate_json(request.body or b"{}")
                return self._deliver(identifier, order)
            case "POST", ["events", identifier, "mark"]:
                mark = _Mark.model_validate_json(request.body)
                self._service.deliveries.mark(identifier, mark.state)
                return None
            case "GET", ["objects", kind]:
                return self._service.store.select(kind)
            case "POST", [noun, identifier, move]:
                details = Details.model_validate_json(request.body or b"{}")
                item, events = self._service.actions.perform(noun, identifier, move, details)
                return {"object": item, "events": events}
            case _:
                raise KeyError(request.path)

    def _change(self, request: Request) -> JsonObject:
        self._service.change(**json_object(request))
        return self._service.settings.model_dump(mode="json")

    def _faults(self) -> object:
        return [each.as_json() for each in self._service.api.faults.pending()]

    def _queue_fault(self, request: Request) -> None:
        order = _FaultOrder.model_validate_json(request.body)
        self._service.inject(order.fault, count=order.count, on=order.on)

    def _webhook(self) -> object:
        return [each.model_dump(mode="json") for each in self._service.deliveries.destinations()]

    def _set_webhook(self, request: Request, identifier: str = FIRST) -> object:
        self._service.set_webhook(identifier, **json_object(request))
        return self._webhook()

    def _queue_plan(self, request: Request) -> None:
        order = _PlanOrder.model_validate_json(request.body)
        self._service.plan(order.mode, count=order.count, kind=order.type)

    def _deliveries(self, request: Request) -> object:
        wanted = request.parameters
        return self._service.store.select(
            "delivery", lambda item: all(item.get(name) == value for name, value in wanted.items())
        )

    def _release(self, request: Request) -> object:
        order = _Release.model_validate_json(request.body or b"{}")
        sent = self._service.deliveries.release(seed=order.seed, backwards=order.backwards)
        return [{"event": event, "statuses": statuses} for event, statuses in sent]

    def _deliver(self, event_id: str, order: _Delivery) -> object:
        statuses = self._service.deliveries.deliver(
            event_id, copies=order.duplicates, spoil=order.spoil
        )
        return {"statuses": statuses}

    def _time(self) -> object:
        return {"now": self._service.clock.now()}

    def _advance(self, request: Request) -> object:
        order = _ClockOrder.model_validate_json(request.body)
        self._service.advance(order.advance_seconds)
        return self._time()

    def _price(self, request: Request) -> object:
        order = _PriceOrder.model_validate_json(request.body)
        return self._service.add_price(
            order.id,
            name=order.name,
            unit_amount=order.unit_amount,
            currency=order.currency,
            lookup_key=order.lookup_key,
            active=order.active,
        )

    def _code(self, request: Request) -> object:
        order = _CodeOrder.model_validate_json(request.body)
        return self._service.add_promotion_code(order.code, order.percent_off)
