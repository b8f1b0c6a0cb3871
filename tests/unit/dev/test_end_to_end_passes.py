"""The two passes of the end-to-end tests: neither can hide what the other found."""

import subprocess
from pathlib import Path

import pytest

from tests.e2e import __main__ as passes

PASSED, FAILED, NOTHING = 0, 1, 5


@pytest.mark.parametrize(
    ("codes", "wanted"),
    [
        ((PASSED, PASSED), PASSED),
        ((FAILED, PASSED), FAILED),
        ((PASSED, FAILED), FAILED),
        ((NOTHING, PASSED), PASSED),
        ((PASSED, NOTHING), PASSED),
        ((NOTHING, FAILED), FAILED),
        ((NOTHING, NOTHING), NOTHING),
        ((-9, PASSED), -9),
    ],
)
def test_one_bad_pass_is_a_bad_run(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, codes: tuple[int, int], wanted: int
) -> None:
    """Both run whatever becomes of the first; no test at all is not success."""
    left = list(codes)

    def answer(command: list[str], **_: object) -> subprocess.CompletedProcess[bytes]:
        return subprocess.CompletedProcess(command, left.pop(0))

    monkeypatch.setattr(subprocess, "run", answer)
    assert passes.run(tmp_path / "endpoints.json", []) == wanted
    assert not left
