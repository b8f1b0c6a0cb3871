"""
The process that owns all others of a local cloud: `python -m dev.cloud.supervisor SPEC`.

It starts the services of a JSON file, records itself and them in `processes.json`, and ends them
all on SIGTERM or SIGINT, or when one of them dies. When it is killed itself, the
kernel ends them (Linux); elsewhere the record lets the next `up` or `down` do so.
"""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from dev.cloud.processes import ProcessId, die_with_parent, process_id

# ministack saves its whole state on the way out: 10 s for a few hundred megabytes.
LONGEST_STOP_SECONDS = 60.0
LOOK_SECONDS = 0.2


class _Stop(Exception):
    """The supervisor was asked to stop."""


def read_record(path: Path) -> tuple[ProcessId, dict[str, ProcessId]] | None:
    """Return the recorded supervisor and services; None when there is no readable record."""
    try:
        record = json.loads(path.read_text())
        services = {name: ProcessId(**found) for name, found in record["services"].items()}
        return ProcessId(**record["supervisor"]), services
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None


class Supervisor:
    """Starts, watches and ends the services of one local cloud."""

    def __init__(self, specification: dict[str, Any]) -> None:
        self._record = Path(specification["record"])
        self._logs = Path(specification["logs"])
        self._project = specification["project"]
        self._services = specification["services"]
        self._processes: dict[str, subprocess.Popen[bytes]] = {}

    def run(self) -> int:
        """Run the services until asked to stop; return 0, or 1 when one died by itself."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, _raise_stop)
        try:
            for service in self._services:
                self._start(service)
            self._write_record()
            while True:
                for name, process in self._processes.items():
                    if process.poll() is not None:
                        _say(f"{name} ended with {process.returncode}; stopping the others")
                        return 1
                time.sleep(LOOK_SECONDS)
        except _Stop:
            _say("stopping")
            return 0
        finally:
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, signal.SIG_IGN)
            self._stop_all()
            self._record.unlink(missing_ok=True)

    def _start(self, service: dict[str, Any]) -> None:
        log = (self._logs / f"{service['name']}.log").open("ab")
        self._processes[service["name"]] = subprocess.Popen(
            service["command"],
            env=service["environment"],
            cwd=self._project,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=die_with_parent,  # noqa: PLW1509  # this process has one thread
        )
        log.close()
        _say(f"{service['name']} started as {self._processes[service['name']].pid}")

    def _write_record(self) -> None:
        record = {
            "supervisor": asdict(process_id(os.getpid())),
            "services": {
                name: asdict(process_id(process.pid)) for name, process in self._processes.items()
            },
        }
        partial = self._record.with_suffix(".partial")
        partial.write_text(json.dumps(record, indent=2))
        partial.replace(self._record)

    def _stop_all(self) -> None:
        for process in self._processes.values():
            process.terminate()
        deadline = time.monotonic() + LONGEST_STOP_SECONDS
        for name, process in self._processes.items():
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                _say(f"{name} did not stop; killing it")
            # Its group holds what it started: handlers' processes go with it.
            ProcessId(pid=process.pid, started="").signal_group(signal.SIGKILL)
            process.wait()
            _say(f"{name} stopped")


def _raise_stop(_number: int, _frame: object) -> None:
    raise _Stop


def _say(line: str) -> None:
    print(time.strftime("%H:%M:%S"), line, flush=True)


if __name__ == "__main__":
    sys.exit(Supervisor(json.loads(Path(sys.argv[1]).read_text())).run())
