"""Run the simulator until it is told to stop: `python -m dev.simulators.runway --port 8080`."""

import argparse
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dev.simulators.core import command
from dev.simulators.runway.media.rendering import RenderMode
from dev.simulators.runway.settings import Settings
from dev.simulators.runway.simulator import RunwaySimulator


def main(arguments: list[str] | None = None) -> int:
    """Serve until SIGTERM or SIGINT; return 0, or 1 when the port is taken."""
    options = _parser().parse_args(arguments)
    return command.serve("Runway simulator", lambda: _running(options), quiet=options.quiet)


@contextmanager
def _running(options: argparse.Namespace) -> Iterator[list[str]]:
    settings = Settings(
        speed=options.speed,
        concurrency=options.concurrency,
        api_key=options.api_key,
        render=RenderMode(options.render),
        random_seed=options.seed,
    )
    if options.state:
        options.state.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(
        prefix="runway-", dir=options.state, ignore_cleanup_errors=True
    ) as directory:
        tempfile.tempdir = directory  # the renderers' own files go with it
        with RunwaySimulator(settings, port=options.port) as runway:
            yield [f"Runway simulator listening on {runway.url}"]


def _parser() -> argparse.ArgumentParser:
    parser = command.parser("python -m dev.simulators.runway", __doc__)
    parser.add_argument("--speed", type=float, default=20.0, help="provider seconds per second")
    parser.add_argument("--concurrency", type=int, default=5, help="tasks of a model at once")
    parser.add_argument("--state", type=Path, help="where the temporary directory is made")
    parser.add_argument("--api-key", help="the only key admitted; default: any well-formed one")
    parser.add_argument("--render", choices=[mode.value for mode in RenderMode], default="moving")
    parser.add_argument("--seed", type=int, help="makes durations repeatable")
    return parser


if __name__ == "__main__":
    command.leave(main())  # a film that is being made would hold the exit up
