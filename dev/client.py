"""
The reference client: every route of the API, called as a client should call it.

It retries what may be retried (ER1): a GET always, a POST only under the same idempotency key;
at most five tries, full jitter, and it waits as long as ``Retry-After`` asks. The demo and the
end-to-end tests drive the system through it.
"""

import hashlib
import random
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import requests

MAX_TRIES: Final = 5
TIMEOUT_SECONDS: Final = (5, 60)
RETRYABLE: Final = frozenset({429, 500, 502, 503, 504})
"""A 500 too: the gateway answers it for a function that died, and only safe calls are repeated."""
MAX_BACKOFF_SECONDS: Final = 8.0
CONTENT_TYPES: Final = {
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
    ".webp": "image/webp",
    ".heic": "image/heic",
    ".heif": "image/heif",
}
MUSIC_TYPES: Final = {
    ".flac": "audio/flac",
    ".m4a": "audio/mp4",
    ".mp3": "audio/mpeg",
    ".ogg": "audio/ogg",
    ".wav": "audio/wav",
}

SHOT_FIELDS: Final = ("upload_id", "motion", "duration_seconds")
"""What the order of a clip takes over from a planned shot."""

Json = dict[str, Any]


class Problem(Exception):
    """A response that is no success, with what the problem document says."""

    def __init__(self, response: requests.Response) -> None:
        try:
            self.body: Json = response.json()
        except ValueError:
            self.body = {}
        self.status = response.status_code
        self.code: str = self.body.get("code", "")
        self.response = response
        title = self.body.get("title", response.reason)
        detail = self.body.get("detail") or ""
        request_id = self.body.get("request_id", "unknown")
        super().__init__(f"{self.status} {self.code}: {title} {detail} (request {request_id})")


