"""Faults on demand, as the official SDK meets them."""

import pytest
import requests
import runwayml
from runwayml import RunwayML

from dev.simulators.runway import RunwaySimulator
from tests.support.runway_simulator import ended, order, strict_client


@pytest.mark.parametrize("fault", ["error_before_accept", "503", "429_gateway", "lost_request"])
def test_a_request_refused_before_acceptance_leaves_no_task(
    sdk: RunwayML, runway: RunwaySimulator, fault: str
) -> None:
    """The client sees an error, and nothing was made or charged."""
    runway.inject(fault)
    with pytest.raises(runwayml.APIError):
        order(sdk)
    assert not runway.tasks()
    assert order(sdk)


@pytest.mark.parametrize("fault", ["lost_reply", "timeout", "error_after_accept", "no_id"])
def test_a_reply_lost_after_acceptance_leaves_exactly_one_task(
    sdk: RunwayML, runway: RunwaySimulator, fault: str
) -> None:
    """The client cannot know, the simulator can: one task, running and charged."""
    with strict_client(runway, timeout=2) as hasty, pytest.raises(runwayml.APIError):
        order(hasty, prompt_text=f"waves [[fault:{fault}]]")
    assert len(runway.tasks()) == 1
    task_id = str(runway.tasks()[0]["id"])
    assert ended(sdk, task_id).status == "SUCCEEDED"


def test_the_sdks_silent_retry_after_a_lost_reply_is_seen_as_two_tasks(
    runway: RunwaySimulator,
) -> None:
    """What blind retries cost: two tasks and two charges for one clip."""
    runway.inject("lost_reply")
    with strict_client(runway, max_retries=1) as sdk:
        order(sdk)
    assert len(runway.tasks()) == 2
    assert runway.requests()["create"] == {"200": 1, "lost": 1}


def test_faults_may_strike_polls_and_downloads_too(sdk: RunwayML, runway: RunwaySimulator) -> None:
    """A queued fault waits for its own kind of request, as often as was said."""
    task_id = order(sdk)
    task = ended(sdk, task_id)
    runway.inject("502", count=2, on="retrieve")
    runway.inject("lost_reply", on="download")
    for _ in range(2):
        with pytest.raises(runwayml.InternalServerError):
            sdk.tasks.retrieve(task_id)
    assert sdk.tasks.retrieve(task_id).status == "SUCCEEDED"
    with pytest.raises(requests.ConnectionError):
        requests.get(task.output[0], timeout=5)
    assert requests.get(task.output[0], timeout=5).status_code == 200
