"""The workflow is data, so its promises can be checked without deploying it."""

import json
import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from echoes.domain import errors
from echoes.domain.clips.polling import (
    ATTEMPT_DEADLINE,
    MAX_POLLS,
    QUEUED_DEADLINE,
    RUNNING_DEADLINE,
    SHORTEST,
)
from echoes.domain.error_catalogue import ErrorCode
from echoes.tasks.payloads import StepResult
from tests.support.patience import (
    MOST_ATTEMPTS,
    THROTTLED,
    is_patient,
    longest_pauses,
    longest_seconds,
)
from tests.support.workflows import acyclic_paths, exits

DEFINITION = Path(__file__).parents[2] / "infra" / "workflows" / "generation.asl.json"
MACHINE: dict[str, Any] = json.loads(DEFINITION.read_text())
STATES: dict[str, Any] = MACHINE["States"]
SETTLEMENTS = {"SettleCompleted", "SettleFailed"}
TASKS = [name for name, state in STATES.items() if state["Type"] == "Task"]
CHOICES = [name for name, state in STATES.items() if state["Type"] == "Choice"]
FUNCTIONS = {
    "${SubmitFunctionArn}": 90,
    "${PollFunctionArn}": 30,
    "${FinishFunctionArn}": 300,
    "${SettleFunctionArn}": 30,
}
"""Seconds each function may take: a task's bound lies above, so that it never doubts a live one."""

HAPPY = (
    "Submit",
    "Submitted?",
    *("Wait", "Poll", "Settled?") * 5,
    "Finish",
    "Finished?",
    "SettleCompleted",
)


def test_every_path_settles_the_hold_exactly_once() -> None:
    """Whatever fails, a hold ends up captured or released, never both and never neither."""
    paths = set(acyclic_paths(STATES, MACHINE["StartAt"]))

    assert len(paths) > 20
    for path in paths:
        assert len(SETTLEMENTS & set(path)) == 1, " → ".join(path)


def test_only_a_settlement_ends_an_execution() -> None:
    """And if even that fails, the execution fails loudly: the rule and the sweep know of it."""
    ends = {name for name, state in STATES.items() if state.get("End")}
    before_failing = {
        name
        for name, state in STATES.items()
        for following in exits(state)
        if STATES[following]["Type"] == "Fail"
    }

    assert ends == before_failing == SETTLEMENTS


def test_only_what_was_finished_is_completed() -> None:
    """A capture has exactly one way in."""
    ways = [(name, state) for name, state in STATES.items() if "SettleCompleted" in exits(state)]

    assert [name for name, _ in ways] == ["Finished?"]
    assert STATES["Finished?"]["Default"] == "SettleFailed"


@pytest.mark.parametrize("name", TASKS)
def test_every_task_is_bounded(name: str) -> None:
    """Every task has a timeout, retries and a catch-all."""
    task = STATES[name]
    limit = FUNCTIONS[task["Arguments"]["FunctionName"]]

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
    assert task["Catch"][-1]["ErrorEquals"] == ["States.ALL"]


@pytest.mark.parametrize("name", TASKS)
def test_a_function_without_room_is_waited_for(name: str) -> None:
    """Ordinary load queues: for minutes, before any rule that would give up, and for that alone."""
    repeating = [retrier for retrier in STATES[name]["Retry"] if retrier["MaxAttempts"]]
    assert is_patient(repeating[0])
    assert sum(longest_pauses(STATES[name])) / 2 > 10 * 60, "half of it, with full jitter"
    for retrier in repeating[1:]:
        assert THROTTLED not in retrier["ErrorEquals"]


def test_an_attempt_of_busy_functions_ends_before_its_deadline() -> None:
    """However long the task takes, there is time for the steps before and after it."""
    around = sum(longest_seconds(STATES[name]) for name in ("Submit", "Finish", "SettleCompleted"))
    assert around < (ATTEMPT_DEADLINE - QUEUED_DEADLINE - RUNNING_DEADLINE).total_seconds()