@dataclass(frozen=True, slots=True, kw_only=True)
class EchoesClient:
    """One caller of the API; without a *token* an anonymous one."""

    api_url: str
    token: str | None = None
    sleep: Callable[[float], None] = time.sleep
    rng: random.Random = field(default_factory=random.Random)

    def call(
        self,
        method: str,
        path: str,
        *,
        json: Json | None = None,
        key: str | None = None,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
    ) -> requests.Response:
        """
        Send one request, and again where that is safe; return the last response of any status.

        Raises:
            requests.RequestException: No answer after the last try.
        """
        sent = dict(headers or {})
        if self.token is not None:
            sent["Authorization"] = f"Bearer {self.token}"
        if key is not None:
            sent["Idempotency-Key"] = key
        safe = method in {"GET", "HEAD", "OPTIONS", "PUT", "DELETE"} or key is not None
        url = f"{self.api_url.rstrip('/')}/{path.lstrip('/')}"
        for tries_left in reversed(range(MAX_TRIES if safe else 1)):
            try:
                response = requests.request(
                    method, url, json=json, headers=sent, params=params, timeout=TIMEOUT_SECONDS
                )
            except requests.ConnectionError:
                if not tries_left:
                    raise
                self._back_off(MAX_TRIES - tries_left, None)
                continue
            if response.status_code not in RETRYABLE or not tries_left:
                return response
            self._back_off(MAX_TRIES - tries_left, response.headers.get("Retry-After"))
        raise AssertionError("unreachable: the last try returns or raises")

    def get(self, path: str, **params: str) -> Json:
        """Return the JSON at *path*. Raises `Problem`."""
        return _json(self.call("GET", path, params=params))

    def post(self, path: str, json: Json | None = None, *, key: str | None = None) -> Json:
        """Post *json* under *key* (a fresh one by default). Raises `Problem`."""
        return _json(self.call("POST", path, json=json or {}, key=key or str(uuid.uuid4())))

    def upload(self, photos: Sequence[Path]) -> list[str]:
        """Send *photos* straight to the store; return their upload ids in the same order."""
        contents = [photo.read_bytes() for photo in photos]
        described = [
            {
                "filename": photo.name,
                "content_type": CONTENT_TYPES[photo.suffix.lower()],
                "bytes": len(content),
                "sha256": hashlib.sha256(content).hexdigest(),
            }
            for photo, content in zip(photos, contents, strict=True)
        ]
        slots = self.post("/v1/uploads", {"photos": described})["uploads"]
        for slot, photo, content in zip(slots, photos, contents, strict=True):
            response = requests.post(
                slot["post"]["url"],
                data=slot["post"]["fields"],
                files={"file": (photo.name, content)},
                timeout=TIMEOUT_SECONDS,
            )
            response.raise_for_status()
        return [slot["upload_id"] for slot in slots]

    def wait_for_upload(self, upload_id: str, *, within_seconds: float = 60) -> Json:
        """Return the upload once it is no longer waiting. Raises `TimeoutError`."""
        for upload in self._ask(f"/v1/uploads/{upload_id}", 0.5, within_seconds):
            if upload["state"] != "waiting":
                return upload
        raise TimeoutError(f"upload {upload_id} is still waiting after {within_seconds} s")

    def upload_music(self, piece: Path, *, title: str | None = None) -> str:
        """
        Send a piece of music straight to the store; return its id.

        Calling this confirms that the caller may use *piece*, as the tick in the form does.
        """
        content = piece.read_bytes()
        described: Json = {
            "filename": piece.name,
            "content_type": MUSIC_TYPES[piece.suffix.lower()],
            "bytes": len(content),
            "sha256": hashlib.sha256(content).hexdigest(),
            "rights_confirmed": True,
        }
        slot = self.post("/v1/music-uploads", described | ({"title": title} if title else {}))
        response = requests.post(
            slot["post"]["url"],
            data=slot["post"]["fields"],
            files={"file": (piece.name, content)},
            timeout=TIMEOUT_SECONDS,
        )
        response.raise_for_status()
        return str(slot["id"])

    def wait_for_music(self, music_id: str, *, within_seconds: float = 120) -> Json:
        """Return the piece once it is no longer waiting. Raises `TimeoutError`."""
        for piece in self._ask(f"/v1/music-uploads/{music_id}", 0.5, within_seconds):
            if piece["state"] != "waiting":
                return piece
        raise TimeoutError(f"music {music_id} is still waiting after {within_seconds} s")

    def order_clip(self, upload_id: str, *, key: str | None = None, **options: Any) -> Json:  # noqa: ANN401 - the API's own fields
        """Order a clip of an upload that is ready."""
        return self.post("/v1/clips", {"upload_id": upload_id, **options}, key=key)

    def order_story(self, plan: Json, *, title: str) -> tuple[Json, Json]:
        """
        Order what `POST /v1/stories` proposed, unchanged or edited.

        Return the new project, and its order: one clip a shot, in the plan's order, and the credits
        that are held. When the order is refused the project stays, empty.
        """
        card = plan["title_card"]
        look = {name: plan[name] for name in ("ratio", "transition", "music_track_id")}
        described = {"title": title, "title_card": card and card["text"], **look}
        project = self.post("/v1/projects", described)
        photos = [
            {"ratio": plan["ratio"], **{name: shot[name] for name in SHOT_FIELDS}}
            for shot in shots_of(plan)
        ]
        path = f"/v1/projects/{project['id']}/clips"
        return project, self.post(path, {"photos": photos, "order": "own"})

    def follow_clip(
        self, clip_id: str, *, every_seconds: float = 5, within_seconds: float = 600
    ) -> Iterator[Json]:
        """Yield the clip each time it is asked for, the last time when it has ended."""
        for clip in self._ask(f"/v1/clips/{clip_id}", every_seconds, within_seconds):
            yield clip
            if clip["status"] in {"completed", "failed"}:
                return
        raise TimeoutError(f"clip {clip_id} has not ended within {within_seconds} s")

    def wait_for_clip(
        self, clip_id: str, *, every_seconds: float = 1, within_seconds: float = 300
    ) -> Json:
        """Return the clip once it has ended. Raises `TimeoutError`."""
        *_, last = self.follow_clip(
            clip_id, every_seconds=every_seconds, within_seconds=within_seconds
        )
        return last

    def follow_film(
        self, film_id: str, *, every_seconds: float = 5, within_seconds: float = 600
    ) -> Iterator[Json]:
        """Yield the film each time it is asked for, the last time when it has ended."""
        for film in self._ask(f"/v1/films/{film_id}", every_seconds, within_seconds):
            yield film
            if film["status"] in {"completed", "failed"}:
                return
        raise TimeoutError(f"film {film_id} has not ended within {within_seconds} s")

    def download_film(self, film_id: str, destination: Path) -> Json:
        """Write the film to *destination*; return what the download route said."""
        return self._download(f"/v1/films/{film_id}/download", destination)

    def download_clip(self, clip_id: str, destination: Path) -> Json:
        """Write the clip's video to *destination*; return what the download route said."""
        return self._download(f"/v1/clips/{clip_id}/download", destination)

    def _download(self, path: str, destination: Path) -> Json:
        link = self.get(path)
        with requests.get(link["url"], stream=True, timeout=TIMEOUT_SECONDS) as answer:
            answer.raise_for_status()
            with destination.open("wb") as file:
                for chunk in answer.iter_content(1 << 20):
                    file.write(chunk)
        return link

    def transactions(self) -> Iterator[Json]:
        """Yield every transaction, newest first."""
        cursor: str | None = None
        while True:
            page = self.get("/v1/credits/transactions", **({"cursor": cursor} if cursor else {}))
            yield from page["items"]
            cursor = page["next_cursor"]
            if cursor is None:
                return

    def _ask(self, path: str, every_seconds: float, within_seconds: float) -> Iterator[Json]:
        """Yield the body at *path* until time is up; ETags save the server work."""
        deadline = time.monotonic() + within_seconds
        etag, body = None, None
        while time.monotonic() < deadline:
            response = self.call("GET", path, headers={"If-None-Match": etag} if etag else None)
            if response.status_code != requests.codes.not_modified:
                body = _json(response)
                etag = response.headers.get("ETag")
            if body is not None:
                yield body
            self.sleep(every_seconds)

    def _back_off(self, tries: int, retry_after: str | None) -> None:
        if retry_after is not None and retry_after.isdigit():
            self.sleep(float(retry_after))
        else:
            self.sleep(self.rng.uniform(0, min(MAX_BACKOFF_SECONDS, 0.5 * 2**tries)))


def shots_of(plan: Json) -> list[Json]:
    """Return the shots of a plan, those of all chapters in the film's order."""
    return [shot for chapter in plan["chapters"] for shot in chapter["shots"]]


def _json(response: requests.Response) -> Json:
    if not response.ok:
        raise Problem(response)
    body: Json = response.json() if response.content else {}
    return body
