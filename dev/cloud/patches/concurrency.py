"""
Invocations over what this machine can run wait their turn instead of being throttled.

Upstream: a burst starts a process for each call until the machine stalls, or throttles calls that
AWS would serve.

AWS: an account runs 1,000 executions at once in a region by default, and throttles above that
(Lambda Developer Guide, "Understanding Lambda function scaling").

Mended upstream when these pass in `tests/integration/cloud/` with
`ECHOES_CLOUD_PATCHES=-concurrency`:

* `test_functions.py::test_calls_over_the_machines_limit_wait_their_turn`
"""

import importlib
import os
import threading
import time
from functools import wraps
from typing import Any

from dev.cloud.patches.patch import Patch, Source

# API Gateway gives up after 29 s: nobody waits for a slot longer than that.
LONGEST_WAIT_SECONDS = 29.0


def _function_limit() -> int:
    return int(os.environ.get("ECHOES_FUNCTION_CONCURRENCY", "0")) or 2 * (os.cpu_count() or 1)


def _apply() -> None:
    lambdas: Any = importlib.import_module("ministack.services.lambda_svc")
    acquire, release = lambdas._acquire_execution_slot, lambdas._release_execution_slot
    freed = threading.Condition()
    limit = _function_limit()

    @wraps(acquire)
    def acquire_or_wait(func: dict[str, Any], config: dict[str, Any]) -> tuple[Any, str | None]:
        reserved = lambdas._reserved_concurrency(func, config)
        key = lambdas._inflight_key(config)
        deadline = time.monotonic() + LONGEST_WAIT_SECONDS
        with freed:
            while True:
                full = lambdas._inflight.get(key, 0) >= limit
                reserved_used_up = reserved is not None and reserved <= lambdas._inflight.get(
                    key, 0
                )
                if reserved_used_up or not full:
                    slot, refused = acquire(func, config)
                    if slot is not None or refused == "function":
                        return slot, refused
                remaining = deadline - time.monotonic()
                if remaining <= 0:
                    return None, "account"
                freed.wait(remaining)

    @wraps(release)
    def release_and_tell(key: str | None) -> None:
        with freed:
            release(key)
            freed.notify_all()

    lambdas._acquire_execution_slot = acquire_or_wait
    lambdas._release_execution_slot = release_and_tell


PATCH = Patch(
    name="concurrency",
    reason="an account on AWS runs 1,000 functions at once; one machine starts a process for "
    "each until it stalls, or throttles calls that AWS would serve",
    sources=(
        Source("ministack.services.lambda_svc:_acquire_execution_slot", "ed3b38149e2e14aa"),
        Source("ministack.services.lambda_svc:_release_execution_slot", "b35708f638af726e"),
    ),
    apply=_apply,
)
