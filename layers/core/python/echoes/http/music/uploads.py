"""Uploading, listing and deleting music."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from echoes.application.music.delete_music import DeleteMusic
from echoes.application.music.request_music_upload import PromisedMusic, RequestMusicUpload
from echoes.application.music.view_music import ViewMusic
from echoes.domain.identifiers import MusicUploadId
from echoes.domain.music.uploads import MusicRequest
from echoes.http.admin_access import AuditedReads
from echoes.http.contract.route import Routes, Throttle, route
from echoes.http.idempotency import Idempotency
from echoes.http.identity import Audience, require_caller
from echoes.http.music.views import music_body, slot_body
from echoes.http.parsing import read_body
from echoes.http.request import Request
from echoes.http.response import Response


@dataclass(frozen=True, slots=True, kw_only=True)
class MusicUploadRoutes(Routes):
    """The routes under ``/v1/music-uploads``."""

    request_music: RequestMusicUpload
    view_music: ViewMusic
    delete_music: DeleteMusic
    reads: AuditedReads
    idempotency: Idempotency

    @route("POST", "/v1/music-uploads", Audience.USERS, Throttle.RARE, function="upload-api")
    def create_music_upload(self, request: Request) -> Response:
        """Return an upload slot. Forms are never stored: a replay signs the same slot's again."""
        from echoes.http.music.schemas import MusicUploadRequest

        owner = require_caller(request.caller).subject
        wanted = read_body(request, MusicUploadRequest)
        music_request = MusicRequest(**wanted.model_dump())
        promised: list[PromisedMusic] = []

        def act() -> Mapping[str, Any]:
            promised.append(self.request_music(owner, music_request, key=request.idempotency_key))
            return {"id": promised[-1].upload.music_id}

        payload = wanted.model_dump(mode="json", exclude_unset=True)
        kept = self.idempotency.once(request, payload=payload, act=act)
        if kept.replayed:
            act()
        slot = slot_body(promised[-1])
        headers = {"Location": f"/v1/music-uploads/{slot['id']}", **kept.headers}
        return Response(status=HTTPStatus.CREATED, body=slot, headers=headers)

    @route("GET", "/v1/music-uploads", Audience.USERS, Throttle.READING, function="upload-api")
    def list_music_uploads(self, request: Request) -> Response:
        """Return the caller's music, newest first."""
        owner = require_caller(request.caller).subject
        items = [music_body(view) for view in self.view_music.list(owner)]
        return Response(body={"items": items, "next_cursor": None})

    @route(
        "GET",
        "/v1/music-uploads/{music_id}",
        Audience.USERS,
        Throttle.READING,
        function="upload-api",
    )
    def get_music_upload(self, request: Request) -> Response:
        """Return the state of an uploaded track."""
        music_id = MusicUploadId(request.resource("music_id"))
        view = self.reads.find(request, music_id, lambda owner: self.view_music(owner, music_id))
        return Response(body=music_body(view))

    @route(
        "DELETE",
        "/v1/music-uploads/{music_id}",
        Audience.USERS,
        Throttle.RARE,
        function="upload-api",
    )
    def delete_music_upload(self, request: Request) -> Response:
        """Delete an uploaded track."""
        owner = require_caller(request.caller).subject
        self.delete_music(owner, MusicUploadId(request.resource("music_id")))
        return Response(status=HTTPStatus.NO_CONTENT, body=None)
