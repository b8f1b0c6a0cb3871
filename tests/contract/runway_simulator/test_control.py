"""The control endpoint and the command of Runway's simulator."""

import signal
import subprocess
import sys
from pathlib import Path

import requests
from runwayml import RunwayML

from dev.simulators.runway import RunwaySimulator
from tests.support.runway_simulator import FAST, PHOTO, body, headers, order

ROOT = Path(__file__).resolve().parents[3]


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
