"""What a response shows: objects with their references expanded, and pages of lists."""

from collections.abc import Callable, Mapping
from typing import Final

from dev.simulators.core.response import JsonObject
from dev.simulators.stripe.errors import invalid, missing
from dev.simulators.stripe.store import Store

DEFAULT_LIMIT: Final = 10
MAX_LIMIT: Final = 100

_REFERENCES: Final[Mapping[str, Mapping[str, str]]] = {
    "balance_transaction": {},
    "charge": {
        "balance_transaction": "balance_transaction",
        "customer": "customer",
        "payment_intent": "payment_intent",
    },
    "checkout.session": {"customer": "customer", "payment_intent": "payment_intent"},
    "dispute": {"charge": "charge", "payment_intent": "payment_intent"},
    "payment_intent": {"customer": "customer", "latest_charge": "charge"},
    "price": {"product": "product"},
    "promotion_code": {},
    "radar.early_fraud_warning": {"charge": "charge", "payment_intent": "payment_intent"},
    "refund": {
        "balance_transaction": "balance_transaction",
        "charge": "charge",
        "failure_balance_transaction": "balance_transaction",
        "payment_intent": "payment_intent",
    },
}
_COMPARISONS: Final[Mapping[str, Callable[[int, int], bool]]] = {
    "gt": lambda value, bound: value > bound,
    "gte": lambda value, bound: value >= bound,
    "lt": lambda value, bound: value < bound,
    "lte": lambda value, bound: value <= bound,
}


class Views:
    """Shows stored objects as an API request asks for them."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def one(self, item: JsonObject, params: JsonObject) -> JsonObject:
        """Return the object with what `expand` names in the place of ids."""
        for path in params.get("expand", []):
            self._expand(item, path.split("."), path)
        return item

    def page(
        self, found: list[JsonObject], params: JsonObject, *, url: str, noun: str
    ) -> JsonObject:
        """
        Return a page of the objects found, given oldest first, returned newest first.

        Raise `StripeFailure` for a limit outside 1..100 or a cursor that does not exist.
        """
        limit = params.get("limit", DEFAULT_LIMIT)
        if limit > MAX_LIMIT:
            message = f"This value must be less than or equal to {MAX_LIMIT}."
            raise invalid(message, param="limit", code="parameter_invalid_integer")
        if limit < 1:
            message = "This value must be greater than or equal to 1."
            raise invalid(message, param="limit", code="parameter_invalid_integer")
        if "starting_after" in params and "ending_before" in params:
            message = "You may only specify one of these parameters: starting_after, ending_before."
            raise invalid(message, param="starting_after")
        ordered = found[::-1]
        if "ending_before" in params:
            before = ordered[
                : self._cursor(ordered, params["ending_before"], "ending_before", noun)
            ]
            data, more = before[-limit:], len(before) > limit
        else:
            start = 0
            if "starting_after" in params:
                cursor = params["starting_after"]
                start = self._cursor(ordered, cursor, "starting_after", noun) + 1
            data, more = ordered[start : start + limit], len(ordered) > start + limit
        return self._listed(data, params.get("expand", []), more=more, url=url)

    def _listed(
        self, data: list[JsonObject], expand: list[str], *, more: bool, url: str
    ) -> JsonObject:
        for path in expand:
            first, _, rest = path.partition(".")
            if first != "data" or not rest:
                message = f"This property cannot be expanded ({first}). Did you mean data.{path}?"
                raise invalid(message, param="expand")
            for item in data:
                self._expand(item, rest.split("."), path)
        return {"object": "list", "data": data, "has_more": more, "url": url}

    def _cursor(self, ordered: list[JsonObject], cursor: str, param: str, noun: str) -> int:
        for index, item in enumerate(ordered):
            if item["id"] == cursor:
                return index
        raise missing(noun, cursor, param=param, status=400)

    def _expand(self, item: JsonObject, path: list[str], whole: str) -> None:
        name, rest = path[0], path[1:]
        kind = str(item.get("object"))
        if kind == "checkout.session" and name == "line_items":
            item[name] = self._line_items(item["id"])
            return
        if kind == "promotion_code" and path == ["promotion", "coupon"]:
            item["promotion"]["coupon"] = self._store.get("coupon", item["promotion"]["coupon"])
            return
        referenced = _REFERENCES.get(kind, {}).get(name)
        if referenced is None:
            raise invalid(f"This property cannot be expanded ({whole}).", param="expand")
        value = item.get(name)
        if isinstance(value, str):
            value = self._store.get(referenced, value)
            item[name] = value
        if rest and isinstance(value, dict):
            self._expand(value, rest, whole)

    def _line_items(self, session_id: str) -> JsonObject:
        kept = self._store.get("basket", session_id) or {"lines": []}
        return {
            "object": "list",
            "data": kept["lines"],
            "has_more": False,
            "url": f"/v1/checkout/sessions/{session_id}/line_items",
        }


def within(created: int, wanted: int | Mapping[str, int] | None) -> bool:
    """Tell whether a time is what `created=…` or `created[gte]=…` asks for."""
    if wanted is None:
        return True
    if isinstance(wanted, int):
        return created == wanted
    return all(_COMPARISONS[name](created, bound) for name, bound in wanted.items())


def matches(item: JsonObject, params: JsonObject, *names: str) -> bool:
    """Tell whether the object is of the time, and has the fields, that a list asks for."""
    return within(int(item["created"]), params.get("created")) and all(
        item.get(name) == params[name] for name in names if name in params
    )
