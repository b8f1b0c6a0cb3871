"""A strict client of Runway's simulator, and what tests ask it for."""

import io
import time
from collections.abc import Callable
from typing import Any, NamedTuple, cast

import runwayml
from PIL import Image, ImageDraw
from runwayml import RunwayML

from dev.simulators.runway import EXAMPLE_API_KEY, RunwaySimulator, Settings, data_uri
from dev.simulators.runway.media.rendering import RenderMode

FAST = Settings(
    api_key=EXAMPLE_API_KEY, speed=2000, render=RenderMode.STILL, random_seed=1, spread=0.0
)
FROZEN = 0.01  # provider seconds a second: nothing moves while a test looks
TERMINAL = {"SUCCEEDED", "FAILED", "CANCELLED"}
UNKNOWN_TASK = "17f20503-6c24-4c16-946b-35dbbce2af2f"


def picture(width: int = 320, height: int = 240, kind: str = "JPEG") -> bytes:
    image = Image.linear_gradient("L").resize((width, height)).convert("RGB")
    ImageDraw.Draw(image).ellipse((width // 3, height // 3, width // 2, height // 2), fill="red")
    buffer = io.BytesIO()
    image.save(buffer, kind)
    return buffer.getvalue()


PHOTO = picture()


def strict_client(
    runway: RunwaySimulator, *, max_retries: int = 0, timeout: float = 30
) -> RunwayML:
    return RunwayML(
        api_key=runway.api_key,
        base_url=runway.url,
        max_retries=max_retries,
        timeout=timeout,
        _strict_response_validation=True,
    )


def order(sdk: RunwayML, **changes: object) -> str:
    wanted: dict[str, object] = {
        "model": "gen4_turbo",
        "prompt_image": data_uri(PHOTO),
        "prompt_text": "slow dolly in",
        "ratio": "1280:720",
        "duration": 2,
        "seed": 7,
    }
    return sdk.image_to_video.create(**cast("dict[str, Any]", wanted | changes)).id


class Seen(NamedTuple):
    """A task as the SDK gave it, with what only some states have."""

    status: str
    progress: float
    output: list[str]
    failure: str | None
    failure_code: str | None
    credits: int | None


def look_at(sdk: RunwayML, task_id: str) -> Seen:
    task = sdk.tasks.retrieve(task_id)
    cost = getattr(task, "cost", None)
    return Seen(
        status=task.status,
        progress=getattr(task, "progress", 0.0),
        output=getattr(task, "output", []),
        failure=getattr(task, "failure", None),
        failure_code=getattr(task, "failure_code", None),
        credits=cost.credits if cost else None,
    )


def until(look: Callable[[], Seen], wanted: Callable[[Seen], bool]) -> Seen:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        seen = look()
        if wanted(seen):
            return seen
        time.sleep(0.02)
    raise AssertionError(f"never came: {seen}")


def ended(sdk: RunwayML, task_id: str) -> Seen:
    return until(lambda: look_at(sdk, task_id), lambda task: task.status in TERMINAL)


def headers(**extra: str) -> dict[str, str]:
    return {
        "Authorization": f"Bearer {EXAMPLE_API_KEY}",
        "X-Runway-Version": "2024-11-06",
        **extra,
    }


def body(**changes: object) -> dict[str, object]:
    return {
        "model": "gen4_turbo",
        "promptImage": data_uri(PHOTO),
        "ratio": "1280:720",
        "duration": 5,
    } | changes


def issues_of(error: runwayml.APIStatusError) -> list[dict[str, Any]]:
    assert isinstance(error.body, dict)
    assert error.body["docUrl"].startswith("https://docs.dev.runwayml.com")
    return list(error.body["issues"])
