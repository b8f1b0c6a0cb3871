"""
A handler's exception keeps its class name and its warm process.

Upstream: errorType is always Runtime.HandlerError, so Retry and Catch by class never match, and
each exception costs a cold start.

AWS: errorType is the class of the exception (Lambda Developer Guide, "Lambda function handler in
Python": how exceptions are returned), and Retry and Catch match it by name (Step Functions
Developer Guide, "Handling errors in Step Functions workflows").

Mended upstream when these pass in `tests/integration/cloud/` with
`ECHOES_CLOUD_PATCHES=-handler-errors`:

* `test_functions.py::test_an_error_keeps_its_class_and_the_process_stays_warm`
* `test_executions.py::test_retry_and_catch_match_the_class_of_the_error`
"""

import importlib
from functools import wraps
from typing import Any

from dev.cloud.patches.patch import Patch, Source

_MARK = "__handler_error__"

# The worker's own lines, and what they become: the exception travels as a result, because the
# emulator kills the worker of every "error" answer and AWS keeps the environment warm.
_BEFORE = (
    '_real_stdout.write(json.dumps({"status": "error", "error": str(e), '
    '"trace": traceback.format_exc()}) + "\\n")'
)
_AFTER = (
    '_real_stdout.write(json.dumps({"status": "ok", "result": {"'
    + _MARK
    + '": {"errorMessage": str(e), "errorType": type(e).__name__, '
    '"requestId": context.aws_request_id, '
    '"stackTrace": traceback.format_tb(e.__traceback__)}, '
    '"trace": "[ERROR] " + traceback.format_exc()}}) + "\\n")'
)


def _apply() -> None:
    runtime: Any = importlib.import_module("ministack.core.lambda_runtime")
    lambdas: Any = importlib.import_module("ministack.services.lambda_svc")
    script = runtime._PYTHON_WORKER_SCRIPT
    if script.count(_BEFORE) != 1:
        raise RuntimeError("the worker script does not answer errors as expected")
    runtime._PYTHON_WORKER_SCRIPT = script.replace(_BEFORE, _AFTER)
    execute = lambdas._execute_function_warm

    @wraps(execute)
    def execute_and_unwrap(func: dict[str, Any], event: object, request_id: str) -> dict[str, Any]:
        result: dict[str, Any] = execute(func, event, request_id)
        body = result.get("body")
        if not (isinstance(body, dict) and _MARK in body):
            return result
        log = "\n".join(part for part in (result.get("log", ""), body["trace"]) if part)
        return {"body": body[_MARK], "error": True, "function_error": "Unhandled", "log": log}

    lambdas._execute_function_warm = execute_and_unwrap


PATCH = Patch(
    name="handler-errors",
    reason="errorType is always Runtime.HandlerError, so Retry and Catch by class never match; "
    "and each exception costs a cold start",
    sources=(
        Source("ministack.core.lambda_runtime:_PYTHON_WORKER_SCRIPT", "200a2c7a20228fd1"),
        Source("ministack.services.lambda_svc:_execute_function_warm", "62b9218bef5b948a"),
    ),
    apply=_apply,
)
