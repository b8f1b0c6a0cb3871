"""The official SDK, validating every reply strictly, drives the simulator of Runway."""

import datetime as dt
import io
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple, cast

import av
import pytest
import requests
import runwayml
from PIL import Image, ImageChops, ImageDraw, ImageStat
from runwayml import RunwayML

from dev.simulators.runway import EXAMPLE_API_KEY, RunwaySimulator, Settings, data_uri
from dev.simulators.runway.media.rendering import RenderMode

ROOT = Path(__file__).resolve().parents[2]
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


@pytest.fixture(scope="module")
def running() -> Iterator[RunwaySimulator]:
    with RunwaySimulator(FAST) as simulator:
        yield simulator


@pytest.fixture
def runway(running: RunwaySimulator) -> RunwaySimulator:
    running.reset()
    return running


@pytest.fixture
def sdk(runway: RunwaySimulator) -> Iterator[RunwayML]:
    with strict_client(runway) as client:
        yield client


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
    wish: dict[str, object] = {
        "model": "gen4_turbo",
        "prompt_image": data_uri(PHOTO),
        "prompt_text": "slow dolly in",
        "ratio": "1280:720",
        "duration": 2,
        "seed": 7,
    }
    return sdk.image_to_video.create(**cast("dict[str, Any]", wish | changes)).id


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


def test_a_task_lives_through_its_states_and_ends_with_a_film(
    sdk: RunwayML, runway: RunwaySimulator
) -> None:
    """PR3: PENDING, RUNNING with growing progress, SUCCEEDED with an H.264 file as ordered."""
    runway.change(speed=FROZEN)
    task_id = order(sdk, ratio="720:1280", duration=3)
    assert look_at(sdk, task_id).status == "PENDING"
    runway.change(speed=8)
    first = until(lambda: look_at(sdk, task_id), lambda task: task.status != "PENDING")
    later = until(lambda: look_at(sdk, task_id), lambda task: task.progress > first.progress)
    assert (first.status, later.status) == ("RUNNING", "RUNNING")
    assert 0 <= first.progress < later.progress < 1
    runway.change(speed=2000)
    task = ended(sdk, task_id)
    assert task.status == "SUCCEEDED"
    assert task.credits == 15
    film = requests.get(task.output[0], timeout=10)
    assert film.headers["Content-Type"] == "video/mp4"
    with av.open(io.BytesIO(film.content), mode="r") as container:
        video = container.streams.video[0]
        assert video.codec_context.name == "h264"
        assert (video.width, video.height, float(video.average_rate or 0)) == (720, 1280, 24.0)
        assert len(list(container.decode(video))) == 72


def test_the_film_shows_the_photo_that_was_sent_and_it_moves(
    sdk: RunwayML, runway: RunwaySimulator
) -> None:
    """The rendered clip comes from the request's own photo, and its frames differ."""
    runway.change(render=RenderMode.MOVING)
    blue = Image.effect_noise((1280, 720), 60).convert("RGB")
    blue.paste((20, 40, 230), (0, 0, 640, 720))
    buffer = io.BytesIO()
    blue.save(buffer, "JPEG")
    task = ended(sdk, order(sdk, prompt_image=data_uri(buffer.getvalue()), prompt_text="zoom in"))
    content = requests.get(task.output[0], timeout=10).content
    with av.open(io.BytesIO(content), mode="r") as container:
        frames = [
            Image.frombytes("RGB", (frame.width, frame.height), bytes(plane))
            for frame in container.decode(video=0)
            for plane in frame.reformat(format="rgb24").planes
        ]
    left = ImageStat.Stat(frames[0].crop((0, 0, 400, 720)))
    assert left.mean[2] > left.mean[0] + 100
    assert len(frames) == 48
    steps = [
        ImageStat.Stat(ImageChops.difference(one, two).convert("L")).mean[0]
        for one, two in pairwise(frames[8:-8])
    ]
    assert min(steps) > 0.2


