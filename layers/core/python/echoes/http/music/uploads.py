"""Uploading, listing and deleting music."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from echoes.application.music.delete_music import DeleteMusic
from echoes.application.music.request_music_upload import PromisedMusic, RequestMusicUpload
from echoes.application.music.view_music import MusicView, ViewMusic
from echoes.domain.identifiers import MusicUploadId
from echoes.domain.music.uploads import FAULT_TEXTS, MusicRequest
from echoes.http.admin_access import AuditedReads
from echoes.http.application import Route
from echoes.http.idempotency import Idempotency
from echoes.http.identity import require_user
from echoes.http.music.schemas import MusicUploadRequest
from echoes.http.parsing import read_body
from echoes.http.request import Request
from echoes.http.response import Response
from echoes.http.times import written


def music_upload_routes(
    *,
    request_music: RequestMusicUpload,
    view_music: ViewMusic,
    delete_music: DeleteMusic,
    reads: AuditedReads,
    idempotency: Idempotency,
) -> list[Route]:
    """Return the routes of uploaded music."""

    def promise(request: Request) -> Response:
        owner = require_user(request.caller).subject
        wanted = read_body(request, MusicUploadRequest)
        music_request = MusicRequest(**wanted.model_dump())
        promised: list[PromisedMusic] = []

        def grant() -> Mapping[str, Any]:
            promised.append(request_music(owner, music_request, key=request.idempotency_key))
            return {"id": promised[-1].upload.music_id}

        kept = idempotency.once(
            request, payload=wanted.model_dump(mode="json", exclude_unset=True), act=grant
        )
        if kept.replayed:
            # Forms are signed and never kept: the same place, with a form that works again.
            grant()
        upload, form = promised[-1].upload, promised[-1].form
        body = {
            "id": upload.music_id,
            "post": {"url": form.url, "fields": dict(form.fields)},
            "expires_at": written(upload.expires_at),
            "state": upload.state.value,
        }
        headers = {"Location": f"/v1/music-uploads/{upload.music_id}", **kept.headers}
        return Response(status=HTTPStatus.CREATED, body=body, headers=headers)

    def index(request: Request) -> Response:
        owner = require_user(request.caller).subject
        items = [_music(view) for view in view_music.list(owner)]
        return Response(body={"items": items, "next_cursor": None})

    def show(request: Request) -> Response:
        require_user(request.caller)
        music_id = MusicUploadId(request.resource("music_id"))
        view = reads.find(request, music_id, lambda owner: view_music(owner, music_id))
        return Response(body=_music(view))

    def delete(request: Request) -> Response:
        owner = require_user(request.caller).subject
        delete_music(owner, MusicUploadId(request.resource("music_id")))
        return Response(status=HTTPStatus.NO_CONTENT, body=None)

    every, one = "/v1/music-uploads", "/v1/music-uploads/<music_id>"
    return [
        Route(method="POST", pattern=every, endpoint=promise),
        Route(method="GET", pattern=every, endpoint=index),
        Route(method="GET", pattern=one, endpoint=show),
        Route(method="DELETE", pattern=one, endpoint=delete),
    ]


def _music(view: MusicView) -> dict[str, Any]:
    upload, track, fault = view.upload, view.upload.track, view.upload.fault
    return {
        "id": upload.music_id,
        "state": view.state.value,
        "reason": None if fault is None else {"code": fault.value, "text": FAULT_TEXTS[fault]},
        "title": upload.title,
        "duration_seconds": None if track is None else round(track.duration_seconds, 3),
        "preview_url": view.preview_url,
        "created_at": written(upload.created_at),
        "expires_at": written(upload.expires_at),
    }
