"""CI runs what people run, with actions that cannot change behind our back."""

import re
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[3]
WORKFLOWS: Final = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
TARGET: Final = re.compile(r"^([a-z0-9-]+):", re.MULTILINE)


def test_every_action_is_pinned_by_commit() -> None:
    """A tag can be moved to other code; the version beside the commit is for people and bots."""
    uses = [
        (path.name, reference)
        for path in WORKFLOWS
        for reference in re.findall(r"uses: (.+)", path.read_text())
    ]
    assert uses
    loose = [use for use in uses if not re.fullmatch(r"[\w./-]+@[0-9a-f]{40} # v[\d.]+", use[1])]
    assert not loose


def test_ci_runs_targets_of_the_makefile() -> None:
    """A job of a target that was renamed would fail only after it was pushed."""
    known = set(TARGET.findall((ROOT / "Makefile").read_text()))
    named = {
        target
        for path in WORKFLOWS
        for targets in re.findall(r"targets: (.+)", path.read_text())
        for target in targets.split()
    }
    assert named
    assert named <= known


def test_the_jobs_of_ci_run_all_tests() -> None:
    """What ``make check test`` runs, side by side."""
    text = "\n".join(path.read_text() for path in WORKFLOWS)
    makefile = (ROOT / "Makefile").read_text()
    all_tests = re.search(r"^test: ([a-z0-9 -]+?)(?: ##|$)", makefile, re.MULTILINE)
    assert all_tests
    named = set(re.findall(r"[a-z0-9-]+", " ".join(re.findall(r"targets: (.+)", text))))
    assert {"check", *all_tests[1].split()} <= named
