"""Upload slots and photos as the API shows them."""

from typing import Any

from echoes.application.uploads.request_uploads import PromisedUpload
from echoes.application.uploads.view_upload import UploadView
from echoes.http.times import written, written_if_any


def slot_body(promised: PromisedUpload) -> dict[str, Any]:
    """Return an upload slot and its form."""
    return {
        "upload_id": promised.upload.upload_id,
        "post": {"url": promised.form.url, "fields": dict(promised.form.fields)},
        "expires_at": written(promised.upload.expires_at),
    }


def upload_body(view: UploadView) -> dict[str, Any]:
    """Return an uploaded photo and its state."""
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
