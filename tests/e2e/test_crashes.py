"""Executions are stopped and functions killed: each hold is still settled once."""

import os
import random
import signal
import threading
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest
import requests

from dev.client import Json
from dev.cloud.ephemeral import EphemeralCloud, until
from dev.cloud.supervisor import read_record
from tests.support.users import RunwayControl, User
from tests.support.watched_films import a_project

pytestmark = pytest.mark.alone  # functions that others use are killed

CLIPS = 6
KILLING_SECONDS = 12.0
HALF = 0.5
SETTLED_WITHIN_SECONDS = 420


def test_a_stopped_execution_gives_the_credits_back(
    cloud: EphemeralCloud, make_user: Callable[[int], User], runway: RunwayControl
) -> None:
    """AJ4: the rule for stopped executions settles the hold; the provider saw one task."""
    user = make_user(1)
    marker = f"[[fault:slow=50]] {uuid.uuid4()}"
    clip = user.api.order_clip(user.ready_upload(), prompt=marker)
    until(lambda: user.api.get(f"/v1/clips/{clip['id']}")["status"] == "processing", seconds=60)
    machine = cloud.endpoints().outputs["echoes-local-service"]["GenerationStateMachineArn"]
    execution = f"{machine.replace(':stateMachine:', ':execution:')}:{clip['id']}-1"

    cloud.client("stepfunctions").stop_execution(executionArn=execution)
    ended = user.api.wait_for_clip(clip["id"], within_seconds=SETTLED_WITHIN_SECONDS)

    assert ended["status"] == "failed"
    assert user.balance() == 1
    assert user.api.get("/v1/credits")["held"] == 0
    assert [entry["kind"] for entry in user.api.transactions()] == ["release", "hold", "adjustment"]
    assert len(runway.tasks(marker)) == 1


def test_functions_killed_at_random_lose_no_credit(
    cloud: EphemeralCloud, make_user: Callable[[int], User], runway: RunwayControl
) -> None:
    """AJ3 CR3: workers die at any moment; every clip ends, every credit is accounted for."""
    user = make_user(CLIPS)
    upload_id = user.ready_upload()
    markers = [str(uuid.uuid4()) for _ in range(CLIPS)]

    def order_and_wait(marker: str) -> str:
        key = str(uuid.uuid4())
        clip = until(lambda: _order(user, upload_id, marker, key), seconds=120)
        return str(user.api.wait_for_clip(clip, within_seconds=SETTLED_WITHIN_SECONDS)["status"])

    enough, struck = threading.Event(), set[str]()
    killer = threading.Thread(target=_kill_workers, args=(cloud, "generate", enough, struck))
    killer.start()
    try:
        with ThreadPoolExecutor(max_workers=CLIPS) as pool:
            statuses = list(pool.map(order_and_wait, markers))
    finally:
        enough.set()
        killer.join()

    assert struck & {"submit", "poll", "finish", "settle"}
    credits_ = user.api.get("/v1/credits")
    assert credits_["held"] == 0
    assert credits_["balance"] == CLIPS - statuses.count("completed")
    assert sum(entry["amount"] for entry in user.api.transactions()) == credits_["balance"]
    for marker in markers:
        assert len(runway.tasks(marker)) <= 1, "one attempt, one task"


def test_functions_killed_at_random_leave_no_film_without_an_end(
    cloud: EphemeralCloud, make_user: Callable[[int], User]
) -> None:
    """AJ3: with fades and a card; whole or cleanly failed, the next one whole, nothing paid."""
    user = make_user(30)
    project = a_project(user, transition="cross_fade", title_card="Us", music_track_id="slow-tide")
    path, key = f"/v1/projects/{project['id']}/films", str(uuid.uuid4())
    before = list(user.api.transactions())

    enough, struck = threading.Event(), set[str]()
    killer = threading.Thread(target=_kill_workers, args=(cloud, "assemble", enough, struck))
    killer.start()
    try:
        film_id = until(lambda: _accepted(user.api.call("POST", path, key=key)), seconds=120)
        killed = _ended_film(user, film_id)
    finally:
        enough.set()
        killer.join()

    assert struck & {"plan", "render", "join"}
    assert killed["status"] in {"completed", "failed"}
    if killed["status"] == "failed":
        assert killed["error"]["code"] == "film_failed"
    # By another name: an unchanged project's film is not made twice.
    renamed = user.api.call(
        "PATCH",
        f"/v1/projects/{project['id']}",
        json={"title": "Summer again"},
        headers={"If-Match": "*"},
    )
    assert renamed.status_code == 200, renamed.text
    again = _ended_film(user, user.api.post(path)["id"])
    assert again["status"] == "completed", again
    assert again["id"] != film_id
    if killed["status"] == "completed":
        assert (again["bytes"], again["duration_seconds"]) == (
            killed["bytes"],
            killed["duration_seconds"],
        )
    assert list(user.api.transactions()) == before
    assert user.api.get("/v1/credits")["held"] == 0


def _accepted(response: requests.Response) -> str | None:
    """Return the id of what was made; ``None`` while the answer is that of a killed function."""
    if response.status_code in {409, 500, 502, 503, 504}:
        return None
    assert response.status_code == 202, response.text
    return str(response.json()["id"])


def _ended_film(user: User, film_id: str) -> Json:
    """Return the film once it has ended; answers of killed functions are asked for again."""

    def ended() -> Json | None:
        response = user.api.call("GET", f"/v1/films/{film_id}")
        film: Json = response.json() if response.status_code == 200 else {}
        return film if film.get("status") in {"completed", "failed"} else None

    return until(ended, seconds=SETTLED_WITHIN_SECONDS)


def _order(user: User, upload_id: str, marker: str, key: str) -> str | None:
    """Order under one key; ``None`` while the answer is that of a killed function."""
    response = user.api.call(
        "POST", "/v1/clips", json={"upload_id": upload_id, "prompt": marker}, key=key
    )
    return _accepted(response)


def _kill_workers(
    cloud: EphemeralCloud, family: str, enough: threading.Event, struck: set[str]
) -> None:
    """Now and then kill about half of the processes of some functions; note whose they were."""
    record = read_record(cloud.instance.supervisor)
    assert record is not None
    ministack = record[1]["ministack"].pid
    chance = random.Random(1)
    until_then = time.monotonic() + KILLING_SECONDS
    while time.monotonic() < until_then and not enough.wait(chance.uniform(0.3, 1.5)):
        for worker in _children(ministack):
            with suppress(ProcessLookupError, FileNotFoundError):
                function = _function_of(worker)
                if function.startswith(f"echoes-local-{family}-") and chance.random() < HALF:
                    os.kill(worker, signal.SIGKILL)
                    struck.add(function.removeprefix(f"echoes-local-{family}-"))


def _function_of(worker: int) -> str:
    """Return the name of the function whose process this is; empty if it is none."""
    variables = Path(f"/proc/{worker}/environ").read_bytes().decode().split("\0")
    return dict(each.split("=", 1) for each in variables if "=" in each).get(
        "AWS_LAMBDA_FUNCTION_NAME", ""
    )


def _children(pid: int) -> list[int]:
    """Return the processes that *pid* has started, oldest first."""
    listed = Path(f"/proc/{pid}/task").glob("*/children")
    return sorted(int(child) for file in listed for child in file.read_text().split())