def test_an_output_link_serves_ranges_and_expires_and_a_new_get_renews_it(
    sdk: RunwayML, runway: RunwaySimulator
) -> None:
    """AJ8: a link dies; asking for the task again gives one that works."""
    runway.change(output_ttl_seconds=0.0)
    task_id = order(sdk)
    dead = ended(sdk, task_id).output[0]
    assert requests.get(dead, timeout=5).status_code == 403
    runway.change(output_ttl_seconds=60.0)
    fresh = look_at(sdk, task_id).output[0]
    assert "_jwt=" in fresh
    whole = requests.get(fresh, timeout=5).content
    part = requests.get(fresh, headers={"Range": "bytes=4-7"}, timeout=5)
    assert (part.status_code, part.content) == (206, b"ftyp")
    assert part.headers["Content-Range"] == f"bytes 4-7/{len(whole)}"
    assert requests.head(fresh, timeout=5).headers["Content-Length"] == str(len(whole))
    beyond = requests.get(fresh, headers={"Range": f"bytes={len(whole)}-"}, timeout=5)
    assert beyond.status_code == 416
    assert requests.get(fresh[:-4] + "AAAA", timeout=5).status_code == 403


def test_an_expired_url_fault_hands_out_one_dead_link(
    sdk: RunwayML, runway: RunwaySimulator
) -> None:
    """`expired_url` spoils the first link, `expired_url_always` all of them."""
    runway.inject("expired_url")
    task_id = order(sdk)
    first = ended(sdk, task_id).output[0]
    second = look_at(sdk, task_id).output[0]
    assert requests.get(first, timeout=5).status_code == 403
    assert requests.get(second, timeout=5).status_code == 200
    always = order(sdk, prompt_text="a boat [[fault:expired_url_always]]")
    links = [ended(sdk, always).output[0], look_at(sdk, always).output[0]]
    assert [requests.get(link, timeout=5).status_code for link in links] == [403, 403]


def test_tasks_beyond_the_concurrency_are_throttled_and_start_in_order(
    sdk: RunwayML, runway: RunwaySimulator
) -> None:
    """Over the tier's limit a task is THROTTLED, not refused; another model has its own slots."""
    runway.change(speed=FROZEN, concurrency=1)
    first, second, third = (order(sdk) for _ in range(3))
    other = order(sdk, model="gen4.5")
    states = [sdk.tasks.retrieve(task).status for task in (first, second, third, other)]
    assert states == ["PENDING", "THROTTLED", "THROTTLED", "PENDING"]
    sdk.tasks.delete(first)
    states = [sdk.tasks.retrieve(task).status for task in (second, third)]
    assert states == ["PENDING", "THROTTLED"]
    runway.change(speed=2000)
    assert ended(sdk, third).status == "SUCCEEDED"
    assert sdk.tasks.retrieve(second).status == "SUCCEEDED"


@pytest.mark.parametrize(
    ("fault", "code", "charged"),
    [
        ("safety_input", "SAFETY.INPUT.IMAGE", True),
        ("safety_input_text", "SAFETY.INPUT.TEXT", True),
        ("safety_output", "SAFETY.OUTPUT.VIDEO", True),
        ("safety_third_party", "INPUT_PREPROCESSING.SAFETY.THIRD_PARTY", True),
        ("bad_output", "INTERNAL.BAD_OUTPUT.CODE01", False),
        ("internal", "INTERNAL", False),
        ("preprocessing_internal", "INPUT_PREPROCESSING.INTERNAL", False),
        ("third_party_unavailable", "THIRD_PARTY.UNAVAILABLE", False),
        ("third_party_input", "THIRD_PARTY.INPUT_VALIDATION", False),
        ("asset_invalid", "ASSET.INVALID", False),
        ("no_code", None, False),
    ],
)
def test_every_failure_has_its_code_and_its_cost(
    sdk: RunwayML, runway: RunwaySimulator, fault: str, code: str | None, *, charged: bool
) -> None:
    """PR3: FAILED carries a text, a code if there is one, and the final charge."""
    before = sdk.organization.retrieve().credit_balance
    task = ended(sdk, order(sdk, prompt_text=f"waves [[fault:{fault}]]"))
    assert (task.status, task.failure_code) == ("FAILED", code)
    assert task.failure
    cost = 10 if charged else 0
    assert task.credits == cost
    assert sdk.organization.retrieve().credit_balance == before - cost
    assert runway.tasks()[0]["failure_code"] == code


def test_a_task_may_end_cancelled(sdk: RunwayML) -> None:
    """PR3: CANCELLED is a state a client must know, with nothing charged."""
    task_id = order(sdk, extra_headers={"X-Sim-Fault": "cancelled"})
    task = ended(sdk, task_id)
    assert (task.status, task.credits) == ("CANCELLED", 0)


