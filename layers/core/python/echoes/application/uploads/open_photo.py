"""Use case: a photo has arrived in the bucket."""

from dataclasses import dataclass
from hashlib import sha256

from echoes.application.ports.clock import Clock
from echoes.application.ports.media import MediaStore
from echoes.application.ports.uploads import PhotoProcessor, Uploads
from echoes.application.retries import retry_on_conflict
from echoes.domain.errors import NotFound, PhotoTooLarge, PhotoUnusable
from echoes.domain.uploads import (
    MAX_PHOTO_BYTES,
    PhotoFacts,
    Upload,
    UploadState,
    accept,
    locate,
    reject,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenPhoto:
    """Check that it is a photo we can animate, and make its preview."""

    uploads: Uploads
    photos: MediaStore
    """The photos bucket."""

    processor: PhotoProcessor
    clock: Clock

    def __call__(self, photo_key: str) -> Upload | None:
        """
        Decide about the photo at *photo_key*; return its upload, ``None`` if it has none.

        An upload is decided once: a repeated or late event changes nothing, and neither does a file
        put there by anyone else. A bad photo is rejected, not raised, so it is not retried for
        ever. Raises `Unavailable` only; then nothing was decided.
        """
        location = locate(photo_key)
        if location is None:
            return None
        owner_id, upload_id = location

        def decide() -> Upload | None:
            try:
                upload = self.uploads.get(owner_id, upload_id)
            except NotFound:
                return None
            return self._decide(upload)

        return retry_on_conflict(decide, clock=self.clock)

    def _decide(self, upload: Upload) -> Upload:
        if upload.state is not UploadState.WAITING:
            return upload
        try:
            facts = self._open(upload)
        except NotFound:
            return upload
        except PhotoTooLarge:
            decided = reject(upload, "too_large")
        except PhotoUnusable as error:
            decided = reject(upload, error.reason)
        else:
            decided = accept(upload, facts)
        self.uploads.save(decided)
        return decided

    def _open(self, upload: Upload) -> PhotoFacts:
        """Return the photo's facts and store its preview. Checks the size once more."""
        content = self.photos.read(upload.photo_key, max_bytes=MAX_PHOTO_BYTES)
        declared = upload.declared_sha256
        if declared is not None and declared.lower() != sha256(content).hexdigest():
            raise PhotoUnusable("checksum_mismatch")
        opened = self.processor.open(content)
        self.photos.write(upload.preview_key, opened.preview, content_type="image/jpeg")
        return opened.facts
