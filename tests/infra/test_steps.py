"""A step has one word: its state, its function, its task and its use case share it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from infra.constructs import assembly_workflow, generation_workflow
from infra.functions import FUNCTIONS
from infra.functions.spec import FunctionSpec

PROJECT = Path(__file__).parents[2]
ECHOES = PROJECT / "layers" / "core" / "python" / "echoes"
WORKFLOWS = {"generation": generation_workflow, "films": assembly_workflow}
STEPS = [
    pytest.param(capability, name, spec, id=f"{capability} {name}")
    for capability, workflow in WORKFLOWS.items()
    for name, spec in workflow.TASKS.items()
]
STEPLESS = {
    "generate-stopped": "it settles whatever attempt an execution left: `SettleStoppedAttempt`",
    "assemble-stopped": "it settles the film an execution left: `SettleFilm`",
    "audit-tampering": "it only counts what the ledger's stream shows: there is no use case",
    "authorizer": "it checks a token for the gateway: there is no use case",
}
"""Functions without a verb of a use case in their name, and why."""


def task_states(states: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every task of a machine, those of its maps included."""
    for name, state in states.items():
        if state["Type"] == "Task":
            yield name, state
        elif state["Type"] == "Map":
            yield from task_states(state["ItemProcessor"]["States"])


def use_cases(verb: str) -> list[Path]:
    """Return the modules of use cases that begin with *verb*, of every capability."""
    return sorted(ECHOES.glob(f"application/*/{verb}*.py"))


def class_named_like(module: Path) -> str:
    return f"class {module.stem.title().replace('_', '')}:"


@pytest.mark.parametrize("capability", WORKFLOWS)
def test_a_state_is_named_by_its_function(capability: str) -> None:
    """`SettleFailed` calls `…-settle`; another offer of one step is named by what it offers."""
    workflow = WORKFLOWS[capability]
    machine = json.loads(workflow.DEFINITION.read_text())
    called = set()
    for name, state in task_states(machine["States"]):
        step = state["Arguments"]["FunctionName"].removeprefix("${").removesuffix("FunctionArn}")
        called.add(step)
        offer = str(state["Arguments"]["Payload"].get("offer", ""))
        assert name.startswith(step) or name == offer.title().replace("_", ""), (name, step)
    assert called == set(workflow.TASKS)


@pytest.mark.parametrize(("capability", "step", "spec"), STEPS)
def test_a_function_is_named_by_its_use_case(
    capability: str, step: str, spec: FunctionSpec
) -> None:
    """The entry point, its wiring, its task and the use case bear the state's word."""
    verb = step.lower()
    assert spec.module == verb
    (module,) = (
        module
        for module in use_cases(f"{verb}_")
        if module.parent.name == capability and "stopped" not in module.stem
    )
    assert class_named_like(module) in module.read_text()
    wiring = (ECHOES / "bootstrap" / spec.folder / f"{verb}.py").read_text()
    assert f"import {module.stem.title().replace('_', '')}\n" in wiring
    tasks = (ECHOES / "tasks").glob("*.py")
    assert any(f"\ndef {verb}(" in task.read_text() for task in tasks)


@pytest.mark.parametrize(
    "spec", [spec for spec in FUNCTIONS if spec.module != "api"], ids=lambda spec: spec.name
)
def test_what_no_person_calls_is_named_by_a_use_case(spec: FunctionSpec) -> None:
    """`webhooks-reconcile` is `ReconcilePayment`, `audit-books` is `AuditBooks`."""
    verb = f"{spec.folder}_{spec.module}" if spec.folder == "audit" else spec.module
    found = [module for module in use_cases(verb) if class_named_like(module) in module.read_text()]
    assert bool(found) != (spec.name in STEPLESS), spec.name
