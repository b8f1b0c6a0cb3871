"""What the state machine, rules and schedules call: payloads in, answers and metrics out."""

import json
from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from dev.fakes.providers import OfferFault
from echoes.domain.clips.attempts import ClipStatus, Stage
from echoes.domain.clips.clip import Clip
from echoes.domain.error_catalogue import ErrorCode
from echoes.domain.errors import SubmissionUnknown
from echoes.tasks import generation
from echoes.tasks.metrics import Metric
from echoes.tasks.payloads import SettlePayload, StepResult
from echoes.tasks.recovery import stopped, sweep
from tests.support.clip_harness import ClipHarness


def attempt_of(clip: Clip) -> dict[str, str]:
    return {
        "owner_id": clip.owner_id,
        "clip_id": clip.clip_id,
        "attempt_id": clip.attempt.attempt_id,
        "correlation_id": "corr",
    }


def metrics(output: str) -> dict[str, list[dict[str, Any]]]:
    """Return the metrics in what was printed, by name."""
    found: dict[str, list[dict[str, Any]]] = {}
    for line in output.splitlines():
        if line.startswith("{") and "_aws" in line:
            document = json.loads(line)
            for directive in document["_aws"]["CloudWatchMetrics"]:
                for metric in directive["Metrics"]:
                    found.setdefault(metric["Name"], []).append(document)
    return found


def test_waits_are_whole_seconds_and_scale(capsys: pytest.CaptureFixture[str]) -> None:
    """Step Functions refuses anything else; locally they are shortened, never to nothing."""
    harness = ClipHarness()
    clip = harness.order()
    payload = {"attempt": attempt_of(clip), "offer": "first"}

    answers = [
        generation.submit(payload, submit_clip=harness.submit_clip, scale=scale)
        for scale in (1.0, 0.1, 0.0001)
    ]

    waits = [answer["wait_seconds"] for answer in answers]
    assert all(isinstance(wait, int) for wait in waits)
    assert 20 <= waits[0] <= 25
    assert waits[1:] == [2, 1]
    assert all(answer.keys() == StepResult.__required_keys__ for answer in answers)
    assert Metric.CLIP_SUBMITTED in metrics(capsys.readouterr().out)


def test_a_watch_survives_the_journey() -> None:
    """What one poll saw reaches the next one through JSON."""
    harness = ClipHarness()
    clip = harness.order()
    attempt = attempt_of(clip)
    answer = generation.submit({"attempt": attempt}, submit_clip=harness.submit_clip, scale=1)
    for polls in (1, 2):
        harness.clock.advance(timedelta(seconds=6))
        answer = generation.poll(
            json.loads(json.dumps({"attempt": attempt, "watch": answer["watch"]})),
            poll_clip=harness.poll_clip,
            scale=1,
        )
        assert (answer["state"], answer["polls"]) == ("waiting", polls)


def test_a_clip_is_counted_once(capsys: pytest.CaptureFixture[str]) -> None:
    """Settled twice, counted once; no id and no person is a dimension."""
    harness = ClipHarness()
    clip = harness.order()
    harness.carry_all()
    payload = {"attempt": attempt_of(clip), "outcome": "complete"}
    generation.settle(payload, settle_clip=harness.settle_clip)

    output = capsys.readouterr().out
    found = metrics(output)
    assert len(found[Metric.CLIP_COMPLETED]) == 1
    assert found[Metric.CREDITS_CAPTURED][0][Metric.CREDITS_CAPTURED] == [1.0]
    assert {Metric.POLLS_PER_CLIP, Metric.DETECTION_DELAY_SECONDS} <= found.keys()
    assert found[Metric.PROVIDER_COST][0][Metric.PROVIDER_COST] == [25.0]
    for documents in found.values():
        for document in documents:
            assert clip.owner_id not in json.dumps(document)
            assert clip.clip_id not in json.dumps(document)


def test_a_failure_is_counted_by_its_code(capsys: pytest.CaptureFixture[str]) -> None:
    """The one dimension that shows operators where to look."""
    harness = ClipHarness()
    harness.provider.failure = ErrorCode.MODERATION_BLOCKED
    harness.order()
    harness.carry_all()

    (document,) = metrics(capsys.readouterr().out)[Metric.CLIP_FAILED]
    assert document["error_code"] == "moderation_blocked"


def test_doubt_is_counted_and_raised(capsys: pytest.CaptureFixture[str]) -> None:
    """The workflow must match it by name, and an operator should look into it."""
    harness = ClipHarness()
    harness.provider.offer_faults.append(OfferFault.LOST_REPLY)
    clip = harness.order()

    with pytest.raises(SubmissionUnknown):
        generation.submit({"attempt": attempt_of(clip)}, submit_clip=harness.submit_clip, scale=1)
    assert Metric.SUBMISSION_UNKNOWN in metrics(capsys.readouterr().out)


def test_a_release_without_a_code_is_still_a_release() -> None:
    """A bug must not cost the credits; nonsense is refused."""
    attempt = {"owner_id": "o", "clip_id": "c", "attempt_id": "c-1"}

    released = SettlePayload.model_validate({"attempt": attempt, "outcome": "release"})
    assert released.failure is ErrorCode.GENERATION_FAILED
    with pytest.raises(ValidationError):
        SettlePayload.model_validate({"attempt": attempt, "outcome": "forget"})


def an_event(clip: Clip, status: str) -> dict[str, object]:
    return {
        "id": "1",
        "detail-type": "Step Functions Execution Status Change",
        "source": "aws.states",
        "detail": {
            "status": status,
            "name": clip.attempt.attempt_id,
            "input": json.dumps(attempt_of(clip)),
            "inputDetails": {"included": True},
        },
    }


@pytest.mark.parametrize("status", ["FAILED", "TIMED_OUT", "ABORTED"])
def test_a_stopped_execution_is_settled_by_the_rule(
    status: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """At once, and counted; a second delivery changes nothing."""
    harness = ClipHarness()
    clip = harness.order()
    harness.carry_all(stop=lambda: harness.clip(clip).attempt.stage is Stage.ANIMATING)

    for _ in range(2):
        assert stopped(an_event(clip, status), settle_stopped=harness.settle_stopped)

    assert harness.clip(clip).attempt.status is ClipStatus.FAILED
    assert len(metrics(capsys.readouterr().out)[Metric.CLIP_FAILED]) == 1
    harness.check()


def test_other_events_are_none_of_ours() -> None:
    """An execution that goes on is left alone, and so is one whose input is missing."""
    harness = ClipHarness()
    clip = harness.order()
    silent = {"detail": {"status": "FAILED", "input": None}}

    assert not stopped(an_event(clip, "SUCCEEDED"), settle_stopped=harness.settle_stopped)
    assert not stopped(silent, settle_stopped=harness.settle_stopped)
    assert not harness.clip(clip).attempt.ended


def test_the_sweep_tells_what_it_did(capsys: pytest.CaptureFixture[str]) -> None:
    """Numbers for operators, silence when there was nothing to do."""
    harness = ClipHarness()
    assert not any(sweep(sweep_clips=harness.sweep_clips).values())
    clip = harness.order()
    harness.carry_all(stop=lambda: harness.clip(clip).attempt.stage is Stage.ANIMATING)
    harness.clock.advance(timedelta(minutes=10))

    numbers = sweep(sweep_clips=harness.sweep_clips)

    assert (numbers["seen"], numbers["settled"], numbers["errors"]) == (1, 1, 0)
    found = metrics(capsys.readouterr().out)
    assert {Metric.SWEEP_SETTLED, Metric.CLIP_FAILED, Metric.CREDITS_RELEASED} <= found.keys()
