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
from tests.support.generation_world import Blow, World

MOST_CALLS = 200


def road(world: World, *, dies: bool, repeats: bool) -> None:
    """Order a clip and carry it; with *dies* the execution ends with the first process killed."""
    request = world.request()
    for _ in range(2 if repeats else 1):
        try:
            world.order_clip(request)
            break
        except (Killed, EchoesError):
            continue
    world.carry_all(stop=lambda: dies and world.gate.struck is not None)


@pytest.mark.parametrize("blow", Blow)
@pytest.mark.parametrize("dies", [False, True], ids=["carried on", "execution dies too"])
@pytest.mark.parametrize("correlates", [False, True], ids=["runway", "correlating"])
def test_a_blow_anywhere_leaves_every_hold_settled_once(
    *, blow: Blow, dies: bool, correlates: bool
) -> None:
    """AJ3, AJ4, AJ7, CR5: at no call does a crash cost credits, or make a second task."""
    at, struck = 0, 0
    while True:
        world = World(correlates=correlates)
        world.gate.strike(at, blow)
        road(world, dies=dies, repeats=bool(at % 2))
        if world.gate.struck is None:
            break
        struck += 1
        world.gate.lift()
        world.come_to_rest()
        try:
            world.check()
        except AssertionError as error:
            raise AssertionError(f"{blow} at call {at}: {world.gate.struck}") from error
        at += 1
        assert at < MOST_CALLS
    assert struck > 30
    assert world.clips_store.all()[0].attempt.status is ClipStatus.COMPLETED


@pytest.mark.parametrize("blow", Blow)
@pytest.mark.parametrize("stage", range(0, 60, 4))
def test_a_blow_to_the_sweep_is_mended_by_the_next_sweep(blow: Blow, stage: int) -> None:
    """The sweep may die as well, at any call, and be repeated."""
    at = 0
    while True:
        world = World()
        world.gate.strike(stage, Blow.KILL_AFTER)
        road(world, dies=True, repeats=False)
        world.gate.strike(at, blow)
        with suppress(Killed, EchoesError):
            world.sweep()
        struck = world.gate.struck
        world.gate.lift()
        world.come_to_rest()
        world.check()
        if struck is None:
            break
        at += 1
        assert at < MOST_CALLS


def lost_clips(blow: Blow) -> list[str]:
    """Return the calls at which *blow* cost the clip, although somebody went on."""
    lost: list[str] = []
    for at in range(MOST_CALLS):
        world = World()
        world.gate.strike(at, blow)
        road(world, dies=False, repeats=True)
        struck = world.gate.struck
        if struck is None:
            return lost
        world.gate.lift()
        world.come_to_rest()
        if world.clips_store.all()[0].attempt.status is ClipStatus.FAILED:
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
