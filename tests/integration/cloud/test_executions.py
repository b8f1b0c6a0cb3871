"""Executions of the local cloud start once, retry by class name, and report how they ended."""

import json
import time
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from dev.cloud.ephemeral import EphemeralCloud, until

Calls = Callable[[str], list[dict[str, Any]]]


def _start(cloud: EphemeralCloud, outputs: dict[str, str], name: str, event: dict[str, Any]) -> str:
    started = cloud.client("stepfunctions").start_execution(
        stateMachineArn=outputs["MachineArn"], name=name, input=json.dumps(event)
    )
    return str(started["executionArn"])


def _ended(cloud: EphemeralCloud, arn: str) -> dict[str, Any]:
    def look() -> dict[str, Any] | None:
        found = cloud.client("stepfunctions").describe_execution(executionArn=arn)
        return found if found["status"] != "RUNNING" else None

    return dict(until(look) or {})


def test_the_same_request_starts_one_execution(
    cloud: EphemeralCloud, outputs: dict[str, str]
) -> None:
    """Same name and input while it runs: the same execution; another input, or later: refused."""
    name, request = str(uuid.uuid4()), {"do": "sleep", "seconds": 2}
    first = _start(cloud, outputs, name, request)
    assert _start(cloud, outputs, name, request) == first
    with pytest.raises(ClientError, match="ExecutionAlreadyExists"):
        _start(cloud, outputs, name, {"do": "quiet"})
    assert _ended(cloud, first)["status"] == "SUCCEEDED"
    with pytest.raises(ClientError, match="ExecutionAlreadyExists"):
        _start(cloud, outputs, name, request)


def test_retry_and_catch_match_the_class_of_the_error(
    cloud: EphemeralCloud, outputs: dict[str, str], calls: Calls
) -> None:
    """A handler's own exception is retried once and then caught, both by its name."""
    token = str(uuid.uuid4())
    ended = _ended(cloud, _start(cloud, outputs, token, {"do": "fail", "token": token}))
    assert ended["status"] == "SUCCEEDED"
    assert json.loads(ended["output"]) == {"explained": True}
    assert len([c for c in calls("attempt") if c["event"].get("token") == token]) == 2


def test_a_stopped_execution_stays_stopped_and_tells_it(
    cloud: EphemeralCloud, outputs: dict[str, str], calls: Calls
) -> None:
    """One ABORTED event reaches the rule, also when the running task fails afterwards."""
    name = str(uuid.uuid4())
    arn = _start(cloud, outputs, name, {"do": "fail-late", "token": name})
    machines = cloud.client("stepfunctions")

    def history() -> list[str]:
        events = machines.get_execution_history(executionArn=arn)["events"]
        return [event["type"] for event in events]

    until(lambda: "TaskStateEntered" in history())
    machines.stop_execution(executionArn=arn, cause="a person did")
    until(lambda: [call for call in calls("late") if call["event"]["token"] == name])
    time.sleep(1)  # the task's failure reaches the machine; nothing may show it

    def told() -> list[str]:
        events = [call["event"] for call in calls("work") if name in json.dumps(call["event"])]
        return [e["detail"]["status"] for e in events if e.get("source") == "aws.states"]

    until(told)
    assert told() == ["ABORTED"]
    assert _ended(cloud, arn)["status"] == "ABORTED"
    assert "ExecutionFailed" not in history()


def test_throttling_has_its_name_in_an_execution(
    cloud: EphemeralCloud, outputs: dict[str, str]
) -> None:
    """A function without free reserved concurrency fails with Lambda.TooManyRequestsException."""
    arn = outputs["SingleArn"]
    definition = {
        "StartAt": "Both",
        "States": {
            "Both": {
                "Type": "Parallel",
                "End": True,
                "Branches": [
                    {
                        "StartAt": branch,
                        "States": {
                            branch: {
                                "Type": "Task",
                                "Resource": "arn:aws:states:::lambda:invoke",
                                "Parameters": {
                                    "FunctionName": arn,
                                    "Payload": {"do": "sleep", "seconds": 2},
                                },
                                "Catch": [
                                    {
                                        "ErrorEquals": ["Lambda.TooManyRequestsException"],
                                        "Next": "Throttled",
                                    }
                                ],
                                "End": True,
                            },
                            "Throttled": {"Type": "Pass", "Result": "throttled", "End": True},
                        },
                    }
                    for branch in ("A", "B")
                ],
            }
        },
    }
    stepfunctions = cloud.client("stepfunctions")
    deployed = stepfunctions.describe_state_machine(stateMachineArn=outputs["MachineArn"])
    machine = stepfunctions.create_state_machine(
        name=f"both-{uuid.uuid4()}",
        definition=json.dumps(definition),
        roleArn=deployed["roleArn"],
    )["stateMachineArn"]
    started = stepfunctions.start_execution(stateMachineArn=machine)
    ended = _ended(cloud, started["executionArn"])
    assert ended["status"] == "SUCCEEDED"
    assert "throttled" in json.loads(ended["output"])
