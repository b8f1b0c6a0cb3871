"""
Reserved concurrency and dead-letter queues of functions reach them from a template.

Upstream: the provisioner drops ReservedConcurrentExecutions and DeadLetterConfig, and reserved
concurrency does not hold for calls through an alias.

AWS: a function has both properties of its template (CloudFormation, AWS::Lambda::Function), and all
its versions share its reserved concurrency (Lambda Developer Guide, "Configuring reserved
concurrency for a function").

Mended upstream when these pass in `tests/integration/cloud/` with
`ECHOES_CLOUD_PATCHES=-function-properties`:

* `test_properties.py::test_functions_keep_their_dead_letter_queue`
* `test_functions.py::test_reserved_concurrency_throttles_calls_through_the_alias`
"""

import importlib
from functools import wraps
from typing import Any

from dev.cloud.patches.patch import Patch, Source, wrap_resource


def _apply() -> None:
    lambdas: Any = importlib.import_module("ministack.services.lambda_svc")

    def set_properties(name: str, new: dict[str, Any], _old: dict[str, Any] | None) -> None:
        function = lambdas._functions[name]
        reserved = new.get("ReservedConcurrentExecutions")
        function["concurrency"] = None if reserved is None else int(reserved)
        function["config"]["DeadLetterConfig"] = new.get("DeadLetterConfig") or {}

    wrap_resource("AWS::Lambda::Function", set_properties)
    reserved_of = lambdas._reserved_concurrency

    @wraps(reserved_of)
    def reserved_of_function(func: dict[str, Any] | None, config: dict[str, Any]) -> int | None:
        # A version's record has no concurrency of its own: the function's holds for all of them.
        whole = lambdas._functions.get(config.get("FunctionName", "")) or func
        found: int | None = reserved_of(whole, config)
        return found

    lambdas._reserved_concurrency = reserved_of_function


PATCH = Patch(
    name="function-properties",
    reason="ReservedConcurrentExecutions and DeadLetterConfig of a template are dropped, and "
    "reserved concurrency does not hold for calls through an alias",
    sources=(
        Source("ministack.services.cloudformation.provisioners:_lambda_create", "8b2cf80e961d92ee"),
        Source("ministack.services.cloudformation.provisioners:_lambda_update", "4855410e37d7a80d"),
        Source("ministack.services.lambda_svc:_reserved_concurrency", "ebec4b4bba775119"),
    ),
    apply=_apply,
)
