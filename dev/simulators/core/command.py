"""The command of a simulator: it serves until it is told to stop."""

import argparse
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import NoReturn

from pydantic import ValidationError


def parser(prog: str, description: str | None) -> argparse.ArgumentParser:
    """Return a parser with the options that every simulator has."""
    made = argparse.ArgumentParser(prog=prog, description=description)
    made.add_argument("--port", type=int, default=0, help="0 picks a free one")
    made.add_argument("--quiet", action="store_true", help="log warnings only")
    return made


def serve(
    name: str, simulator: Callable[[], AbstractContextManager[list[str]]], *, quiet: bool
) -> int:
    """
    Run a simulator until SIGTERM or SIGINT; return 0, or 1 when it cannot start.

    The context prints nothing: it returns the lines that say where the simulator is.
    """
    logging.basicConfig(
        level=logging.WARNING if quiet else logging.INFO,
        format="%(asctime)s %(levelname)s %(name)s %(message)s",
        stream=sys.stderr,
    )
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    try:
        with simulator() as lines:
            print(*lines, sep="\n", flush=True)
            stop.wait()
    except (OSError, OverflowError, ValidationError) as error:
        print(f"{name}: cannot start: {error}", file=sys.stderr)
        return 1
    return 0


def leave(code: int) -> NoReturn:
    """End the process now: work that is still under way would hold the exit up for seconds."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