def test_delete_cancels_what_runs_and_removes_what_ended(
    sdk: RunwayML, runway: RunwaySimulator
) -> None:
    """DELETE is 204 once, then 404; a running task stays charged, a waiting one does not."""
    done = order(sdk)
    link = ended(sdk, done).output[0]
    sdk.tasks.delete(done)
    assert requests.get(link, timeout=5).status_code == 404
    runway.change(speed=FROZEN, concurrency=1)
    pending = order(sdk)
    before = sdk.organization.retrieve().credit_balance
    sdk.tasks.delete(pending)
    assert sdk.organization.retrieve().credit_balance == before + 10
    runway.change(speed=20)
    running = order(sdk, prompt_text="[[fault:stuck]]")
    until(lambda: look_at(sdk, running), lambda task: task.status == "RUNNING")
    sdk.tasks.delete(running)
    assert sdk.organization.retrieve().credit_balance == before
    for gone in (done, pending, running):
        with pytest.raises(runwayml.NotFoundError) as again:
            sdk.tasks.delete(gone)
        assert again.value.body == {"error": "Could not find Task"}
        with pytest.raises(runwayml.NotFoundError):
            sdk.tasks.retrieve(gone)
    assert [task["deleted"] for task in runway.tasks()] == [True, True, True]


def test_an_upload_becomes_a_film_and_a_stranger_uri_does_not(sdk: RunwayML) -> None:
    """PR5: the SDK's upload flow ends in a `runway://` URI that image_to_video takes."""
    photo = io.BytesIO()
    Image.effect_noise((640, 640), 30).save(photo, "PNG")
    upload = sdk.uploads.create_ephemeral(file=("photo.png", photo.getvalue(), "image/png"))
    assert ended(sdk, order(sdk, prompt_image=upload.uri)).status == "SUCCEEDED"
    with pytest.raises(runwayml.BadRequestError) as refused:
        order(sdk, prompt_image="runway://nothing-here")
    assert issues_of(refused.value)[0]["path"] == ["promptImage"]
    with pytest.raises(runwayml.APIStatusError) as small:
        sdk.uploads.create_ephemeral(file=("photo.png", b"too small", "image/png"))
    assert "EntityTooSmall" in str(small.value.body)
    generic = sdk.uploads.create_ephemeral(
        file=("photo.png", photo.getvalue(), "application/octet-stream")
    )
    with pytest.raises(runwayml.BadRequestError, match="Unsupported asset type"):
        order(sdk, prompt_image=generic.uri)


def test_urls_are_taken_from_the_simulators_own_files_only(
    sdk: RunwayML, runway: RunwaySimulator
) -> None:
    """PR5: the photo is fetched inside the POST, and a failed fetch is a 400 with an issue."""
    assert ended(sdk, order(sdk, prompt_image=runway.publish(PHOTO))).status == "SUCCEEDED"
    for url, message in (
        ("https://example.com/a.jpg", "Failed to fetch asset"),
        ("https://127.0.0.1/photo.jpg", "URLs must be hosted on a domain."),
        ("http://example.com/a.jpg", "Only HTTPS URLs are allowed."),
    ):
        with pytest.raises(runwayml.BadRequestError) as refused:
            order(sdk, prompt_image=url)
        assert message in issues_of(refused.value)[0]["message"]


def test_all_problems_of_a_body_are_listed_at_once(sdk: RunwayML) -> None:
    """One 400 names every field that is wrong, with Zod's codes and paths."""
    with pytest.raises(runwayml.BadRequestError) as refused:
        order(sdk, ratio="16:9", duration=11, seed=-1, prompt_text="", prompt_image="ftp://x/y")
    found = {tuple(issue["path"]): issue["code"] for issue in issues_of(refused.value)}
    assert found == {
        ("promptImage",): "invalid_format",
        ("promptText",): "too_small",
        ("ratio",): "invalid_value",
        ("duration",): "too_big",
        ("seed",): "too_small",
    }


