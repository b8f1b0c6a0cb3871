"""Run the simulator until it is told to stop: `python -m dev.simulators.stripe --port 12111`."""

import argparse
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dev.simulators.core import command
from dev.simulators.stripe.settings import Settings
from dev.simulators.stripe.simulator import StripeSimulator


def main(arguments: list[str] | None = None) -> int:
    """Serve until SIGTERM or SIGINT; return 0, or 1 when the port is taken."""
    options = _parser().parse_args(arguments)
    return command.serve("Stripe simulator", lambda: _running(options), quiet=options.quiet)


@contextmanager
def _running(options: argparse.Namespace) -> Iterator[list[str]]:
    settings = Settings(hold=options.hold, tax_percent=options.tax_percent)
    with StripeSimulator(
        settings, port=options.port, state=options.state, api_key=options.api_key
    ) as simulator:
        if options.webhook_url:
            simulator.set_webhook(
                options.webhook_url, secrets=options.webhook_secret, payload=options.payload
            )
        yield [
            f"Stripe simulator listening on {simulator.url}",
            f"Dashboard: {simulator.url}/dashboard",
        ]


def _parser() -> argparse.ArgumentParser:
    parser = command.parser("python -m dev.simulators.stripe", __doc__)
    state = os.environ.get("ECHOES_STATE")
    parser.add_argument(
        "--state",
        type=Path,
        default=Path(state) if state else None,
        help="where everything is remembered; without it a restart forgets",
    )
    parser.add_argument("--api-key", help="the only key admitted; default: any sk_test_…")
    parser.add_argument("--webhook-url", help="where events go; can be set later")
    parser.add_argument(
        "--webhook-secret", action="append", default=[], help="signs events; twice during a roll"
    )
    parser.add_argument("--payload", choices=["snapshot", "thin"], default="snapshot")
    parser.add_argument("--tax-percent", type=float, default=0.0, help="for automatic tax")
    parser.add_argument("--hold", action="store_true", help="keep events back until released")
    return parser


if __name__ == "__main__":
    command.leave(main())  # a webhook that is being sent would hold the exit up
