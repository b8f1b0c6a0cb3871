"""
How late the polls are, and what they cost: `python -m tests.benchmarks.bench_polling [jobs]`.

The transitions are counted in the definition that is deployed.
"""

import json
import sys
from pathlib import Path

from tests.support.polling_model import Outcome, simulate

DEFINITION = Path(__file__).parents[2] / "infra" / "workflows" / "generation.asl.json"
LOOP = ("Wait", "Poll", "Settled?")
JOBS = 200_000
PROVIDER_USD_PER_1000 = 250.0
"""A thousand clips of five seconds at 25 credits of a cent."""


def fixed_transitions() -> int:
    """Return how many states a clip passes besides the loop."""
    states = json.loads(DEFINITION.read_text())["States"]
    road, name = ["Submit"], "Submit"
    following = {
        "Submit": "Submitted?",
        "Submitted?": "Wait",
        "Wait": "Poll",
        "Poll": "Settled?",
        "Settled?": "Finish",
        "Finish": "Finished?",
        "Finished?": "SettleCompleted",
    }
    while name in following:
        name = following[name]
        if name not in states:
            raise KeyError(f"the definition has no state {name}")
        road.append(name)
    return len(road) - len(LOOP)


def show(title: str, outcome: Outcome) -> None:
    """Print one run, each number with its target."""
    print(f"\n{title} ({outcome.jobs:,} jobs)")  # noqa: T201  # a command-line tool
    for name, value, target in (
        ("detection delay, median s", outcome.median_delay, 3.0),
        ("detection delay, p95 s", outcome.p95_delay, 8.0),
        ("detection delay, p99 s", outcome.p99_delay, None),
        ("polls per clip", outcome.polls, 6.0),
        ("transitions per clip", outcome.transitions, 20.0),
        ("USD per 1,000 clips", outcome.usd_per_1000, None),
    ):
        goal = "" if target is None else f"   ≤ {target:g}: {'yes' if value <= target else 'NO'}"
        print(f"  {name:28} {value:8.3f}{goal}")  # noqa: T201  # the same


def main() -> None:
    """Run the simulation and print it."""
    jobs = int(sys.argv[1]) if len(sys.argv) > 1 else JOBS
    fixed = fixed_transitions()
    for title, queued_share, on_progress in (
        ("All run at once", 0.0, False),
        ("A tenth queues first", 0.1, False),
        ("All run at once, noise on the progress itself", 0.0, True),
    ):
        outcome = simulate(
            jobs,
            seed=2026,
            fixed_transitions=fixed,
            transitions_per_poll=len(LOOP),
            queued_share=queued_share,
            on_progress=on_progress,
        )
        show(title, outcome)
    print(f"\nThe provider itself takes about USD {PROVIDER_USD_PER_1000:.0f} per 1,000 clips.")  # noqa: T201  # the same


if __name__ == "__main__":
    main()