def test_photos_are_really_opened(sdk: RunwayML) -> None:
    """PR5: ratio 0.5..2, sides under 8000, JPEG, PNG or WebP that decode as what they claim."""
    cases = (
        (data_uri(picture(90, 195)), "at least 0.5. Got 0.462."),
        (data_uri(picture(500, 200)), "at most 2.0. Got 2.500."),
        (data_uri(picture(8000, 4100)), "below 8000 pixels"),
        (data_uri(picture(kind="PNG")), "content type is image/jpeg"),
        (data_uri(PHOTO[: len(PHOTO) // 2]), "could not be decoded"),
        (data_uri(b"no picture at all"), "could not be decoded"),
        (data_uri(picture(kind="GIF"), "image/gif"), "Unsupported asset type"),
        ("data:image/jpeg;base64,&&&&", "Invalid data URI."),
    )
    for uri, message in cases:
        with pytest.raises(runwayml.BadRequestError) as refused:
            order(sdk, prompt_image=uri)
        assert message in issues_of(refused.value)[0]["message"]
    assert order(sdk, prompt_image=data_uri(picture(kind="WEBP"), "image/webp"))


def test_sizes_are_bounded_by_the_api_and_by_its_gateway(sdk: RunwayML) -> None:
    """PR5: a data URI over 5 MiB is `too_big`, a body over the gateway's limit is 413."""
    with pytest.raises(runwayml.BadRequestError) as refused:
        order(sdk, prompt_image="data:image/jpeg;base64," + "A" * 5_242_880)
    assert [issue["code"] for issue in issues_of(refused.value)] == ["too_big"]
    with pytest.raises(runwayml.APIStatusError) as stopped:
        order(sdk, prompt_image="data:image/jpeg;base64," + "A" * 11_000_000)
    assert stopped.value.status_code == 413
    assert stopped.value.body == {"message": "Request Entity Too Large"}


def test_every_reply_carries_a_request_id(runway: RunwaySimulator) -> None:
    """`apigw-requestid` comes with successes and with errors."""
    for path in ("/v1/organization", "/v1/nothing"):
        reply = requests.get(runway.url + path, headers=headers(), timeout=5)
        assert reply.headers["apigw-requestid"]


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"Authorization": "Bearer key_123"}, 401),
        ({"Authorization": "Bearer key_" + "1" * 128}, 401),
        ({"Authorization": EXAMPLE_API_KEY}, 401),
        ({"X-Runway-Version": "2023-01-01"}, 400),
        ({"X-Runway-Version": ""}, 400),
    ],
)
def test_headers_are_checked_before_anything_else(
    runway: RunwaySimulator, changed: dict[str, str], status: int
) -> None:
    """A wrong key is 401, a wrong version 400, and neither makes a task."""
    reply = requests.post(
        f"{runway.url}/v1/image_to_video", json=body(), headers=headers() | changed, timeout=5
    )
    assert reply.status_code == status
    assert isinstance(reply.json()["error"], str)
    assert not runway.tasks()


def test_paths_and_methods_that_do_not_exist(runway: RunwaySimulator) -> None:
    """404 for an unknown path or task, 405 for a wrong method; the connection stays usable."""
    with requests.Session() as session:
        session.headers.update(headers())
        assert session.get(f"{runway.url}/v1/tasks/{UNKNOWN_TASK}").json() == {
            "error": "Could not find Task"
        }
        assert session.get(f"{runway.url}/v1/image_to_video").status_code == 405
        assert session.get(f"{runway.url}/v2/tasks").status_code == 404
        broken = session.post(
            f"{runway.url}/v1/image_to_video",
            data="{",
            headers={"Content-Type": "application/json"},
        )
        assert broken.status_code == 400


def test_entitlement_quota_and_credits_are_limits_of_their_own(
    sdk: RunwayML, runway: RunwaySimulator
) -> None:
    """403 for a model the key may not use, 429 for the day's quota, 400 for missing credits."""
    runway.change(entitled=frozenset({"gen4_turbo"}), daily_limit=1)
    with pytest.raises(runwayml.PermissionDeniedError, match=r"gen4\.5 is not available"):
        order(sdk, model="gen4.5")
    order(sdk)
    with pytest.raises(runwayml.RateLimitError):
        order(sdk)
    runway.change(daily_limit=None, credits=9)
    with pytest.raises(runwayml.BadRequestError, match="do not have enough credits"):
        order(sdk)
    assert len(runway.tasks()) == 1


def test_the_organization_counts_what_was_really_used(
    sdk: RunwayML, runway: RunwaySimulator
) -> None:
    """Balance, daily generations and usage follow the tasks; a refund lowers the usage."""
    before = sdk.organization.retrieve()
    ended(sdk, order(sdk))
    ended(sdk, order(sdk, model="gen4.5", duration=4))
    ended(sdk, order(sdk, prompt_text="[[fault:internal]]"))
    after = sdk.organization.retrieve()
    assert before.credit_balance - after.credit_balance == 10 + 48
    assert after.usage.models["gen4_turbo"].daily_generations == 2
    assert after.tier.models["gen4_turbo"].max_concurrent_generations == FAST.concurrency
    today = dt.datetime.now(dt.UTC).date()
    day = dt.timedelta(days=1)
    usage = sdk.organization.retrieve_usage(start_date=today - day, before_date=today + 2 * day)
    spent: dict[str, int] = {}
    for result in usage.results:
        for used in result.used_credits:
            spent[used.model] = spent.get(used.model, 0) + used.amount
    assert spent == {"gen4_turbo": 10, "gen4.5": 48}
    with pytest.raises(runwayml.BadRequestError):
        sdk.organization.retrieve_usage(start_date=today, before_date=today + 91 * day)
    assert len(runway.tasks()) == 3


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
    """What blind retries cost: two tasks and two charges for one wish."""
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


