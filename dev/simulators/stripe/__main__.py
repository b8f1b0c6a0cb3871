"""Run the simulator until it is told to stop: `python -m dev.simulators.stripe --port 12111`."""

import argparse
import logging
import os
import signal
import sys
import threading
from pathlib import Path

from pydantic import ValidationError

from dev.simulators.stripe.settings import Settings
from dev.simulators.stripe.simulator import StripeSimulator


def main(arguments: list[str] | None = None) -> int:
    """Serve until SIGTERM or SIGINT; return 0, or 1 when the port is taken."""
    options = _parser().parse_args(arguments)
    logging.basicConfig(
        level=logging.WARNING if options.quiet else logging.INFO,
        format="%(asctime)s %(levelname)s %(name)s %(message)s",
        stream=sys.stderr,
    )
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    settings = Settings(hold=options.hold, tax_percent=options.tax_percent)
    try:
        with StripeSimulator(
            settings, port=options.port, state=options.state, api_key=options.api_key
        ) as simulator:
            if options.webhook_url:
                simulator.set_webhook(
                    options.webhook_url, secrets=options.webhook_secret, payload=options.payload
                )
            print(f"Stripe simulator listening on {simulator.url}", flush=True)
            print(f"Dashboard: {simulator.url}/dashboard", flush=True)
            stop.wait()
    except (OSError, OverflowError, ValidationError) as error:
        print(f"Stripe simulator: cannot start: {error}", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m dev.simulators.stripe", description=__doc__)
    state = os.environ.get("ECHOES_STATE")
    parser.add_argument("--port", type=int, default=0, help="0 picks a free one")
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
    parser.add_argument("--quiet", action="store_true", help="log warnings only")
    return parser  # fmt: skip


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)  # a webhook that is being sent would hold the exit up for seconds