def test_polls_without_room_stay_within_the_history() -> None:
    """AJ6: however often each is put off, a longer wait means fewer questions."""
    pauses = list(longest_pauses(STATES["Poll"]))
    for put_off in range(len(pauses) + 1):
        seconds = SHORTEST + sum(pauses[:put_off]) / 2  # full jitter halves them
        polls = min(MAX_POLLS, ATTEMPT_DEADLINE.total_seconds() / seconds)
        assert polls * (9 + 4 * put_off) < 25_000, "history events"


@pytest.mark.parametrize("name", TASKS)
def test_states_all_stands_alone_and_last(name: str) -> None:
    """Step Functions refuses a definition where it does not."""
    for rules in (STATES[name]["Retry"], STATES[name]["Catch"]):
        named = [rule["ErrorEquals"] for rule in rules]
        assert all("States.ALL" not in errors_ for errors_ in named[:-1])
        assert named[-1] == ["States.ALL"]


@pytest.mark.parametrize(
    "name", [n for n in TASKS if STATES[n]["Arguments"]["FunctionName"] == "${SubmitFunctionArn}"]
)
def test_a_submission_in_doubt_is_not_repeated(name: str) -> None:
    """AJ3: it waits, and is reconciled once."""
    first = STATES[name]["Retry"][0]

    assert (first["ErrorEquals"], first["MaxAttempts"]) == (["SubmissionUnknown"], 0)
    caught = {
        rule["Next"] for rule in STATES[name]["Catch"] if "SubmissionUnknown" in rule["ErrorEquals"]
    }
    assert caught == ({"Doubt"} if name != "Reconcile" else set())


def test_nothing_ends_the_execution_before_it_settles() -> None:
    """A timeout of the whole state machine cannot be caught and would leave the hold open."""
    assert "TimeoutSeconds" not in MACHINE


@pytest.mark.parametrize("name", CHOICES)
def test_every_question_has_an_answer_for_the_unexpected(name: str) -> None:
    """And that answer gives the credits back."""
    assert STATES[name]["Default"] == "SettleFailed"


def test_the_only_loop_is_bounded() -> None:
    """The poll keeps the deadlines; the definition bounds the loop above what the poll allows."""
    (rule,) = (rule for rule in STATES["Settled?"]["Choices"] if rule["Next"] == "Wait")
    bound = int(re.search(r"polls < (\d+)", rule["Condition"])[1])  # type: ignore[index]  # it is there

    assert bound > MAX_POLLS
    assert 9 * bound < 25_000, "history events"


def test_the_happy_path_takes_at_most_twenty_transitions() -> None:
    """With five polls: 5 + 3 for each."""
    for here, there in pairwise(HAPPY):
        assert there in exits(STATES[here])

    assert STATES[HAPPY[-1]]["End"]
    assert len(HAPPY) == 20


def test_every_error_the_workflow_names_exists() -> None:
    """Step Functions matches class names as text; a renamed class would silently stop matching."""
    named = {
        error
        for state in STATES.values()
        for rule in (*state.get("Retry", ()), *state.get("Catch", ()))
        for error in rule["ErrorEquals"]
        if "." not in error
    }

    assert named
    assert named <= vars(errors).keys()


def test_every_code_the_workflow_names_exists() -> None:
    """People read a text for each."""
    codes = {
        rule["Output"]["error_code"]
        for state in STATES.values()
        for rule in state.get("Catch", ())
        if "Output" in rule
    }

    assert codes
    assert codes <= set(ErrorCode)


def test_the_workflow_reads_only_what_tasks_answer() -> None:
    """A missing key would stop an execution without settling anything."""
    text = json.dumps(STATES)
    read = set(re.findall(r"\$states\.input\.(\w+)", text))

    assert read <= StepResult.__required_keys__
