"""
How long Stripe waits at our door: cold import of the ingest function, and its work on one event.

Ratios to bare Python and to webhooks-reconcile, measured side by side on the same machine.
"""

import os
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "layers" / "core" / "python")]

from tests.support.entry_points import ENVIRONMENT  # noqa: E402  # after the path
from tests.support.payments_harness import checkout_of, open_harness  # noqa: E402  # the same

RUNS: Final = 5
EVENTS: Final = 200
PROGRAMS: Final = {
    "bare Python": "pass",
    "webhooks-ingest": "import lambdas.webhooks.ingest",
    "webhooks-reconcile": "import lambdas.webhooks.reconcile",
}


def start(program: str) -> float:
    """Return how many seconds a fresh interpreter takes to run *program*."""
    environment = {
        **ENVIRONMENT,
        "PATH": os.environ["PATH"],
        "PYTHONPATH": f"{ROOT}:{ROOT / 'layers' / 'core' / 'python'}",
    }
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", program], env=environment, check=True, cwd=ROOT)
    return time.perf_counter() - started


def main() -> None:
    """Write one line a measurement."""
    starts: dict[str, list[float]] = {name: [] for name in PROGRAMS}
    for _ in range(RUNS):
        for name, program in PROGRAMS.items():
            starts[name].append(start(program))
    bare = min(starts["bare Python"])
    for name, seconds in starts.items():
        sys.stdout.write(
            f"start {name:<16} {min(seconds):6.3f} s  {min(seconds) / bare:5.1f} x bare Python\n"
        )
    with open_harness() as harness:
        harness.simulator.pay(checkout_of(harness.order("user-bench")))  # type: ignore[arg-type]  # any owner
        sent = harness.simulator.signed(harness.simulator.events()[-1]["id"])
        took = []
        for _ in range(EVENTS):
            started = time.perf_counter()
            harness.take_in(sent.body, sent.headers["Stripe-Signature"])
            took.append(time.perf_counter() - started)
    median = statistics.median(took)
    sys.stdout.write(
        f"check and read one event of {len(sent.body)} bytes: {median * 1e6:.0f} µs (median)\n"
    )


if __name__ == "__main__":
    main()
