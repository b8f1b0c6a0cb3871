"""
What a cold start waits for: the instructions of each entry point's import, and who pays for what.

As Lambda does it: the built layers with their byte code, the function's environment, nothing else
in reach. Instructions are counted by valgrind, because they repeat to a thousandth where seconds
vary by half; they are given as multiples of what bare Python takes.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "layers" / "core" / "python")]

from infra.functions import FUNCTIONS  # noqa: E402  # after the path
from tests.support.entry_points import ENTRY_POINTS, ENVIRONMENT  # noqa: E402  # the same
from tools.layers import LAMBDA_PYTHON, compile_all  # noqa: E402  # the same

TARGETS: Final = {
    "lambdas.status.api": 19,
    "lambdas.webhooks.ingest": 17,
    "lambdas.authorizer.handler": 17,
    "lambdas.generate.api": 30,
    "lambdas.billing.api": 36,
}
"""Multiples of bare Python 3.13, which takes 47 million instructions."""

AT_ONCE: Final = 2
TIMINGS: Final = 3
SHOWN: Final = 8
VIDEO: Final = {f"lambdas.{spec.folder}.{spec.module}" for spec in FUNCTIONS if spec.video}
WIRING: Final = "wiring"
STANDARD: Final = "standard library"
OFFLINE: Final = """
import sys
def refuse(event, _arguments):
    if event in {"socket.connect", "socket.getaddrinfo", "socket.sendto"}:
        raise RuntimeError(f"{event} while starting")
sys.addaudithook(refuse)
"""
"""Not in the counted run: Python calls a hook some ten thousand times."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A folder laid out as Lambda lays out a function, and an interpreter without libraries."""

    folder: Path

    @property
    def python(self) -> Path:
        """The interpreter: ours, but with nothing of ours installed."""
        return self.folder / "bare" / "bin" / "python"

    def path_of(self, entry_point: str) -> str:
        """Return where the function looks for modules, after Lambda's own order."""
        layers = ["opt", *(["video"] if entry_point in VIDEO else [])]
        return os.pathsep.join(str(self.folder / name) for name in ("task", *layers))

    def environment(self, entry_point: str) -> dict[str, str]:
        """Return what the process sees."""
        return {
            **ENVIRONMENT,
            "PATH": os.environ["PATH"],
            "PYTHONPATH": self.path_of(entry_point),
            "PYTHONHASHSEED": "0",
            "PYTHONDONTWRITEBYTECODE": "1",
        }

    def build(self) -> None:
        """Put the function's code and the layers there, and compile them as for Lambda."""
        sources = {
            "task/lambdas": [ROOT / "lambdas"],
            "opt": [ROOT / "layers" / "vendor" / "local" / "python", ROOT / "layers/core/python"],
            "video": [ROOT / "layers" / "video" / "local" / "python"],
        }
        for name, folders in sources.items():
            for folder in folders:
                shutil.copytree(
                    folder,
                    self.folder / name,
                    ignore=shutil.ignore_patterns("__pycache__"),
                    dirs_exist_ok=True,
                )
        for name in ("task", "opt", "video"):
            compile_all(sys.executable, self.folder / name, deployed_at=f"/{name}")
        subprocess.run(
            [sys.executable, "-m", "venv", "--without-pip", str(self.folder / "bare")], check=True
        )

    def instructions(self, program: str, entry_point: str = "") -> int:
        """Return how many instructions a fresh interpreter takes to run *program*."""
        done = subprocess.run(
            [
                *("valgrind", "--tool=cachegrind", "--cache-sim=no"),
                "--cachegrind-out-file=/dev/null",
                *(str(self.python), "-c", program),
            ],
            env=self.environment(entry_point),
            capture_output=True,
            text=True,
            check=False,
        )
        counted = re.search(r"I\s+refs:\s+([\d,]+)", done.stderr)
        if done.returncode != 0 or counted is None:
            raise RuntimeError(f"{entry_point or program}: {done.stderr.strip()}")
        return int(counted[1].replace(",", ""))

    def shares(self, entry_point: str) -> list[tuple[str, float]]:
        """Return which share of the import's time each package takes itself, largest first."""
        least: dict[str, int] = {}
        for _ in range(TIMINGS):
            done = subprocess.run(
                [str(self.python), "-X", "importtime", "-c", f"{OFFLINE}\nimport {entry_point}"],
                env=self.environment(entry_point),
                capture_output=True,
                text=True,
                check=True,
            )
            for microseconds, module in _self_times(done.stderr):
                least[module] = min(microseconds, least.get(module, microseconds))
        spent: Counter[str] = Counter()
        for module, microseconds in least.items():
            spent[_payer(module)] += microseconds
        whole = spent.total()
        return [(payer, one / whole) for payer, one in spent.most_common(SHOWN)]


def _self_times(report: str) -> Iterator[tuple[int, str]]:
    for line in report.splitlines():
        found = re.match(r"import time:\s+(\d+) \|\s+\d+ \|\s+(\S+)", line)
        if found:
            yield int(found[1]), found[2]


def _payer(module: str) -> str:
    """Return who pays for *module*: a floor of our package, a library, or Python itself."""
    steps = module.split(".")
    if steps[0] == "lambdas":
        return WIRING  # clients and tables, which the composition roots make
    if steps[0] == "echoes":
        return ".".join(steps[:2])
    return STANDARD if steps[0].lstrip("_") in _STANDARD else steps[0].replace("aws_lambda_", "")


_STANDARD: Final = {name.lstrip("_") for name in sys.stdlib_module_names} | {"frozen_importlib"}


def main() -> None:
    """Write a line for each entry point, and one for what it is made of."""
    if shutil.which("valgrind") is None:
        sys.stdout.write("valgrind is missing (`apt-get install valgrind`): nothing was measured\n")
        return
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    if version != LAMBDA_PYTHON:
        sys.stdout.write(f"Python {version}: the targets are for {LAMBDA_PYTHON}\n")
    chosen = [name for name in ENTRY_POINTS if not sys.argv[1:] or name in sys.argv[1:]]
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(AT_ONCE) as pool:
        stage = Stage(folder=Path(folder))
        stage.build()
        bare = stage.instructions("pass")
        sys.stdout.write(f"bare Python {version}: {bare / 1e6:.1f} M instructions\n")
        counts = list(pool.map(lambda name: stage.instructions(f"import {name}", name), chosen))
        for name, count in zip(chosen, counts, strict=True):
            times, target = count / bare, TARGETS.get(name)
            verdict = ""
            if target is not None:
                verdict = f"  target {target}: {'holds' if times <= target else 'MISSED'}"
            sys.stdout.write(f"{name.removeprefix('lambdas.'):<22} {times:5.1f} x{verdict}\n")
        # Afterwards and one at a time: here seconds are compared.
        sys.stdout.write("\nwho pays for what, by time\n")
        for name in chosen:
            paid = "  ".join(f"{payer} {share:.0%}" for payer, share in stage.shares(name))
            sys.stdout.write(f"{name.removeprefix('lambdas.'):<22} {paid}\n")


if __name__ == "__main__":
    main()
