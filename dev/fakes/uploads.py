"""Uploads in memory, and a photo processor without pictures."""

from collections.abc import Sequence
from hashlib import sha256
from threading import Lock

from echoes.application.ports.uploads import OpenedPhoto
from echoes.domain.clips.ratios import Ratio
from echoes.domain.errors import Conflict, NotFound, PhotoUnusable
from echoes.domain.identifiers import OwnerId, UploadId
from echoes.domain.uploads import PhotoFacts, Upload


class InMemoryUploads:
    """The port `Uploads`."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._uploads: dict[tuple[OwnerId, UploadId], Upload] = {}

    def get(self, owner_id: OwnerId, upload_id: UploadId) -> Upload:
        """Return the upload. Raises `NotFound`."""
        with self._lock:
            upload = self._uploads.get((owner_id, upload_id))
        if upload is None:
            raise NotFound("upload not found")
        return upload

    def get_many(self, owner_id: OwnerId, upload_ids: Sequence[UploadId]) -> list[Upload]:
        """Return those of the uploads that there are, in the order asked for."""
        with self._lock:
            found = [self._uploads.get((owner_id, each)) for each in dict.fromkeys(upload_ids)]
        return [upload for upload in found if upload is not None]

    def add(self, uploads: Sequence[Upload]) -> None:
        """Store those of *uploads* that are not stored yet."""
        with self._lock:
            for upload in uploads:
                self._uploads.setdefault((upload.owner_id, upload.upload_id), upload)

    def save(self, upload: Upload) -> None:
        """Store *upload*. Raises `Conflict` if it was written since it was read."""
        with self._lock:
            key = (upload.owner_id, upload.upload_id)
            stored = self._uploads.get(key)
            if stored is None or stored.version != upload.version - 1:
                raise Conflict("another request changed this first")
            self._uploads[key] = upload

    def owner_of(self, upload_id: str) -> OwnerId | None:
        """Return whose upload it is, if there is one."""
        with self._lock:
            return next((owner for owner, found in self._uploads if found == upload_id), None)


PHOTO_MARK = b"photo"


class PlainPhotoProcessor:
    """The port `PhotoProcessor`: a photo is what begins with ``photo``."""

    def open(self, content: bytes) -> OpenedPhoto:
        """Return made-up facts. Raises `PhotoUnusable`."""
        if not content.startswith(PHOTO_MARK):
            raise PhotoUnusable("unsupported_format")
        facts = PhotoFacts(
            content_type="image/jpeg",
            width=1600,
            height=1200,
            bytes=len(content),
            sha256=sha256(content).hexdigest(),
            placeholder="data:image/jpeg;base64,",
        )
        return OpenedPhoto(facts=facts, preview=b"preview")

    def fit(self, content: bytes, *, ratio: Ratio) -> bytes:
        """Return the photo marked with its shape."""
        if not content.startswith(PHOTO_MARK):
            raise PhotoUnusable("unsupported_format")
        return content + b" fitted to " + ratio.encode()
