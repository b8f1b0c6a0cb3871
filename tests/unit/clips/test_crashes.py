"""
The core promise: wherever a process dies, its attempt ends, and its hold is settled once.

The flow is run again and again; each time another one of its calls across a port is the last one
of a process, fails, or loses its answer.
"""

from contextlib import suppress

import pytest

from dev.fakes.state_machine import Killed
from echoes.domain.clips.attempts import ClipStatus
from echoes.domain.errors import EchoesError
from tests.support.clip_harness import Blow, ClipHarness

MOST_CALLS = 200


def road(harness: ClipHarness, *, dies: bool, repeats: bool) -> None:
    """Order a clip and carry it; with *dies* the execution ends with the first process killed."""
    request = harness.request()
    for _ in range(2 if repeats else 1):
        try:
            harness.order_clip(request)
            break
        except (Killed, EchoesError):
            continue
    harness.carry_all(stop=lambda: dies and harness.gate.struck is not None)


@pytest.mark.parametrize("blow", Blow)
@pytest.mark.parametrize("dies", [False, True], ids=["carried on", "execution dies too"])
@pytest.mark.parametrize("correlates", [False, True], ids=["runway", "correlating"])
def test_a_blow_anywhere_leaves_every_hold_settled_once(
    *, blow: Blow, dies: bool, correlates: bool
) -> None:
    """AJ3, AJ4, AJ7, CR5: at no call does a crash cost credits, or make a second task."""
    at, struck = 0, 0
    while True:
        harness = ClipHarness(correlates=correlates)
        harness.gate.strike(at, blow)
        road(harness, dies=dies, repeats=bool(at % 2))
        if harness.gate.struck is None:
            break
        struck += 1
        harness.gate.lift()
        harness.come_to_rest()
        try:
            harness.check()
        except AssertionError as error:
            raise AssertionError(f"{blow} at call {at}: {harness.gate.struck}") from error
        at += 1
        assert at < MOST_CALLS
    assert struck > 30
    assert harness.clips_store.all()[0].attempt.status is ClipStatus.COMPLETED


@pytest.mark.parametrize("blow", Blow)
@pytest.mark.parametrize("stage", range(0, 60, 4))
def test_a_blow_to_the_sweep_is_mended_by_the_next_sweep(blow: Blow, stage: int) -> None:
    """The sweep may die as well, at any call, and be repeated."""
    at = 0
    while True:
        harness = ClipHarness()
        harness.gate.strike(stage, Blow.KILL_AFTER)
        road(harness, dies=True, repeats=False)
        harness.gate.strike(at, blow)
        with suppress(Killed, EchoesError):
            harness.sweep()
        struck = harness.gate.struck
        harness.gate.lift()
        harness.come_to_rest()
        harness.check()
        if struck is None:
            break
        at += 1
        assert at < MOST_CALLS


def lost_clips(blow: Blow) -> list[str]:
    """Return the calls at which *blow* cost the clip, although somebody went on."""
    lost: list[str] = []
    for at in range(MOST_CALLS):
        harness = ClipHarness()
        harness.gate.strike(at, blow)
        road(harness, dies=False, repeats=True)
        struck = harness.gate.struck
        if struck is None:
            return lost
        harness.gate.lift()
        harness.come_to_rest()
        if harness.clips_store.all()[0].attempt.status is ClipStatus.FAILED:
            lost.append(struck)
    raise AssertionError("the road never ends")


@pytest.mark.parametrize("blow", [Blow.FAIL, Blow.LOSE_ANSWER])
def test_an_answer_that_is_lost_costs_the_clip_only_at_the_provider(blow: Blow) -> None:
    """Everything else is repeated: only an offer is not, because it might be taken twice."""
    assert set(lost_clips(blow)) <= {"provider.generate_clip"}


def test_a_killed_process_costs_the_clip_only_between_intent_and_task_id() -> None:
    """There it is unknown whether the provider has the work, so the hold is released."""
    lost = lost_clips(Blow.KILL_BEFORE)

    assert set(lost) <= {"provider.generate_clip", "clips.get", "clips.save"}
    assert len(lost) <= 3
