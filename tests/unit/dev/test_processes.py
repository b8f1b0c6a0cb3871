"""A process is told from a later one with the same pid."""

import subprocess
import sys

import pytest

from dev.cloud.processes import ProcessId, process_id, wait_for


def test_a_process_is_alive_until_it_ends_even_unreaped() -> None:
    """A zombie counts as gone, and waiting has a bound."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        found = process_id(child.pid)
        assert found.alive()
        assert not found.wait_until_gone(0.1)
        assert child.stdin is not None
        child.stdin.close()
        assert found.wait_until_gone(10)
    assert not found.alive()


def test_another_process_with_the_same_pid_is_not_it() -> None:
    """The time it started decides; a stranger gets no signal."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        stranger = ProcessId(pid=child.pid, started="1")
        assert not stranger.alive()
        stranger.signal(9)
        assert child.poll() is None


def test_a_process_that_is_gone_has_no_identity() -> None:
    """Asking for it is an error."""
    with subprocess.Popen([sys.executable, "-c", ""]) as child:
        child.wait()
    with pytest.raises(ProcessLookupError):
        process_id(child.pid)


def test_waiting_ends_with_its_bound() -> None:
    """A condition that never holds is False, not forever."""
    assert not wait_for(lambda: False, 0.05)
    assert wait_for(lambda: True, 0.05)
