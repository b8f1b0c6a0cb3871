"""
Run the end-to-end tests on one local cloud: `python -m tests.e2e [pytest's options]`.

First, several at once, the tests that share nothing but the cloud. Then, one by one, those marked
`alone`: they kill its processes, measure seconds, or look at what all the others have left.
With `ECHOES_ENDPOINTS` naming an endpoints file they run on the cloud that is up.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

import pytest

from tests.support.own_cloud import own_cloud

HERE: Final = Path(__file__).parent
AT_ONCE: Final = "4"
"""Twice the cores of a small machine: a test mostly waits for the cloud."""
PASSES: Final = (
    ("-n", AT_ONCE, "--dist", "loadgroup", "-m", "not alone"),
    ("-m", "alone"),
)


def main(options: list[str]) -> int:
    """Run the tests; return 0 when all of them passed."""
    if named := os.environ.get("ECHOES_ENDPOINTS"):
        return run(Path(named), options)
    directory = Path(tempfile.mkdtemp(prefix="echoes-e2e-"))
    with own_cloud(directory) as cloud:
        code = run(cloud.instance.endpoints, options)
    if code == pytest.ExitCode.OK:
        shutil.rmtree(directory)
    else:
        sys.stderr.write(f"What the cloud said is in {cloud.instance.logs}\n")
    return code


def run(endpoints: Path, options: list[str]) -> int:
    """Run both passes, whatever becomes of the first; return the first exit code that is bad."""
    codes = [
        subprocess.run(
            [sys.executable, "-m", "pytest", "-q", *chosen, *options, str(HERE)],
            env={**os.environ, "ECHOES_ENDPOINTS": str(endpoints.resolve())},
            check=False,
        ).returncode
        for chosen in PASSES
    ]
    # An option such as `-k` may leave one pass without a test.
    ran = [code for code in codes if code != pytest.ExitCode.NO_TESTS_COLLECTED]
    return next((code for code in ran if code), 0 if ran else codes[0])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
