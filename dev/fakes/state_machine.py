"""
Enough of Step Functions to run our workflows in a test.

It reads the definition that is deployed, follows Retry and Catch by class name, and lets the fake
clock pass while it waits. Of JSONata it understands paths and comparisons joined by ``and``; the
items of a map come one after the other.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from echoes.application.ports.clock import Clock

WORKFLOWS: Final = Path(__file__).parents[2] / "infra" / "workflows"
GENERATION: Final = WORKFLOWS / "generation.asl.json"
ASSEMBLY: Final = WORKFLOWS / "assembly.asl.json"
MAX_STEPS: Final = 5000
CRASHED: Final = "Runtime.ExitError"
"""What Step Functions sees of a function that dies."""

THROTTLED: Final = "Lambda.TooManyRequestsException"
"""What it sees of one that runs as many calls as it may."""

Task = Callable[[dict[str, Any]], Mapping[str, object]]


class Killed(BaseException):
    """A function's process ends here; nothing in it can catch that."""


class TooManyRequests(Exception):
    """A function runs as many calls as it may: this one never began."""


def busy(task: Task, *, calls: int) -> Task:
    """Return *task*, which refuses the next *calls* calls."""
    refusals = iter(range(calls))

    def call(payload: dict[str, Any]) -> Mapping[str, object]:
        if next(refusals, None) is not None:
            raise TooManyRequests
        return task(payload)

    return call


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """How an execution ended, and the states it went through."""

    succeeded: bool
    states: tuple[str, ...]
    retries: int


class _Uncaught(Exception):
    """An error that no state of a map's items catches: it is the map's."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class _Stopped(Exception):
    """The execution was stopped."""


class StateMachine:
    """Runs *definition*, calling *tasks* by the names of their placeholders."""

    def __init__(
        self,
        tasks: Mapping[str, Task],
        clock: Clock,
        *,
        definition: Path = GENERATION,
        reconcile_after_seconds: int = 60,
    ) -> None:
        text = definition.read_text()
        text = text.replace("${ReconcileAfterSeconds}", str(reconcile_after_seconds))
        self._definition: dict[str, Any] = json.loads(text)
        self._tasks = tasks
        self._clock = clock
        self._passed: list[str] = []
        self._retries = 0

    def run(
        self, execution_input: Mapping[str, str], *, stop: Callable[[], bool] = lambda: False
    ) -> End:
        """Run one execution to its end; *stop* is asked before every state."""
        self._passed, self._retries = [], 0
        context = {"Execution": {"Input": dict(execution_input)}}
        try:
            succeeded = self._walk(self._definition, dict(execution_input), context, stop)
        except _Stopped:
            succeeded = False
        return End(succeeded=succeeded, states=tuple(self._passed), retries=self._retries)

    def _walk(
        self,
        definition: dict[str, Any],
        value: dict[str, Any],
        context: dict[str, Any],
        stop: Callable[[], bool],
    ) -> bool:
        """Go from the first state to an end; answer whether it is a good one."""
        name: str | None = definition["StartAt"]
        while name is not None:
            if stop():
                raise _Stopped
            if len(self._passed) >= MAX_STEPS:
                raise AssertionError("the execution runs for ever")
            state = definition["States"][name]
            self._passed.append(name)
            scope: dict[str, Any] = {"input": value, "context": context}
            match state["Type"]:
                case "Task":
                    name, value = self._task(state, scope)
                case "Map":
                    name, value = self._map(state, scope, stop)
                case "Choice":
                    name = _choose(state, scope)
                case "Pass":
                    name, value = state["Next"], _evaluate(state["Output"], scope)
                case "Wait":
                    self._clock.sleep(_evaluate(state["Seconds"], scope))
                    name = state["Next"]
                case _:
                    return False
        return True

    def _map(
        self, state: dict[str, Any], scope: dict[str, Any], stop: Callable[[], bool]
    ) -> tuple[str, dict[str, Any]]:
        for item in _evaluate(state["Items"], scope):
            context = {**scope["context"], "Map": {"Item": {"Value": item}}}
            value = _evaluate(state["ItemSelector"], {**scope, "context": context})
            try:
                self._walk(state["ItemProcessor"], value, context, stop)
            except _Uncaught as error:
                return self._caught(state, error.name)
        return state["Next"], _evaluate(state["Output"], scope)

    def _task(
        self, state: dict[str, Any], scope: dict[str, Any]
    ) -> tuple[str | None, dict[str, Any]]:
        arguments = _evaluate(state["Arguments"], scope)
        task = self._tasks[arguments["FunctionName"].strip("${}")]
        tried: dict[int, int] = {}
        while True:
            try:
                # Through JSON and back, as on the wire.
                result = json.loads(json.dumps(task(json.loads(json.dumps(arguments["Payload"])))))
            except Killed:
                error = CRASHED
            except TooManyRequests:
                error = THROTTLED
            except Exception as raised:  # noqa: BLE001  # whatever a function raises has a name
                error = type(raised).__name__
            else:
                outcome = {**scope, "result": {"Payload": result}}
                return state.get("Next"), _evaluate(state["Output"], outcome)
            if not self._retry(state, error, tried):
                return self._caught(state, error)
            self._retries += 1

    def _caught(self, state: dict[str, Any], error: str) -> tuple[str, dict[str, Any]]:
        for catcher in state.get("Catch", ()):
            if {error, "States.ALL"} & set(catcher["ErrorEquals"]):
                return catcher["Next"], catcher.get("Output", {"Error": error})
        raise _Uncaught(error)

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
