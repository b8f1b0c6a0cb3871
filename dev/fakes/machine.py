"""
Enough of Step Functions to carry attempts through `generation.asl.json` in a test.

It reads the definition that is deployed, follows Retry and Catch by class name, and lets the fake
clock pass while it waits. Of JSONata it understands paths and comparisons joined by ``and``.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from echoes.application.ports import Clock

DEFINITION: Final = Path(__file__).parents[2] / "infra" / "workflows" / "generation.asl.json"
MAX_STEPS: Final = 5000
CRASHED: Final = "Runtime.ExitError"
"""What Step Functions sees of a function that dies."""

Task = Callable[[dict[str, Any]], Mapping[str, object]]


class Killed(BaseException):
    """A function's process ends here; nothing in it can catch that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """How an execution ended, and the states it went through."""

    succeeded: bool
    states: tuple[str, ...]
    retries: int


class Machine:
    """Runs the definition, calling *tasks* by the names of their placeholders."""

    def __init__(
        self, tasks: Mapping[str, Task], clock: Clock, *, reconcile_after_seconds: int = 60
    ) -> None:
        text = DEFINITION.read_text()
        text = text.replace("${ReconcileAfterSeconds}", str(reconcile_after_seconds))
        self._states: dict[str, Any] = json.loads(text)["States"]
        self._start: str = json.loads(text)["StartAt"]
        self._tasks = tasks
        self._clock = clock

    def run(
        self, execution_input: Mapping[str, str], *, stop: Callable[[], bool] = lambda: False
    ) -> End:
        """Carry one attempt to an end; *stop* is asked before every state."""
        context = {"Execution": {"Input": dict(execution_input)}}
        name, value, retries = self._start, dict[str, Any](execution_input), 0
        passed: list[str] = []
        while len(passed) < MAX_STEPS:
            if stop():
                return End(succeeded=False, states=tuple(passed), retries=retries)
            state = self._states[name]
            passed.append(name)
            scope: dict[str, Any] = {"input": value, "context": context}
            match state["Type"]:
                case "Task":
                    following, value, again = self._task(state, scope)
                    retries += again
                case "Choice":
                    following = _choose(state, scope)
                case "Wait":
                    self._clock.sleep(_evaluate(state["Seconds"], scope))
                    following = state["Next"]
                case _:
                    return End(succeeded=False, states=tuple(passed), retries=retries)
            if following is None:
                return End(succeeded=True, states=tuple(passed), retries=retries)
            name = following
        raise AssertionError("the execution runs for ever")

    def _task(
        self, state: dict[str, Any], scope: dict[str, Any]
    ) -> tuple[str | None, dict[str, Any], int]:
        arguments = _evaluate(state["Arguments"], scope)
        task = self._tasks[arguments["FunctionName"].strip("${}")]
        tried: dict[int, int] = {}
        while True:
            try:
                # Through JSON and back, as on the wire.
                result = json.loads(json.dumps(task(json.loads(json.dumps(arguments["Payload"])))))
            except Killed:
                error = CRASHED
            except Exception as raised:  # noqa: BLE001  # whatever a function raises has a name
                error = type(raised).__name__
            else:
                outcome = {**scope, "result": {"Payload": result}}
                value = _evaluate(state["Output"], outcome)
                return state.get("Next"), value, sum(tried.values())
            if not self._retry(state, error, tried):
                break
        for catcher in state["Catch"]:
            if {error, "States.ALL"} & set(catcher["ErrorEquals"]):
                value = catcher.get("Output", {"Error": error})
                return catcher["Next"], value, sum(tried.values())
        raise AssertionError(f"nothing catches {error}")

    def _retry(self, state: dict[str, Any], error: str, tried: dict[int, int]) -> bool:
        for index, retrier in enumerate(state["Retry"]):
            if {error, "States.ALL"} & set(retrier["ErrorEquals"]):
                count = tried.get(index, 0)
                if count >= retrier["MaxAttempts"]:
                    return False
                pause = retrier["IntervalSeconds"] * retrier["BackoffRate"] ** count
                self._clock.sleep(min(pause, retrier["MaxDelaySeconds"]))
                tried[index] = count + 1
                return True
        return False


def _choose(state: dict[str, Any], scope: dict[str, Any]) -> str:
    for rule in state["Choices"]:
        if _evaluate(rule["Condition"], scope):
            return str(rule["Next"])
    return str(state["Default"])


def _evaluate(template: Any, scope: dict[str, Any]) -> Any:  # noqa: ANN401  # JSON
    if isinstance(template, dict):
        return {key: _evaluate(value, scope) for key, value in template.items()}
    if not (isinstance(template, str) and template.startswith("{%")):
        return template
    expression = template.removeprefix("{%").removesuffix("%}").strip()
    if " and " in expression or re.search(r" [=<>] ", expression):
        return all(_compare(part.strip(), scope) for part in expression.split(" and "))
    return _value(expression, scope)


def _compare(comparison: str, scope: dict[str, Any]) -> bool:
    left, operator, right = comparison.split(" ", 2)
    one, other = _value(left, scope), _value(right, scope)
    match operator:
        case "=":
            return bool(one == other)
        case "<":
            return bool(one < other)
        case _:
            raise ValueError(f"a comparison the workflow does not use: {comparison}")


def _value(expression: str, scope: dict[str, Any]) -> Any:  # noqa: ANN401  # JSON
    if expression.startswith("'"):
        return expression.strip("'")
    if expression.isdigit():
        return int(expression)
    value: Any = {"$states": scope}
    for step in expression.split("."):
        value = value[step]  # a missing key stops an execution, and here a test
    return value
