"""The faults that can be asked of the API, queued over the control endpoint."""

from dataclasses import replace
from enum import StrEnum
from typing import Final

from dev.simulators.core import faults
from dev.simulators.stripe.api.idempotency import key_in_use
from dev.simulators.stripe.errors import StripeFailure


class Fault(StrEnum):
    """Every fault by the name it is asked for."""

    # Refused before execution: nothing happens, and nothing is kept under the idempotency key.
    LOST_REQUEST = "lost_request"
    STATUS_401 = "401"
    STATUS_403 = "403"
    STATUS_409 = "409"
    STATUS_429 = "429"
    STATUS_429_RETRY = "429_retry"
    STATUS_503 = "503"
    # Failed while executing: nothing happens, but the response is kept under the key.
    STATUS_500 = "500"
    # Done, though the client does not learn it.
    ERROR_AFTER = "500_after"
    LOST_REPLY = "lost_reply"
    TIMEOUT = "timeout"
    # Done, in its own time.
    SLOW = "slow"


_RATE_LIMIT: Final = StripeFailure(
    message="Request rate limit exceeded. Learn more about rate limits here "
    "https://docs.stripe.com/rate-limits.",
    status=429,
    code="rate_limit",
    headers={"Stripe-Rate-Limited-Reason": "global-rate"},
)
SERVER_ERROR: Final = StripeFailure(
    message="An unknown error occurred", status=500, type="api_error", executed=True
)
_REFUSALS: Final = {
    Fault.STATUS_401: StripeFailure(
        message="Expired API Key provided: sk_test_***", status=401, code="api_key_expired"
    ),
    Fault.STATUS_403: StripeFailure(
        message="The provided key does not have the required permissions for this endpoint.",
        status=403,
    ),
    Fault.STATUS_429: _RATE_LIMIT,
    Fault.STATUS_429_RETRY: replace(
        _RATE_LIMIT, headers={**_RATE_LIMIT.headers, "Stripe-Should-Retry": "true"}
    ),
    Fault.STATUS_503: StripeFailure(
        message="Stripe is temporarily unavailable.", status=503, type="api_error"
    ),
}


Call = faults.Call[Fault]


def parse_call(text: str) -> Call:
    """Read `name` or `name=seconds`; raise `UnknownFault` for anything else."""
    return faults.parse_call(Fault, text)


def refusal(call: Call | None, *, key: str | None) -> StripeFailure | None:
    """Return the refusal before execution that the fault asks for, if it asks for one."""
    if call is None:
        return None
    if call.fault is Fault.STATUS_409:
        return key_in_use(key or "(none)")
    found = _REFUSALS.get(call.fault)
    return replace(found) if found else None
