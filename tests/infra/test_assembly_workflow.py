"""The workflow of films is data, so its promises can be checked without deploying it."""

import json
import math
import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from echoes.application.films.plan_film import SEGMENTS_PER_CALL
from echoes.domain import errors
from echoes.domain.error_catalogue import ErrorCode
from echoes.domain.films.film import FILM_DEADLINE
from echoes.domain.projects.project import MAX_CLIPS
from echoes.tasks.assembly_payloads import (
    AssemblyResult,
    PlanPayload,
    RenderPayload,
    SettleFilmPayload,
)
from infra import functions
from tests.support.patience import (
    MOST_ATTEMPTS,
    THROTTLED,
    is_patient,
    longest_pauses,
    longest_seconds,
)
from tests.support.workflows import acyclic_paths, exits

DEFINITION = Path(__file__).parents[2] / "infra" / "workflows" / "assembly.asl.json"
MACHINE: dict[str, Any] = json.loads(DEFINITION.read_text())
STATES: dict[str, Any] = MACHINE["States"]
RENDERING: dict[str, Any] = STATES["RenderMissing"]["ItemProcessor"]["States"]
EVERY: dict[str, Any] = {**STATES, **RENDERING}
SETTLEMENTS = {"SettleCompleted", "SettleFailed"}
TASKS = [name for name, state in EVERY.items() if state["Type"] == "Task"]
LIMITS = {
    "${PlanFunctionArn}": functions.films.ASSEMBLE_PLAN.timeout_seconds,
    "${RenderFunctionArn}": functions.films.ASSEMBLE_RENDER.timeout_seconds,
    "${JoinFunctionArn}": functions.films.ASSEMBLE_JOIN.timeout_seconds,
    "${SettleFunctionArn}": functions.films.ASSEMBLE_SETTLE.timeout_seconds,
}
HAPPY = (
    "Begin",
    "Plan",
    "Missing?",
    "RenderMissing",
    "Plan",
    "Missing?",
    "Join",
    "Joined?",
    "SettleCompleted",
)


def test_every_path_ends_the_film_exactly_once() -> None:
    """Whatever fails, a film ends as completed or failed."""
    paths = set(acyclic_paths(STATES, MACHINE["StartAt"]))
    assert len(paths) > 5
    for path in paths:
        assert len(SETTLEMENTS & set(path)) == 1, " → ".join(path)


def test_only_a_settlement_ends_an_execution() -> None:
    """And if even that fails, the execution fails loudly: the rule knows of it."""
    ends = {name for name, state in STATES.items() if state.get("End")}
    before_failing = {
        name
        for name, state in STATES.items()
        for following in exits(state)
        if STATES[following]["Type"] == "Fail"
    }
    assert ends == before_failing == SETTLEMENTS


def test_only_what_was_verified_is_completed() -> None:
    """There is exactly one way to a film that is shown."""
    assert [name for name, state in STATES.items() if "SettleCompleted" in exits(state)] == [
        "Joined?"
    ]
    assert {STATES[name]["Default"] for name in ("Missing?", "Joined?")} == {"SettleFailed"}


@pytest.mark.parametrize("name", TASKS)
def test_every_task_is_bounded(name: str) -> None:
    """Every task has a timeout, retries and a catch-all."""
    task = EVERY[name]
    limit = LIMITS[task["Arguments"]["FunctionName"]]
    assert limit < task["TimeoutSeconds"] <= limit + 10
    assert all(
        retrier["MaxAttempts"] <= (MOST_ATTEMPTS if is_patient(retrier) else 8)
        for retrier in task["Retry"]
    )
    assert all(
        retrier["MaxDelaySeconds"] <= 60 and retrier["JitterStrategy"] == "FULL"
        for retrier in task["Retry"]
        if retrier["MaxAttempts"]
    )
    # What one piece raises, all pieces' state catches.
    catching = STATES["RenderMissing"] if name in RENDERING else task
    for rules in (task["Retry"], catching["Catch"]):
        named = [rule["ErrorEquals"] for rule in rules]
        assert all("States.ALL" not in each for each in named[:-1])
        assert named[-1] == ["States.ALL"]


