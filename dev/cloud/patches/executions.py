"""
Executions start once for a name, end once, and name a throttled function's error.

Upstream: starting the same name and input twice is refused. A stopped execution can fail
afterwards. Throttling has no error name. Executions lost in a restart end without an event.

AWS: StartExecution is idempotent while the execution runs, an ended execution stays as it ended
(Step Functions API Reference, StartExecution and StopExecution), and an execution that ends emits
an event (Step Functions Developer Guide, "Automating Step Functions event delivery with
EventBridge").

Mended upstream when these pass in `tests/integration/cloud/` with
`ECHOES_CLOUD_PATCHES=-executions`:

* `test_executions.py::test_the_same_request_starts_one_execution`
* `test_executions.py::test_a_stopped_execution_stays_stopped_and_tells_it`
* `test_executions.py::test_throttling_has_its_name_in_an_execution`
* `test_commands.py::test_an_execution_lost_in_a_restart_is_told_to_the_rules`
"""

import importlib
import os
import socket
import threading
import time
from functools import wraps
from typing import Any

from dev.cloud.patches.patch import Patch, Source

# How long the server may take to listen before lost executions are announced.
LONGEST_START_SECONDS = 60.0


def _apply() -> None:
    machines: Any = importlib.import_module("ministack.services.stepfunctions")
    _start_once(machines)
    _end_once(machines)
    _name_throttling(machines)
    _announce_lost(machines)


def _start_once(machines: Any) -> None:
    start = machines._start_execution

    @wraps(start)
    def start_or_repeat(data: dict[str, Any]) -> Any:
        machine = str(data.get("stateMachineArn", "")).split("#", maxsplit=1)[0]
        base = machines._resolve_state_machine_arn(machine)
        if base is not None and data.get("name"):
            arn = f"{base.replace(':stateMachine:', ':execution:')}:{data['name']}"
            found = machines._executions.get(arn)
            same = found is not None and found["input"] == data.get("input", "{}")
            if same and found["status"] == "RUNNING":
                return machines.json_response(
                    {"executionArn": arn, "startDate": found["startDate"]}
                )
        return start(data)

    machines._start_execution = start_or_repeat


def _end_once(machines: Any) -> None:
    fail = machines._fail_execution

    @wraps(fail)
    def fail_if_running(execution: dict[str, Any], error: str, cause: str) -> None:
        # A stopped execution's thread may still fail: stopped it stays, as on AWS.
        if execution["status"] == "RUNNING":
            fail(execution, error, cause)

    machines._fail_execution = fail_if_running


def _name_throttling(machines: Any) -> None:
    call = machines._call_lambda

    @wraps(call)
    def call_and_name_throttling(func_ref: str, event: object) -> Any:
        try:
            return call(func_ref, event)
        except machines._ExecutionError as failed:
            if failed.error == "Lambda.Unknown" and "TooManyRequestsException" in str(failed.cause):
                raise machines._ExecutionError(
                    "Lambda.TooManyRequestsException", failed.cause
                ) from failed
            raise

    machines._call_lambda = call_and_name_throttling


def _announce_lost(machines: Any) -> None:
    restore = machines.load_persisted_state

    @wraps(restore)
    def restore_and_announce(data: dict[str, Any]) -> None:
        restore(data)
        lost = [
            (account, region, execution)
            for (account, region, _), execution in machines._executions.all_items()
            if execution.get("error") == "States.ServiceRestart" and not execution.get("announced")
        ]
        if lost:
            threading.Thread(target=announce, args=(lost,), daemon=True).start()

    def announce(lost: list[tuple[str, str, dict[str, Any]]]) -> None:
        responses: Any = importlib.import_module("ministack.core.responses")
        _wait_until_listening()
        for account, region, execution in lost:
            responses.set_request_account_id(account)
            responses.set_request_region(region)
            execution["announced"] = True
            machines._emit_execution_status_event(execution)

    machines.load_persisted_state = restore_and_announce


def _wait_until_listening() -> None:
    address = ("127.0.0.1", int(os.environ.get("GATEWAY_PORT", "4566")))
    deadline = time.monotonic() + LONGEST_START_SECONDS
    while time.monotonic() < deadline:
        try:
            socket.create_connection(address, timeout=1).close()
        except OSError:
            time.sleep(0.2)
        else:
            return


PATCH = Patch(
    name="executions",
    reason="starting the same name and input twice is refused; a stopped execution may fail "
    "afterwards; throttling has no error name; executions lost in a restart end in silence",
    sources=(
        Source("ministack.services.stepfunctions:_start_execution", "9923282fc76c57b9"),
        Source("ministack.services.stepfunctions:_fail_execution", "e6da895fa0b74cdd"),
        Source("ministack.services.stepfunctions:_call_lambda", "25830369b12636da"),
        Source("ministack.services.stepfunctions:_restore_state", "b94c49c3dd97e93d"),
        Source("ministack.services.stepfunctions:_emit_execution_status_event", "9c89e45693e353eb"),
    ),
    apply=_apply,
)