def test_third_party_models_refuse_what_gen4_overlooks(runway: RunwaySimulator) -> None:
    """Unknown keys: ignored by the gen4 family, `unrecognized_keys` for the others."""
    url = f"{runway.url}/v1/image_to_video"
    loose = requests.post(url, json=body(watermark=False), headers=headers(), timeout=5)
    assert loose.status_code == 200
    veo = body(model="veo3.1_fast", duration=4, watermark=False, motion=1)
    strict = requests.post(url, json=veo, headers=headers(), timeout=5)
    assert strict.status_code == 400
    assert strict.json()["issues"] == [
        {
            "code": "unrecognized_keys",
            "keys": ["watermark", "motion"],
            "path": [],
            "message": 'Unrecognized keys: "watermark", "motion"',
        }
    ]


def test_fifty_orders_at_once_are_fifty_tasks(runway: RunwaySimulator) -> None:
    """Threads do not lose or double anything."""
    runway.change(speed=FROZEN)

    def post(_: int) -> int:
        url = f"{runway.url}/v1/image_to_video"
        return requests.post(url, json=body(), headers=headers(), timeout=30).status_code

    with ThreadPoolExecutor(max_workers=16) as pool:
        assert list(pool.map(post, range(50))) == [200] * 50
    tasks = runway.tasks()
    assert len({task["id"] for task in tasks}) == 50
    assert sum(task["status"] == "PENDING" for task in tasks) == FAST.concurrency


def test_the_control_endpoint_sets_breaks_lists_and_resets(
    sdk: RunwayML, runway: RunwaySimulator
) -> None:
    """Everything a test in another process needs, over HTTP and without a key."""
    control = f"{runway.url}/_control"
    assert requests.get(f"{control}/health", timeout=5).json()["status"] == "ok"
    patch = {"speed": 500, "concurrency": 2, "daily_limit": None}
    changed = requests.patch(f"{control}/settings", json=patch, timeout=5).json()
    assert (changed["speed"], changed["concurrency"], changed["daily_limit"]) == (500, 2, None)
    bad = requests.patch(f"{control}/settings", json={"speed": 0}, timeout=5)
    assert bad.status_code == 400
    order_fault = {"fault": "slow=3", "count": 2, "on": "create"}
    assert requests.post(f"{control}/faults", json=order_fault, timeout=5).status_code == 204
    assert requests.get(f"{control}/faults", timeout=5).json() == {"faults": [order_fault]}
    unknown = requests.post(f"{control}/faults", json={"fault": "gremlins"}, timeout=5)
    assert unknown.status_code == 400
    order(sdk, prompt_text="the lighthouse")
    found = requests.get(f"{control}/tasks", params={"contains": "lighthouse"}, timeout=5).json()
    assert (found["count"], found["tasks"][0]["faults"]) == (1, ["slow"])
    url = requests.post(
        f"{control}/assets", data=PHOTO, headers={"Content-Type": "image/jpeg"}, timeout=5
    ).json()["url"]
    assert order(sdk, prompt_image=url)
    assert requests.post(f"{control}/reset", timeout=5).status_code == 204
    assert requests.get(f"{control}/tasks", timeout=5).json()["count"] == 0
    assert runway.settings == FAST


def test_the_command_serves_until_it_is_told_to_stop(tmp_path: Path) -> None:
    """The simulator says where it listens, ends on SIGTERM at once and leaves no file."""
    command = [sys.executable, "-m", "dev.simulators.runway", "--state", str(tmp_path)]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        url = process.stdout.readline().split()[-1]
        reply = requests.get(f"{url}/_control/health", timeout=5)
        assert reply.json()["service"] == "runway-simulator"
        url_of_order = f"{url}/v1/image_to_video"
        assert requests.post(url_of_order, json=body(duration=10), headers=headers(), timeout=5).ok
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) == 0
    assert not list(tmp_path.iterdir())
