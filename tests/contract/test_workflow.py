"""An attempt, or a film, is carried by one execution, however often it is started."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from dev.fakes.clips import InMemoryGenerationWorkflow
from dev.fakes.films import InMemoryAssemblyWorkflow
from echoes.adapters.stepfunctions.assembly import StepFunctionsAssembly
from echoes.adapters.stepfunctions.workflow import StepFunctionsWorkflow, stepfunctions_client
from echoes.application.ports.clips import ExecutionState, GenerationWorkflow
from echoes.application.ports.films import AssemblyWorkflow
from echoes.domain.clips.attempts import AttemptRef
from echoes.domain.clips.clip import ref
from echoes.domain.errors import Unavailable
from echoes.domain.films.film import FilmRef
from echoes.domain.identifiers import FilmId
from tests.support.factories import a_clip, an_id, an_owner
from tests.support.local_aws import REGION, LocalAws

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient

WAITING_FOR_EVER = {
    "StartAt": "Wait",
    "States": {"Wait": {"Type": "Wait", "Seconds": 3600, "End": True}},
}
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "states.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}


@pytest.fixture(scope="module")
def machine(aws: LocalAws) -> Iterator[str]:
    """Yield a machine whose executions wait until they are stopped."""
    del aws
    client = boto3.client("stepfunctions")
    role = boto3.client("iam").create_role(
        RoleName="generation", AssumeRolePolicyDocument=json.dumps(TRUST)
    )["Role"]["Arn"]
    arn = client.create_state_machine(
        name="generation", definition=json.dumps(WAITING_FOR_EVER), roleArn=role
    )["stateMachineArn"]
    yield arn
    for found in client.list_executions(stateMachineArn=arn, statusFilter="RUNNING")["executions"]:
        client.stop_execution(executionArn=found["executionArn"])


@dataclass(frozen=True, kw_only=True)
class Carrier:
    """A workflow, and two things it can carry."""

    workflow: Any
    one: AttemptRef | FilmRef
    other: AttemptRef | FilmRef


def a_film() -> FilmRef:
    return FilmRef(owner_id=an_owner(), film_id=FilmId(an_id()))


@pytest.fixture(params=["fake", "stepfunctions"])
def store(request: pytest.FixtureRequest) -> str:
    kind: str = request.param
    return kind


@pytest.fixture(params=["clips", "films"])
def carrier(request: pytest.FixtureRequest, store: str) -> Carrier:
    if request.param == "clips":
        clips: GenerationWorkflow = InMemoryGenerationWorkflow()
        if store != "fake":
            machine = request.getfixturevalue("machine")
            clips = StepFunctionsWorkflow(stepfunctions_client(REGION), machine)
        return Carrier(workflow=clips, one=ref(a_clip()), other=ref(a_clip()))
    films: AssemblyWorkflow = InMemoryAssemblyWorkflow()
    if store != "fake":
        machine = request.getfixturevalue("machine")
        films = StepFunctionsAssembly(stepfunctions_client(REGION), machine)
    return Carrier(workflow=films, one=a_film(), other=a_film())


@pytest.fixture
def attempt() -> AttemptRef:
    return ref(a_clip())


def test_what_nobody_started_is_missing(carrier: Carrier) -> None:
    """The sweep finds out that the start was lost."""
    assert carrier.workflow.state(carrier.one) is ExecutionState.MISSING


def test_what_was_started_runs(carrier: Carrier) -> None:
    """Started, it runs; others are not touched."""
    carrier.workflow.start(carrier.one)

    assert carrier.workflow.state(carrier.one) is ExecutionState.RUNNING
    assert carrier.workflow.state(carrier.other) is ExecutionState.MISSING


def test_starting_again_is_a_no_op(carrier: Carrier) -> None:
    """However often it is started, while it runs or afterwards, it runs once (AJ9)."""
    carrier.workflow.start(carrier.one)
    carrier.workflow.start(carrier.one)
    assert carrier.workflow.state(carrier.one) is ExecutionState.RUNNING

    carrier.workflow.stop(carrier.one)
    carrier.workflow.start(carrier.one)
    assert carrier.workflow.state(carrier.one) is ExecutionState.ENDED


def test_stopping_is_repeatable(carrier: Carrier) -> None:
    """Stopping what never ran or has ended changes nothing and is no error."""
    carrier.workflow.stop(carrier.one)
    assert carrier.workflow.state(carrier.one) is ExecutionState.MISSING

    carrier.workflow.start(carrier.one)
    carrier.workflow.stop(carrier.one)
    carrier.workflow.stop(carrier.one)
    assert carrier.workflow.state(carrier.one) is ExecutionState.ENDED


@pytest.fixture
def sfn(machine: str) -> "SFNClient":
    del machine
    return boto3.client("stepfunctions")


@pytest.mark.parametrize("correlation_id", ["request-7", None])
def test_an_execution_knows_its_attempt(
    sfn: "SFNClient", machine: str, attempt: AttemptRef, correlation_id: str | None
) -> None:
    """It is named after the attempt, and gets what its tasks need to find the clip and the logs."""
    workflow = StepFunctionsWorkflow(sfn, machine, correlation_id=lambda: correlation_id)
    workflow.start(attempt)

    arn = machine.replace(":stateMachine:", ":execution:") + f":{attempt.attempt_id}"
    found = sfn.describe_execution(executionArn=arn)

    assert found["name"] == attempt.attempt_id
    assert json.loads(found["input"]) == {
        "owner_id": attempt.owner_id,
        "clip_id": attempt.clip_id,
        "attempt_id": attempt.attempt_id,
        "correlation_id": correlation_id or attempt.attempt_id,
    }


def test_a_workflow_that_cannot_be_reached_is_unavailable(
    monkeypatch: pytest.MonkeyPatch, attempt: AttemptRef
) -> None:
    """No connection: every call is `Unavailable`, with botocore's error as its cause."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    workflow = StepFunctionsWorkflow(
        stepfunctions_client(REGION),
        f"arn:aws:states:{REGION}:000000000000:stateMachine:generation",
    )

    for ask in (workflow.start, workflow.state, workflow.stop):
        with pytest.raises(Unavailable) as raised:
            ask(attempt)
        assert raised.value.__cause__ is not None
