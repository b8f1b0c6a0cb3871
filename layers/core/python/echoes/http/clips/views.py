"""
A clip as the API shows it.

By hand and without pydantic: the function that is asked every five seconds imports this.
"""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

from echoes.application.clips.view_clip import ClipView
from echoes.domain.clips.attempts import ClipMedia
from echoes.domain.clips.clip import Clip
from echoes.domain.error_catalogue import CATALOGUE, ErrorCode
from echoes.http.response import Response
from echoes.http.times import written, written_if_any

POLL_SECONDS: Final = 5
"""The product's own number: how often a client asks for a clip that is being made."""

RUNWAY: Final = "runway"


def clip_body(view: ClipView, *, for_admin: bool = False) -> dict[str, Any]:
    """Return the clip's fields. Only admins see the provider's task id."""
    clip, attempt, media = view.clip, view.clip.attempt, view.media
    width, height = (media.width, media.height) if media else clip.ratio.size
    body: dict[str, Any] = {
        "id": clip.clip_id,
        "status": attempt.status.value,
        "stage": attempt.stage.value,
        "progress": round(attempt.progress, 3),
        "upload_id": clip.upload_id,
        "project_id": clip.project_id,
        "attempt": attempt.number,
        "regenerations_left": clip.regenerations_left,
        "duration_seconds": clip.duration_seconds,
        "ratio": clip.ratio.value,
        "motion": clip.motion.value,
        "prompt": clip.prompt,
        "seed": clip.attempt_seed,
        "provider": attempt.provider,
        "credits": attempt.credits,
        "watermarked": clip.free or media is None,
        "preview_url": view.preview_url,
        "poster_url": view.poster_url,
        "placeholder": clip.placeholder,
        "width": width,
        "height": height,
        "error": _error(attempt.error_code),
        "created_at": written(clip.created_at),
        "updated_at": written(clip.updated_at),
        "completed_at": written_if_any(attempt.completed_at),
    }
    if for_admin:
        body["runway_job_id"] = attempt.provider_task_id if attempt.provider == RUNWAY else None
    return body


def waiting(clip: Clip) -> dict[str, str]:
    """Return the header that says when to ask again, as long as there is something to wait for."""
    return {} if clip.attempt.ended else {"Retry-After": str(POLL_SECONDS)}


def accepted_body(clip: Clip) -> dict[str, Any]:
    """Return the body that is stored when work on *clip* begins or ends: without signed links."""
    return clip_body(ClipView(clip=clip, media=_media(clip), preview_url=None, poster_url=None))


def accepted_response(body: Mapping[str, Any], headers: Mapping[str, str]) -> Response:
    """Return the 202 with the clip's location."""
    return Response(
        status=HTTPStatus.ACCEPTED,
        body=body,
        headers={
            "Location": f"/v1/clips/{body['id']}",
            "Retry-After": str(POLL_SECONDS),
            **headers,
        },
    )


def _media(clip: Clip) -> ClipMedia | None:
    return clip.finished.media if clip.finished else None


def _error(code: ErrorCode | None) -> dict[str, object] | None:
    if code is None:
        return None
    text = CATALOGUE[code]
    return {"code": code.value, "title": text.title, "retryable": text.retryable}
