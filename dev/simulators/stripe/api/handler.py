"""The API: keys, versions, idempotency, faults, validation, and then the operation."""

import logging
import re
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from dev.simulators.core.faults import FaultQueue
from dev.simulators.core.request import Request
from dev.simulators.core.response import JsonObject, Response
from dev.simulators.stripe.api.faults import SERVER_ERROR, Call, Fault, refusal
from dev.simulators.stripe.api.forms import decode
from dev.simulators.stripe.api.idempotency import Idempotency
from dev.simulators.stripe.api.operations import Operation, Operations
from dev.simulators.stripe.api.parameters import validate
from dev.simulators.stripe.api.rules import check_expand
from dev.simulators.stripe.errors import StripeFailure
from dev.simulators.stripe.identifiers import fresh_request
from dev.simulators.stripe.resources.checkout import Checkout
from dev.simulators.stripe.responses import json_response
from dev.simulators.stripe.settings import API_VERSION
from dev.simulators.stripe.store import Store
from dev.simulators.stripe.webhooks.events import CAUSE

LONGEST_SILENCE_SECONDS: Final = 120.0
_SLOW_SECONDS: Final = 2.0
_KEY: Final = re.compile(r"(?:sk|rk)_test_[A-Za-z0-9_]{3,200}")
_LOG = logging.getLogger(__name__)


class Api:
    """
    Answers requests to `/v1/` and `/v2/`.

    `api_key` None admits every well-formed test key. Thread-safe.
    """

    def __init__(  # the parts it joins
        self,
        store: Store,
        operations: Operations,
        checkout: Checkout,
        idempotency: Idempotency,
        *,
        api_key: str | None = None,
    ) -> None:
        self._store = store
        self._operations = operations
        self._checkout = checkout
        self._idempotency = idempotency
        self._api_key = api_key
        self._faults = FaultQueue[Fault]()
        self._counts: Counter[str] = Counter()

    @property
    def faults(self) -> FaultQueue[Fault]:
        """Return the queue; use it inside a transaction of the store."""
        return self._faults

    def counts(self) -> dict[str, int]:
        """Return how often each operation was asked for, by outcome: `refunds.create 200`."""
        with self._store.transaction():
            return dict(self._counts)

    def forget(self) -> None:
        """Forget faults and counts."""
        with self._store.transaction():
            self._faults.clear()
            self._counts.clear()

    def handle(self, request: Request) -> Response:
        """Answer one request."""
        request_id = fresh_request()
        name = "unknown"
        try:
            self._authenticate(request.headers)
            operation, identifier = self._operations.find(request.method, request.path)
            name = operation.name
            with self._store.transaction():
                call = self._faults.take(name)
            response = self._apply_fault(call, operation, identifier, request, request_id)
        except StripeFailure as failure:
            response = _refused(failure, request_id)
        with self._store.transaction():
            self._counts[f"{name} {response.outcome}"] += 1
        return self._with_headers(response, request, request_id)

    def _apply_fault(
        self,
        call: Call | None,
        operation: Operation,
        identifier: str,
        request: Request,
        request_id: str,
    ) -> Response:
        """Answer the request as its fault demands, if it has one."""
        key = request.headers.get("idempotency-key")
        refused_early = refusal(call, key=key)
        if refused_early:
            raise refused_early
        if call and call.fault is Fault.LOST_REQUEST:
            return Response(status=0, lost=True)
        response = self._execute_once(call, operation, identifier, request, request_id)
        if call and call.fault in (Fault.LOST_REPLY, Fault.TIMEOUT):
            seconds = LONGEST_SILENCE_SECONDS if call.argument is None else call.argument
            hang = min(seconds, LONGEST_SILENCE_SECONDS) if call.fault is Fault.TIMEOUT else 0.0
            return Response(status=0, lost=True, hang_seconds=hang)
        return response

    def _execute_once(
        self,
        call: Call | None,
        operation: Operation,
        identifier: str,
        request: Request,
        request_id: str,
    ) -> Response:
        """Execute the request, unless its key has a response already."""
        key = request.headers.get("idempotency-key") if request.method == "POST" else None
        if key is None:
            return self._execute(call, operation, identifier, request, request_id)
        before = self._idempotency.begin(key, request)
        if before is not None:
            return before
        try:
            return self._execute(call, operation, identifier, request, request_id, key=key)
        finally:
            self._idempotency.end(key)

    def _execute(  # one request has that many sides
        self,
        call: Call | None,
        operation: Operation,
        identifier: str,
        request: Request,
        request_id: str,
        *,
        key: str | None = None,
    ) -> Response:
        params = _parameters(operation, request)
        if call and call.fault is Fault.SLOW:
            time.sleep(_SLOW_SECONDS if call.argument is None else call.argument)
        with self._store.transaction():
            self._checkout.expire_overdue()
            cause = CAUSE.set({"id": request_id, "idempotency_key": key})
            try:
                if call and call.fault is Fault.STATUS_500:
                    raise replace(SERVER_ERROR)
                response = json_response(200, operation.run(params, identifier))
                if call and call.fault is Fault.ERROR_AFTER:
                    response = _refused(SERVER_ERROR, request_id)
            except StripeFailure as failure:
                if not failure.executed:
                    raise
                response = _refused(failure, request_id)
            finally:
                CAUSE.reset(cause)
            if key is not None:
                self._idempotency.keep(key, request, response, request_id)
        return response

    def _authenticate(self, headers: Mapping[str, str]) -> None:
        scheme, _, key = headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not key:
            message = (
                "You did not provide an API key. You need to provide your API key in the "
                "Authorization header, using Bearer auth (e.g. 'Authorization: Bearer "
                "YOUR_SECRET_KEY')."
            )
            raise StripeFailure(message=message, status=401)
        wanted = key == self._api_key if self._api_key else _KEY.fullmatch(key)
        if not wanted:
            shown = f"{key[:8]}{'*' * 8}{key[-4:]}"
            raise StripeFailure(message=f"Invalid API Key provided: {shown}", status=401)

    def _with_headers(self, response: Response, request: Request, request_id: str) -> Response:
        if response.lost:
            return response
        headers: JsonObject = {
            **response.headers,
            "Request-Id": request_id,
            "Stripe-Version": request.headers.get("stripe-version", API_VERSION),
        }
        if "idempotency-key" in request.headers:
            headers["Idempotency-Key"] = request.headers["idempotency-key"]
            headers.setdefault("Original-Request", request_id)
        return Response(status=response.status, body=response.body, headers=headers)


def _parameters(operation: Operation, request: Request) -> JsonObject:
    params = validate(
        decode(request.query if request.method == "GET" else request.body), operation.params
    )
    check_expand(params.get("expand", []))
    return params


def _refused(failure: StripeFailure, request_id: str) -> Response:
    return json_response(failure.status, failure.body(request_id), failure.headers)
