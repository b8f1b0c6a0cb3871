"""Run the simulator until it is told to stop: `python -m dev.simulators.runway --port 8080`."""

import argparse
import logging
import os
import signal
import sys
import tempfile
import threading
from pathlib import Path

from dev.simulators.runway.media.rendering import RenderMode
from dev.simulators.runway.settings import Settings
from dev.simulators.runway.simulator import RunwaySimulator


def main(arguments: list[str] | None = None) -> int:
    """Serve until SIGTERM or SIGINT; return 0, or 1 when the port is taken."""
    options = _parser().parse_args(arguments)
    logging.basicConfig(
        level=logging.WARNING if options.quiet else logging.INFO,
        format="%(asctime)s %(levelname)s %(name)s %(message)s",
        stream=sys.stderr,
    )
    settings = Settings(
        speed=options.speed,
        concurrency=options.concurrency,
        api_key=options.api_key,
        render=RenderMode(options.render),
        random_seed=options.seed,
    )
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    if options.state:
        options.state.mkdir(parents=True, exist_ok=True)
    try:
        with tempfile.TemporaryDirectory(
            prefix="runway-", dir=options.state, ignore_cleanup_errors=True
        ) as directory:
            tempfile.tempdir = directory  # the renderers' own files go with it
            with RunwaySimulator(settings, port=options.port) as runway:
                print(f"Runway simulator listening on {runway.url}", flush=True)
                stop.wait()
    except (OSError, OverflowError) as error:
        print(f"Runway simulator: cannot listen: {error}", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m dev.simulators.runway", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 picks a free one")
    parser.add_argument("--speed", type=float, default=20.0, help="provider seconds per second")
    parser.add_argument("--concurrency", type=int, default=5, help="tasks of a model at once")
    parser.add_argument("--state", type=Path, help="where the temporary directory is made")
    parser.add_argument("--api-key", help="the only key admitted; default: any well-formed one")
    parser.add_argument("--render", choices=[mode.value for mode in RenderMode], default="moving")
    parser.add_argument("--seed", type=int, help="makes durations repeatable")
    parser.add_argument("--quiet", action="store_true", help="log warnings only")
    return parser


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)  # a film that is being made would hold the exit up for seconds
