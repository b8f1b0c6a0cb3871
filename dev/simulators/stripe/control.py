"""The hidden face under `/_control/`: what a test sets, breaks and asserts. No authentication."""

import json
from collections.abc import Callable
from typing import Annotated, Any, Final
from urllib.parse import parse_qsl

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from dev.simulators.stripe.api.faults import MAX_QUEUED, UnknownFault
from dev.simulators.stripe.errors import StripeFailure
from dev.simulators.stripe.exchange import JsonObject, Reply, Request, json_reply
from dev.simulators.stripe.resources.actions import Details
from dev.simulators.stripe.service import Machine
from dev.simulators.stripe.webhooks.destinations import FIRST
from dev.simulators.stripe.webhooks.events import Spoil, UnknownMode

PREFIX: Final = "/_control/"


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _FaultOrder(_Body):
    fault: str
    count: Annotated[int, Field(ge=1, le=MAX_QUEUED)] = 1
    on: str = "any"


class _PlanOrder(_Body):
    mode: str
    count: Annotated[int, Field(ge=1, le=MAX_QUEUED)] = 1
    type: str | None = None


class _Delivery(_Body):
    duplicates: Annotated[int, Field(ge=1, le=100)] = 1
    spoil: Spoil | None = None


class _Release(_Body):
    seed: int | None = None
    backwards: bool = False


class _Mark(_Body):
    state: Annotated[str, Field(pattern="^(delivered|lost|held|pending)$")]


class _ClockOrder(_Body):
    advance_seconds: Annotated[float, Field(ge=0, le=366 * 86_400)]


class _PriceOrder(_Body):
    id: Annotated[str, Field(pattern="^price_[A-Za-z0-9_-]{1,100}$")]
    name: Annotated[str, Field(min_length=1, max_length=200)]
    unit_amount: Annotated[int, Field(ge=0)]
    currency: Annotated[str, Field(pattern="^[a-z]{3}$")] = "usd"
    lookup_key: str | None = None
    active: bool = True


class _CodeOrder(_Body):
    code: Annotated[str, Field(pattern="^[A-Za-z0-9]{1,50}$")]
    percent_off: Annotated[float, Field(gt=0, le=100)]


class Control:
    """Answers `/_control/` requests; mistakes of the caller are 400s that name them."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._fixed: dict[tuple[str, str], Callable[[Request], object]] = {
            ("GET", "health"): lambda _: {"status": "ok", "service": "stripe-simulator"},
            ("GET", "settings"): lambda _: machine.settings.model_dump(mode="json"),
            ("PATCH", "settings"): self._change,
            ("GET", "faults"): lambda _: self._faults(),
            ("POST", "faults"): self._queue_fault,
            ("DELETE", "faults"): lambda _: machine.clear_faults(),
            ("GET", "webhook"): lambda _: self._webhook(),
            ("PUT", "webhook"): self._set_webhook,
            ("POST", "plans"): self._queue_plan,
            ("DELETE", "plans"): lambda _: machine.deliveries.clear_plans(),
            ("GET", "deliveries"): self._deliveries,
            ("POST", "release"): self._release,
            ("GET", "events"): lambda _: machine.store.select("event"),
            ("GET", "clock"): lambda _: self._time(),
            ("POST", "clock"): self._advance,
            ("PUT", "prices"): self._price,
            ("PUT", "promotion_codes"): self._code,
            ("GET", "requests"): lambda _: machine.api.counts(),
            ("POST", "reset"): lambda _: machine.reset(),
        }

    def handle(self, request: Request) -> Reply:
        """Answer one request."""
        try:
            found = self._dispatch(request)
        except StripeFailure as failure:
            return json_reply(failure.status, {"error": str(failure)})
        except KeyError as error:
            return json_reply(404, {"error": f"not found: {error}"})
        except (ValidationError, UnknownFault, UnknownMode, ValueError) as error:
            return json_reply(400, {"error": str(error)})
        return json_reply(200, {} if found is None else found)

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
                self._machine.deliveries.mark(identifier, mark.state)
                return None
            case "GET", ["objects", kind]:
                return self._machine.store.select(kind)
            case "POST", [noun, identifier, move]:
                details = Details.model_validate_json(request.body or b"{}")
                item, events = self._machine.actions.perform(noun, identifier, move, details)
                return {"object": item, "events": events}
            case _:
                raise KeyError(request.path)

    def _change(self, request: Request) -> JsonObject:
        changes: dict[str, Any] = _json_object(request)
        self._machine.change(**changes)
        return self._machine.settings.model_dump(mode="json")

    def _faults(self) -> object:
        return [
            {"fault": str(each.call), "on": each.operation, "count": each.left}
            for each in self._machine.api.faults.pending()
        ]

    def _queue_fault(self, request: Request) -> None:
        order = _FaultOrder.model_validate_json(request.body)
        self._machine.inject(order.fault, count=order.count, on=order.on)

    def _webhook(self) -> object:
        return [each.model_dump(mode="json") for each in self._machine.deliveries.destinations()]

    def _set_webhook(self, request: Request, identifier: str = FIRST) -> object:
        self._machine.set_webhook(identifier, **_json_object(request))
        return self._webhook()

    def _queue_plan(self, request: Request) -> None:
        order = _PlanOrder.model_validate_json(request.body)
        self._machine.plan(order.mode, count=order.count, kind=order.type)

    def _deliveries(self, request: Request) -> object:
        wanted = dict(parse_qsl(request.query))
        return self._machine.store.select(
            "delivery", lambda item: all(item.get(name) == value for name, value in wanted.items())
        )

    def _release(self, request: Request) -> object:
        order = _Release.model_validate_json(request.body or b"{}")
        sent = self._machine.deliveries.release(seed=order.seed, backwards=order.backwards)
        return [{"event": event, "statuses": statuses} for event, statuses in sent]

    def _deliver(self, event_id: str, order: _Delivery) -> object:
        statuses = self._machine.deliveries.deliver(
            event_id, copies=order.duplicates, spoil=order.spoil
        )
        return {"statuses": statuses}

    def _time(self) -> object:
        return {"now": self._machine.clock.now()}

    def _advance(self, request: Request) -> object:
        order = _ClockOrder.model_validate_json(request.body)
        self._machine.advance(order.advance_seconds)
        return self._time()

    def _price(self, request: Request) -> object:
        order = _PriceOrder.model_validate_json(request.body)
        return self._machine.add_price(
            order.id,
            name=order.name,
            unit_amount=order.unit_amount,
            currency=order.currency,
            lookup_key=order.lookup_key,
            active=order.active,
        )

    def _code(self, request: Request) -> object:
        order = _CodeOrder.model_validate_json(request.body)
        return self._machine.add_promotion_code(order.code, order.percent_off)


def _json_object(request: Request) -> JsonObject:
    found = json.loads(request.body)
    if not isinstance(found, dict):
        raise ValueError("the body must be a JSON object")  # noqa: TRY004  # a 400, like its kin
    return found
