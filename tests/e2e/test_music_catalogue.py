"""The music catalogue, played through the links that the API returns."""

import io
from typing import Any

import av
import numpy as np
import pytest
import requests

from dev.client import EchoesClient, Problem
from tests.support.users import User

SAMPLE_RATE = 48_000
TIMEOUT_SECONDS = 30


@pytest.fixture(scope="module")
def offered(anonymous: EchoesClient) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = anonymous.get("/v1/music")["items"]
    return found


def test_every_preview_plays(offered: list[dict[str, Any]]) -> None:
    """M1, M2: at least six, each seekable, decodable to its end and as long as it says."""
    assert len(offered) >= 6
    for track in offered:
        url = track["preview_url"]
        part = requests.get(url, headers={"Range": "bytes=0-99"}, timeout=TIMEOUT_SECONDS)
        assert (part.status_code, len(part.content)) == (206, 100), track["id"]
        whole = requests.get(url, timeout=TIMEOUT_SECONDS)
        assert whole.headers["Content-Type"] == "audio/mp4"
        with av.open(io.BytesIO(whole.content), "r") as container:
            heard = [block.to_ndarray() for block in container.decode(audio=0)]
        seconds = sum(block.shape[1] for block in heard) / SAMPLE_RATE
        assert seconds >= track["duration_seconds"] - 0.03, track["id"]
        assert max(float(np.abs(block).max()) for block in heard) > 0.1, "it can be heard"


def test_whatever_is_offered_is_taken(user: User, offered: list[dict[str, Any]]) -> None:
    """A project and a story accept each track by its id; an unknown id is refused."""
    upload_id = user.ready_upload()
    for track in offered:
        project = user.api.post("/v1/projects", {"music_track_id": track["id"]})
        assert project["music_track_id"] == track["id"]
        story = user.api.post(
            "/v1/stories", {"upload_ids": [upload_id], "music_track_id": track["id"]}
        )
        assert story["music_track_id"] == track["id"]
        assert story["beat_frames"] == track["beat_grid"]["beat_frames"]
    with pytest.raises(Problem) as refused:
        user.api.post("/v1/stories", {"upload_ids": [upload_id], "music_track_id": "tide"})
    assert refused.value.status == 422
