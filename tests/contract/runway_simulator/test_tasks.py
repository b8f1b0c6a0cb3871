"""The official SDK orders tasks, follows them to their end and takes their films."""

import io
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import av
import pytest
import requests
import runwayml
from PIL import Image, ImageChops, ImageStat
from runwayml import RunwayML

from dev.simulators.runway import RunwaySimulator, data_uri
from dev.simulators.runway.media.rendering import RenderMode
from tests.support.runway_simulator import FAST, FROZEN, body, ended, headers, look_at, order, until


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
