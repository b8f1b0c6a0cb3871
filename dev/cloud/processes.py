"""Look at processes and end them, safely even when a pid was reused."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_LOOK_SECONDS = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessId:
    """A process; its start time distinguishes it from a later one with the same pid."""

    pid: int
    started: str

    def alive(self) -> bool:
        """Tell whether this very process still runs; a zombie does not."""
        return start_of(self.pid) == self.started

    def signal(self, number: int) -> None:
        """Send a signal, unless the process is gone."""
        if self.alive():
            try:
                os.kill(self.pid, number)
            except ProcessLookupError:
                return

    def signal_group(self, number: int) -> None:
        """Send a signal to the group that the process leads, even if that process has ended."""
        try:
            os.killpg(self.pid, number)
        except (ProcessLookupError, PermissionError):
            return

    def wait_until_gone(self, seconds: float) -> bool:
        """Wait for its end; return whether it came in time."""
        return wait_for(lambda: not self.alive(), seconds)


def process_id(pid: int) -> ProcessId:
    """Return the identity of a running process; raises ProcessLookupError when there is none."""
    started = start_of(pid)
    if started is None:
        raise ProcessLookupError(pid)
    return ProcessId(pid=pid, started=started)


def start_of(pid: int) -> str | None:
    """Return when a process started, in any form that differs between two of them; else None."""
    if sys.platform == "linux":
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            return None
        return None if fields[0] in "ZX" else fields[19]
    listed = subprocess.run(
        ["/bin/ps", "-o", "stat=,lstart=", "-p", str(pid)],
        capture_output=True,
        text=True,
        check=False,
    ).stdout.strip()
    return None if not listed or listed.startswith("Z") else listed.partition(" ")[2].strip()


def wait_for(condition: Callable[[], bool], seconds: float) -> bool:
    """Wait until `condition` holds, at most `seconds`; return whether it did."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(_LOOK_SECONDS)
    return True


def die_with_parent() -> None:
    """
    Have this process end with SIGTERM when its parent dies, even by SIGKILL (Linux only).

    Meant for `preexec_fn` of a single-threaded parent. Elsewhere it does nothing, and the next
    `up` or `down` ends what is left by its recorded pid.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
