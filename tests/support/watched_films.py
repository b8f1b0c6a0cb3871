"""Films that tests order, of the sample photos."""

from typing import Any

from dev.client import EchoesClient
from tests.support.users import User

PHOTOS = ("coffee.jpg", "cat.jpg", "rocket.jpg")
CLIP_SECONDS = 5
FPS = 24


def a_project(user: User, **look: Any) -> dict[str, Any]:  # noqa: ANN401  # the API's own fields
    """Return a project whose clips of the sample photos are all completed."""
    project = user.api.post("/v1/projects", {"title": "Summer", "ratio": "16:9", **look})
    uploads = [user.ready_upload(name) for name in PHOTOS]
    ordered = user.api.post(
        f"/v1/projects/{project['id']}/clips",
        {
            "photos": [
                {"upload_id": upload, "duration_seconds": CLIP_SECONDS, "ratio": "16:9"}
                for upload in uploads
            ]
        },
    )
    for clip in ordered["items"]:
        done = user.api.wait_for_clip(clip["id"])
        assert done["status"] == "completed", done
    found: dict[str, Any] = user.api.get(f"/v1/projects/{project['id']}")
    return found


def film_of(api: EchoesClient, project: dict[str, Any]) -> list[dict[str, Any]]:
    """Order the project's film and return everything that was seen of it."""
    film = api.post(f"/v1/projects/{project['id']}/films")
    return [film, *api.follow_film(film["id"], every_seconds=0.3, within_seconds=180)]
