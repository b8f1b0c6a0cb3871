"""Stripe's refusals, in Stripe's shape."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from dev.simulators.core.response import JsonObject

_DOCUMENTED = frozenset(
    {
        "amount_too_small",
        "charge_already_refunded",
        "charge_disputed",
        "parameter_invalid_empty",
        "parameter_invalid_integer",
        "parameter_missing",
        "parameter_unknown",
        "rate_limit",
        "resource_missing",
        "url_invalid",
    }
)


@dataclass(slots=True, kw_only=True, eq=False)
class StripeFailure(Exception):
    """
    A request that Stripe answers with an error.

    `executed` ones failed during execution: they are kept under the idempotency key.
    """

    message: str
    status: int = 400
    type: str = "invalid_request_error"
    code: str | None = None
    param: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    executed: bool = False

    def __str__(self) -> str:
        return self.message

    def body(self, request_id: str) -> JsonObject:
        """Return the JSON body of the response."""
        error: JsonObject = {"message": self.message, "type": self.type}
        if self.code:
            error["code"] = self.code
        if self.code in _DOCUMENTED:
            slug = str(self.code).replace("_", "-")
            error["doc_url"] = f"https://docs.stripe.com/error-codes/{slug}"
        if self.param:
            error["param"] = self.param
        error["request_log_url"] = f"https://dashboard.stripe.com/test/logs/{request_id}"
        return {"error": error}


def invalid(message: str, *, param: str | None = None, code: str | None = None) -> StripeFailure:
    """Return a 400 that blames the request."""
    return StripeFailure(message=message, param=param, code=code)


def missing(noun: str, identifier: str, *, param: str = "id", status: int = 404) -> StripeFailure:
    """Return the answer for an object that does not exist; 400 when a parameter names it."""
    return StripeFailure(
        message=f"No such {noun}: '{identifier}'",
        status=status,
        code="resource_missing",
        param=param,
    )


def refused(message: str, *, code: str | None = None) -> StripeFailure:
    """Return a 400 of a good request that the present state does not allow."""
    return StripeFailure(message=message, code=code, executed=True)


def conflict(message: str) -> StripeFailure:
    """Return the response to a control's move that the present state does not allow."""
    return StripeFailure(message=message, status=409, executed=True)