@pytest.mark.parametrize("name", TASKS)
def test_a_function_without_room_is_waited_for(name: str) -> None:
    """Ordinary load queues: for minutes, before any rule that would give up, and for that alone."""
    repeating = [retrier for retrier in EVERY[name]["Retry"] if retrier["MaxAttempts"]]
    assert is_patient(repeating[0])
    assert sum(longest_pauses(EVERY[name])) / 2 > 10 * 60, "half of it, with full jitter"
    for retrier in repeating[1:]:
        assert THROTTLED not in retrier["ErrorEquals"]


def test_a_film_of_busy_functions_ends_before_its_deadline() -> None:
    """Two rounds encode everything of the longest film; no task finds room before its last try."""
    # Each round at most a piece a clip, with fades at both ends and a card.
    calls = math.ceil((MAX_CLIPS + 3) / SEGMENTS_PER_CALL)
    waves = math.ceil(calls / STATES["RenderMissing"]["MaxConcurrency"])
    road = ["Plan", *["Render"] * waves] * 2 + ["Plan", "Join", "SettleCompleted"]
    assert sum(longest_seconds(EVERY[name]) for name in road) < FILM_DEADLINE.total_seconds()


def test_encoding_is_bounded() -> None:
    """Ten calls at once at most, and a few rounds at most, though two make everything."""
    assert STATES["RenderMissing"]["MaxConcurrency"] <= functions.films.ASSEMBLE_RENDER.concurrency
    (rule,) = (rule for rule in STATES["Missing?"]["Choices"] if rule["Next"] == "RenderMissing")
    found = re.search(r"round < (\d+)", rule["Condition"])
    assert found is not None
    assert 2 < int(found[1]) <= 5
    assert "TimeoutSeconds" not in MACHINE, "it cannot be caught"


def test_a_refusal_is_not_repeated() -> None:
    """A clip that is broken stays broken."""
    first = RENDERING["Render"]["Retry"][0]
    assert first["MaxAttempts"] == 0
    assert {"FootageRefused", "FilmEnded"} <= set(first["ErrorEquals"])


def test_every_error_and_code_the_workflow_names_exists() -> None:
    """Step Functions matches class names as text; a renamed class would stop matching."""
    rules = [r for s in EVERY.values() for r in (*s.get("Retry", ()), *s.get("Catch", ()))]
    named = {error for rule in rules for error in rule["ErrorEquals"] if "." not in error}
    codes = {rule["Output"]["error_code"] for rule in rules if "Output" in rule}
    assert named
    assert named <= vars(errors).keys()
    assert codes
    assert codes <= set(ErrorCode)


def test_the_workflow_reads_only_what_tasks_answer() -> None:
    """A missing key would stop an execution."""
    own = {"keys", "round"}  # what the items and the states themselves write
    read = set(re.findall(r"\$states\.input\.(\w+)", json.dumps(STATES)))
    assert read - own <= AssemblyResult.__required_keys__


@pytest.mark.parametrize(
    ("name", "payload"),
    [
        ("Plan", PlanPayload),
        ("Render", RenderPayload),
        ("SettleCompleted", SettleFilmPayload),
        ("SettleFailed", SettleFilmPayload),
    ],
)
def test_tasks_get_what_they_take(name: str, payload: type[PlanPayload]) -> None:
    """No key is missing, and none is unknown."""
    assert set(EVERY[name]["Arguments"]["Payload"]) == set(payload.model_fields)


def test_the_happy_path_is_short() -> None:
    """Hard cuts need no encoding: six transitions, and three more for a round of it."""
    for here, there in pairwise(HAPPY):
        assert there in exits(STATES[here])
    assert STATES[HAPPY[-1]]["End"]
