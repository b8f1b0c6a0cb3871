"""A process that does not outlive the one that started it."""

import ctypes
import os
import signal
import sys
import threading
import time

_PR_SET_PDEATHSIG = 1
_LOOK_SECONDS = 1.0


def die_with_parent(with_signal: int = signal.SIGTERM) -> None:
    """
    Have this process receive `with_signal` when its parent dies, however the parent dies.

    Only when `ECHOES_PARENT` names the parent's pid; else nothing happens (started by hand).
    On Linux the kernel does it; elsewhere a thread looks once a second.
    """
    named = os.environ.get("ECHOES_PARENT")
    if not named:
        return
    parent = int(named)
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, with_signal)
    else:
        threading.Thread(target=_look_for, args=(parent, with_signal), daemon=True).start()
    if os.getppid() != parent:  # it died before we could ask
        os.kill(os.getpid(), with_signal)


def _look_for(parent: int, with_signal: int) -> None:
    while os.getppid() == parent:
        time.sleep(_LOOK_SECONDS)
    os.kill(os.getpid(), with_signal)
