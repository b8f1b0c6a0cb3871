"""What every provider of video promises: Runway (simulated), still-motion, and the fake one."""

import io
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Final

import pytest
from PIL import Image

from dev.fakes.clock import FakeClock
from dev.fakes.media import InMemoryMediaStore
from dev.fakes.providers import InMemoryVideoProvider
from dev.simulators.runway import EXAMPLE_API_KEY, RunwaySimulator, Settings
from dev.simulators.runway.media.rendering import RenderMode
from echoes.adapters.runway.provider import RunwayVideoProvider
from echoes.adapters.still_motion.provider import StillMotionProvider
from echoes.adapters.video.still_motion import render_still_motion
from echoes.application.ports.providers import (
    Cancelling,
    GenerationOrder,
    JobState,
    JobStatus,
    VideoProvider,
)
from echoes.bootstrap.video_providers import STILL_MOTION
from echoes.domain.clips.clip import Motion
from echoes.domain.clips.ratios import Ratio
from echoes.domain.errors import NotFound, ResultGone
from echoes.domain.identifiers import AttemptId, ProviderTaskId
from infra.providers import PROVIDERS
from tests.support.factories import an_id

UNKNOWN = ProviderTaskId("17f20503-6c24-4c16-946b-35dbbce2af2f")
ENDED = {JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELLED}
PATIENCE_SECONDS = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A provider, and how to let its time pass."""

    provider: VideoProvider
    wait: Callable[[], None]


def runway(_: Path) -> Iterator[Subject]:
    settings = Settings(
        api_key=EXAMPLE_API_KEY, speed=2000, render=RenderMode.STILL, random_seed=1, spread=0.0
    )
    with RunwaySimulator(settings) as simulator:
        provider = RunwayVideoProvider(simulator.url, lambda: simulator.api_key, "gen4_turbo")
        yield Subject(provider=provider, wait=lambda: time.sleep(0.02))


def still_motion(_: Path) -> Iterator[Subject]:
    store = InMemoryMediaStore(FakeClock())
    yield Subject(provider=StillMotionProvider(store, render_still_motion), wait=lambda: None)


def fake(_: Path) -> Iterator[Subject]:
    clock = FakeClock()
    provider = InMemoryVideoProvider(clock)
    yield Subject(provider=provider, wait=lambda: clock.advance(timedelta(seconds=7)))


SUBJECTS = [runway, still_motion, fake]
NOT_YET: Final[Mapping[str, str]] = {}
"""Providers by name that are wired and do no work yet, each with the reason."""


@pytest.fixture(params=SUBJECTS, ids=lambda make: make.__name__)
def subject(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Subject]:
    yield from request.param(tmp_path)


def test_every_provider_is_held_to_this() -> None:
    """A provider that joins no suite would promise what nobody checks."""
    held = {make.__name__.replace("_", "-") for make in SUBJECTS}
    assert held | set(NOT_YET) >= {STILL_MOTION, *(provider.name for provider in PROVIDERS)}
    assert not held & set(NOT_YET)


def a_photo() -> bytes:
    buffer = io.BytesIO()
    Image.linear_gradient("L").resize((640, 360)).convert("RGB").save(buffer, "JPEG")
    return buffer.getvalue()


ORDER = GenerationOrder(
    attempt_id=AttemptId("replaced"),
    photo=a_photo(),
    ratio=Ratio.WIDE,
    duration_seconds=2,
    motion=Motion.ZOOM_IN,
    seed=7,
    prompt="A dog in the grass",
)


def an_order() -> GenerationOrder:
    return replace(ORDER, attempt_id=AttemptId(f"{an_id()}-1"))


def follow(subject: Subject, task_id: ProviderTaskId) -> list[JobStatus]:
    """Return every status until the end."""
    seen, until = [], time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        seen.append(subject.provider.get_job_status(task_id))
        if seen[-1].state in ENDED:
            return seen
        subject.wait()
    raise AssertionError(f"no end in {PATIENCE_SECONDS} s: {seen[-1]}")


def test_an_order_becomes_a_video(subject: Subject, tmp_path: Path) -> None:
    """PR1, PR2: accepted, made, fetched; progress stays within 0 and 1; the cost is known."""
    task_id = subject.provider.generate_clip(an_order())

    seen = follow(subject, task_id)
    subject.provider.fetch_result(task_id, tmp_path / "result")

    assert seen[-1].state is JobState.SUCCEEDED
    assert seen[-1].cost is not None
    assert all(0 <= (status.progress or 0) <= 1 for status in seen)
    assert all(status.failure is None for status in seen)
    assert (tmp_path / "result").stat().st_size > 0


def test_a_result_can_be_fetched_again(subject: Subject, tmp_path: Path) -> None:
    """An interrupted download starts over, with the same result."""
    task_id = subject.provider.generate_clip(an_order())
    follow(subject, task_id)

    for name in ("one", "two"):
        subject.provider.fetch_result(task_id, tmp_path / name)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_different_orders_are_different_tasks(subject: Subject) -> None:
    """No attempt gets another one's clip."""
    assert subject.provider.generate_clip(an_order()) != subject.provider.generate_clip(an_order())


def test_correlation_is_as_it_is_said(subject: Subject) -> None:
    """AJ3 rests on this: the same attempt twice is one task only where the provider says so."""
    order = an_order()

    same = subject.provider.generate_clip(order) == subject.provider.generate_clip(order)

    assert same == subject.provider.capabilities.correlates


def test_an_unknown_task_is_not_found(subject: Subject, tmp_path: Path) -> None:
    """Neither asked for nor fetched."""
    with pytest.raises(NotFound):
        subject.provider.get_job_status(UNKNOWN)
    with pytest.raises(ResultGone):
        subject.provider.fetch_result(UNKNOWN, tmp_path / "result")


def test_a_finished_task_is_never_harmed_by_cancelling(subject: Subject, tmp_path: Path) -> None:
    """A late cancellation must not destroy what is paid for; what costs nothing may go."""
    always = subject.provider.capabilities.cancelling is Cancelling.ALWAYS
    task_id = subject.provider.generate_clip(an_order())
    follow(subject, task_id)

    assert subject.provider.cancel(task_id) == always
    if not always:
        subject.provider.fetch_result(task_id, tmp_path / "result")


def test_capabilities_are_kept(subject: Subject) -> None:
    """Every length and shape that is offered is taken."""
    can = subject.provider.capabilities
    assert can.usual_seconds > 0
    for ratio in can.ratios:
        order = replace(an_order(), ratio=ratio, duration_seconds=min(can.durations))
        assert subject.provider.generate_clip(order)
