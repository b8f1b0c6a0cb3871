"""Upload slots for photos, and their state."""

from collections.abc import Mapping, Sequence
from datetime import UTC
from http import HTTPStatus
from typing import Any

from echoes.application.uploads.request_uploads import PhotoRequest, PromisedUpload, RequestUploads
from echoes.application.uploads.view_upload import UploadView, ViewUpload
from echoes.domain.identifiers import UploadId
from echoes.http.admin_access import AuditedReads
from echoes.http.application import Route
from echoes.http.idempotency import Idempotency
from echoes.http.identity import require_caller
from echoes.http.parsing import read_body
from echoes.http.request import Request
from echoes.http.response import Response
from echoes.http.times import offset_minutes, written, written_if_any
from echoes.http.uploads.schemas import UploadRequest


def upload_routes(
    *,
    request_uploads: RequestUploads,
    view_upload: ViewUpload,
    reads: AuditedReads,
    idempotency: Idempotency,
) -> list[Route]:
    """Return the routes of the upload function."""

    def promise(request: Request) -> Response:
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

        def grant() -> Mapping[str, Any]:
            promised.extend(request_uploads(owner, photos, key=request.idempotency_key))
            return {"upload_ids": [place.upload.upload_id for place in promised]}

        kept = idempotency.once(
            request, payload=wanted.model_dump(mode="json", exclude_unset=True), act=grant
        )
        if kept.replayed:
            # Forms are signed and never kept: the same places, with forms that work again.
            grant()
        return Response(
            status=HTTPStatus.CREATED,
            body={"uploads": _places(promised)},
            headers=kept.headers,
        )

    def show(request: Request) -> Response:
        upload_id = UploadId(request.resource("upload_id"))
        view = reads.find(request, upload_id, lambda owner: view_upload(owner, upload_id))
        return Response(body=_upload(view))

    return [
        Route(method="POST", pattern="/v1/uploads", endpoint=promise),
        Route(method="GET", pattern="/v1/uploads/<upload_id>", endpoint=show),
    ]


def _places(promised: Sequence[PromisedUpload]) -> list[dict[str, Any]]:
    return [
        {
            "upload_id": place.upload.upload_id,
            "post": {"url": place.form.url, "fields": dict(place.form.fields)},
            "expires_at": written(place.upload.expires_at),
        }
        for place in promised
    ]


def _upload(view: UploadView) -> dict[str, Any]:
    upload, facts = view.upload, view.upload.facts
    return {
        "upload_id": upload.upload_id,
        "state": view.state.value,
        "reason": upload.reason,
        "width": facts.width if facts else None,
        "height": facts.height if facts else None,
        "taken_at": written_if_any(upload.taken_at),
        "placeholder": facts.placeholder if facts else None,
        "preview_url": view.preview_url,
        "created_at": written(upload.created_at),
        "expires_at": written(upload.expires_at),
    }
