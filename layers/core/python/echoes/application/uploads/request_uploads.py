"""Use case: request upload slots for photos."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from echoes.application.ports.clock import Clock
from echoes.application.ports.media import MediaStore, PostForm
from echoes.application.ports.uploads import Uploads
from echoes.domain.errors import InvalidRequest
from echoes.domain.identifiers import OwnerId, UploadId, derive_id
from echoes.domain.uploads import (
    MAX_PHOTO_BYTES,
    MAX_PHOTOS_PER_CALL,
    UPLOAD_LIFETIME,
    Upload,
    promise_upload,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoRequest:
    """What a client declares about a photo before it uploads it."""

    content_type: str
    bytes: int
    sha256: str | None = None
    taken_at: datetime | None = None
    taken_offset_minutes: int = 0
    """The local time's offset from UTC."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PromisedUpload:
    """A slot for one photo, and the form to upload it with."""

    upload: Upload
    form: PostForm


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestUploads:
    """Create a slot for each photo. The photos go straight to the bucket, not through the API."""

    uploads: Uploads
    photos: MediaStore
    """The photos bucket."""

    clock: Clock

    def __call__(
        self, owner_id: OwnerId, photos: Sequence[PhotoRequest], *, key: str | None = None
    ) -> Sequence[PromisedUpload]:
        """
        Return one slot for each of *photos* (1 to 50), in order.

        With the same *key* (the client's idempotency key) the slots have the same ids.

        Raises:
            InvalidRequest, PhotoTooLarge: One of them cannot be used. No slot was created.
        """
        if not 1 <= len(photos) <= MAX_PHOTOS_PER_CALL:
            raise InvalidRequest(f"photos must be 1 to {MAX_PHOTOS_PER_CALL}", field="photos")
        at = self.clock.now()
        uploads = [
            promise_upload(
                owner_id=owner_id,
                upload_id=UploadId(
                    derive_id(owner_id, "upload", None if key is None else f"{key}\x1f{index}")
                ),
                content_type=photo.content_type,
                declared_bytes=photo.bytes,
                declared_sha256=photo.sha256,
                declared_taken_at=photo.taken_at,
                declared_offset_minutes=photo.taken_offset_minutes,
                at=at,
            )
            for index, photo in enumerate(photos)
        ]
        self.uploads.add(uploads)
        return [PromisedUpload(upload=upload, form=self._form(upload)) for upload in uploads]

    def _form(self, upload: Upload) -> PostForm:
        return self.photos.form(
            upload.photo_key,
            content_type=upload.content_type,
            max_bytes=MAX_PHOTO_BYTES,
            lifetime=UPLOAD_LIFETIME,
        )
