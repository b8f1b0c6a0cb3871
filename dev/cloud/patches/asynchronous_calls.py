"""
Asynchronous invocations retry, then reach the dead-letter queue or the failure destination.

Upstream: EventBridge calls a function once and forgets its failure. The EventInvokeConfig of an
alias is ignored. A dead-letter queue gets an envelope instead of the event.

AWS: a failed asynchronous invocation is retried twice; after that the event itself goes to the
dead-letter queue, and a record of it to the destination (Lambda Developer Guide, "How Lambda
handles errors and retries with asynchronous invocation").

Mended upstream when these pass in `tests/integration/cloud/` with
`ECHOES_CLOUD_PATCHES=-asynchronous-calls`:

* `test_functions.py::test_a_failed_asynchronous_call_reaches_the_dead_letter_queue_as_it_was`
* `test_functions.py::test_an_alias_own_retries_and_destination_hold`
* `test_events.py::test_a_rules_failing_function_is_tried_three_times_then_dead`
"""

import contextvars
import importlib
import json
import logging
import threading
import time
from typing import Any

from dev.cloud.patches.patch import Patch, Source

logger = logging.getLogger("asynchronous_calls")

# AWS's own defaults for asynchronous invocation.
RETRIES = 2
LONGEST_EVENT_AGE_SECONDS = 21_600
# AWS waits one minute, then two; here one second, then two, so that a person can watch it.
FIRST_RETRY_SECONDS = 1.0
LONGEST_RETRY_SECONDS = 30.0


def _invocation_settings(lambdas: Any, config: dict[str, Any]) -> dict[str, Any]:
    """Return the EventInvokeConfig of the alias or version that was called."""
    function = lambdas._functions.get(config.get("FunctionName", "")) or {}
    called = str(config.get("FunctionArn", "")).split(":")
    arn_parts = 8
    qualifiers = [called[7]] if len(called) == arn_parts else []
    qualifiers += [
        name
        for name, alias in function.get("aliases", {}).items()
        if alias.get("FunctionVersion") == config.get("Version")
    ]
    settings = function.get("event_invoke_configs") or {}
    for qualifier in [*qualifiers, str(config.get("Version", "$LATEST")), "$LATEST"]:
        if qualifier in settings:
            found: dict[str, Any] = settings[qualifier]
            return found
    return function.get("event_invoke_config") or {}


def _send_to_dead_letters(target: str, event: object, result: dict[str, Any]) -> None:
    """Send the event itself to a queue, the error in message attributes, as Lambda does."""
    sqs: Any = importlib.import_module("ministack.services.sqs")
    queue = sqs._queue_by_arn(target)
    if queue is None:
        logger.warning("dead-letter queue %s not found", target)
        return
    body = result.get("body")
    message = body.get("errorMessage", "") if isinstance(body, dict) else str(body)
    attributes = {"ErrorCode": "200", "ErrorMessage": str(message)[:1024] or "unknown"}
    sqs._act_send_message(
        {
            "MessageBody": json.dumps(event),
            "MessageAttributes": {
                name: {"DataType": "String", "StringValue": value}
                for name, value in attributes.items()
            },
        },
        sqs._queue_url(target.rsplit(":", 1)[-1]),
    )


def _give_up(
    lambdas: Any,
    func: dict[str, Any],
    event: object,
    result: dict[str, Any],
) -> None:
    """Hand a call that failed for good to the destination and to the dead-letter queue."""
    config = func.get("config") or func
    name = config.get("FunctionName", "")
    settings = _invocation_settings(lambdas, config)
    destination = (settings.get("DestinationConfig") or {}).get("OnFailure") or {}
    if destination.get("Destination"):
        lambdas._route_async_failure(destination["Destination"], name, event, result)
    current = (lambdas._functions.get(name) or {}).get("config") or config
    dead_letters = (current.get("DeadLetterConfig") or {}).get("TargetArn")
    if dead_letters:
        _send_to_dead_letters(dead_letters, event, result)


def _attempt_until_done(lambdas: Any, func: dict[str, Any], event: object) -> None:
    settings = _invocation_settings(lambdas, func.get("config") or func)
    attempts_left = 1 + int(settings.get("MaximumRetryAttempts", RETRIES))
    longest = int(settings.get("MaximumEventAgeInSeconds", LONGEST_EVENT_AGE_SECONDS))
    expires = time.time() + longest
    delay = FIRST_RETRY_SECONDS
    while True:
        result = lambdas._execute_function_with_config_scope(func, event)
        if not result.get("error"):
            return
        # A throttled call is tried again until the event is too old, at no attempt's cost.
        attempts_left -= 0 if result.get("throttle") else 1
        if attempts_left <= 0 or time.time() + delay > expires:
            break
        time.sleep(delay)
        delay = min(2 * delay, LONGEST_RETRY_SECONDS)
    _give_up(lambdas, func, event, result)


def _apply() -> None:
    lambdas: Any = importlib.import_module("ministack.services.lambda_svc")
    events: Any = importlib.import_module("ministack.services.eventbridge")

    def invoke_async_with_retry(func: dict[str, Any], event: object) -> None:
        scope = contextvars.copy_context()
        run = lambdas._run_with_function_config_scope
        threading.Thread(
            target=lambda: scope.run(run, func, _attempt_until_done, lambdas, func, event),
            name="asynchronous-call",
            daemon=True,
        ).start()

    lambdas.invoke_async_with_retry = invoke_async_with_retry
    _deliver_asynchronously(lambdas, events)


def _deliver_asynchronously(lambdas: Any, events: Any) -> None:
    invoke_target = events._invoke_target

    def dispatch_to_lambda(arn: str, payload: str) -> None:
        func, config, name = lambdas._get_func_record_for_ref(arn)
        if not func or not config:
            raise LookupError(f"function {name} not found")
        record = lambdas._execution_record_for_config(func, config)
        record["config"] = {**config, "FunctionArn": arn}
        lambdas.invoke_async_with_retry(record, json.loads(payload))

    def invoke_target_or_dead_letters(
        target: dict[str, Any],
        event: dict[str, Any],
        rule: dict[str, Any],
        view: Any = None,
    ) -> None:
        arn = target.get("Arn", "")
        dead_letters = (target.get("DeadLetterConfig") or {}).get("Arn")
        if ":lambda:" in arn and lambdas._get_func_record_for_ref(arn)[0] is None and dead_letters:
            lost = (view or events._pattern_event_view(event)).event_with_detail()
            _send_to_dead_letters(dead_letters, lost, {"body": {"errorMessage": "NO_RESOURCE"}})
            return
        invoke_target(target, event, rule, view)

    events._dispatch_to_lambda = dispatch_to_lambda
    events._invoke_target = invoke_target_or_dead_letters


PATCH = Patch(
    name="asynchronous-calls",
    reason="EventBridge calls a function once and forgets its failure; EventInvokeConfig of an "
    "alias is ignored; a dead-letter queue gets an envelope instead of the event",
    sources=(
        Source("ministack.services.lambda_svc:invoke_async_with_retry", "289fe4d3cbd4089b"),
        Source("ministack.services.lambda_svc:_route_async_failure", "c023331e333f796d"),
        Source("ministack.services.eventbridge:_dispatch_to_lambda", "1f95adbaed3a966a"),
        Source("ministack.services.eventbridge:_invoke_target", "550e304af0809563"),
    ),
    apply=_apply,
)
