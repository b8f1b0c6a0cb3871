"""
The end of a handler's log is marked, so that no call waits for lines that never come.

Upstream: a call that logs nothing takes 50 ms more, and late lines belong to the next call.

AWS: the log result of an invocation has the last 4 KB of its own execution log (Lambda API
Reference, Invoke: LogType).

Mended upstream when these pass in `tests/integration/cloud/` with
`ECHOES_CLOUD_PATCHES=-handler-logs`:

* `test_functions.py::test_a_warm_call_that_logs_nothing_waits_for_no_log`
* `test_functions.py::test_a_call_gets_its_own_log_to_the_last_line`
"""

import importlib
import queue
import time
from functools import wraps
from typing import Any

from dev.cloud.patches.patch import Patch, Source

_END = "\x00end of log"
# The mark is written before the answer; it is late only when the reading thread is.
LONGEST_WAIT_SECONDS = 0.5

_BEFORE = "        _real_stdout.flush()\n\nrun()\n"
_AFTER = f"        sys.stderr.write({_END + chr(10)!r})\n        sys.stderr.flush()\n{_BEFORE}"


def _apply() -> None:
    runtime: Any = importlib.import_module("ministack.core.lambda_runtime")
    script = runtime._PYTHON_WORKER_SCRIPT
    if script.count(_BEFORE) != 1:
        raise RuntimeError("the worker script does not end as expected")
    runtime._PYTHON_WORKER_SCRIPT = script.replace(_BEFORE, _AFTER)
    drain = runtime.Worker._drain_stderr_bounded

    @wraps(drain)
    def drain_to_the_mark(self: Any, *bounds: float, **named: float) -> str:
        if not str(self.config.get("Runtime", "")).startswith("python") or self._proc is None:
            return str(drain(self, *bounds, **named))
        lines: list[str] = []
        deadline = time.monotonic() + LONGEST_WAIT_SECONDS
        while (left := deadline - time.monotonic()) > 0:
            try:
                line = self._stderr_queue.get(timeout=left)
            except queue.Empty:
                break
            if line == _END:
                break
            lines.append(line)
        return "\n".join(lines)

    runtime.Worker._drain_stderr_bounded = drain_to_the_mark


PATCH = Patch(
    name="handler-logs",
    reason="a call that logs nothing takes 50 ms more, and late lines belong to the next call",
    sources=(
        Source("ministack.core.lambda_runtime:_PYTHON_WORKER_SCRIPT", "200a2c7a20228fd1"),
        Source("ministack.core.lambda_runtime:Worker._drain_stderr_bounded", "3fd7cc742872e604"),
    ),
    apply=_apply,
)
