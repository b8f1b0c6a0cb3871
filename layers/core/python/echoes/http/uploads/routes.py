"""Upload slots for photos, and their state."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC
from http import HTTPStatus
from typing import Any

from echoes.application.uploads.request_uploads import PhotoRequest, PromisedUpload, RequestUploads
from echoes.application.uploads.view_upload import ViewUpload
from echoes.domain.identifiers import UploadId
from echoes.http.admin_access import AuditedReads
from echoes.http.contract.route import Routes, Throttle, route
from echoes.http.idempotency import Idempotency
from echoes.http.identity import Audience, require_caller
from echoes.http.parsing import read_body
from echoes.http.request import Request
from echoes.http.response import Response
from echoes.http.times import offset_minutes
from echoes.http.uploads.views import slot_body, upload_body


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadRoutes(Routes):
    """The routes under ``/v1/uploads``."""

    request_uploads: RequestUploads
    view_upload: ViewUpload
    reads: AuditedReads
    idempotency: Idempotency

    @route("POST", "/v1/uploads", Audience.CALLERS, Throttle.ORDERING, function="upload-api")
    def create_uploads(self, request: Request) -> Response:
        """Return upload slots. Forms are never stored: a replay signs the same slots' again."""
        from echoes.http.uploads.schemas import UploadRequest

        owner = require_caller(request.caller).subject
        wanted = read_body(request, UploadRequest)
        photos = [
            PhotoRequest(
                content_type=photo.content_type,
                bytes=photo.bytes,
                sha256=photo.sha256,
                taken_at=photo.taken_at and photo.taken_at.astimezone(UTC),
                taken_offset_minutes=offset_minutes(photo.taken_at) if photo.taken_at else 0,
            )
            for photo in wanted.photos
        ]
        promised: list[PromisedUpload] = []

        def act() -> Mapping[str, Any]:
            promised.extend(self.request_uploads(owner, photos, key=request.idempotency_key))
            return {"upload_ids": [each.upload.upload_id for each in promised]}

        payload = wanted.model_dump(mode="json", exclude_unset=True)
        kept = self.idempotency.once(request, payload=payload, act=act)
        if kept.replayed:
            act()
        body = {"uploads": [slot_body(each) for each in promised]}
        return Response(status=HTTPStatus.CREATED, body=body, headers=kept.headers)

    @route(
        "GET", "/v1/uploads/{upload_id}", Audience.CALLERS, Throttle.READING, function="upload-api"
    )
    def get_upload(self, request: Request) -> Response:
        """Return a photo and its state."""
        upload_id = UploadId(request.resource("upload_id"))
        view = self.reads.find(request, upload_id, lambda owner: self.view_upload(owner, upload_id))
        return Response(body=upload_body(view))
