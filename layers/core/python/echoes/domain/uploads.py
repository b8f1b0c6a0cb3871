"""
Uploads: a slot for a photo, and its state.

``waiting`` → ``ready`` | ``rejected``; an unused slot becomes ``expired``.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from echoes.domain.errors import InvalidRequest, PhotoTooLarge, PhotoUnusable
from echoes.domain.identifiers import OwnerId, UploadId

MAX_PHOTO_BYTES: Final = 30 * 1024 * 1024
"""A 50-megapixel phone photo stays below 25 MB; the opener reads the file into memory."""

MAX_PHOTOS_PER_CALL: Final = 50
UPLOAD_LIFETIME: Final = timedelta(minutes=15)
"""How long the presigned POST may be used."""

RETENTION_AFTER_EXPIRY: Final = timedelta(days=1)
"""How long an abandoned upload can still be asked for before its row is removed."""

CONTENT_TYPES: Final = frozenset(
    {"image/jpeg", "image/png", "image/webp", "image/heic", "image/heif"}
)


class UploadState(StrEnum):
    """The state of an upload."""

    WAITING = "waiting"
    READY = "ready"
    REJECTED = "rejected"
    EXPIRED = "expired"


def slot_state(state: UploadState, *, expires_at: datetime, at: datetime) -> UploadState:
    """Return the state of a slot as seen at *at*: one that is not used in time has expired."""
    if state is UploadState.WAITING and at >= expires_at:
        return UploadState.EXPIRED
    return state


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoFacts:
    """What was found in the file itself. Pixels are counted after the orientation is applied."""

    content_type: str
    width: int
    height: int
    bytes: int
    sha256: str
    placeholder: str
    taken_at: datetime | None = None
    taken_offset_minutes: int = 0
    """The local time's offset from UTC; 0 if the file does not name one."""

    perceptual_hash: str | None = None
    """64 bits as hex digits; similar pictures share most of them."""

    sharpness: int | None = None
    """Higher is sharper; comparable only between photos of one scene."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """One photo of one owner. ``version`` counts writes and guards against lost updates."""

    owner_id: OwnerId
    upload_id: UploadId
    content_type: str
    declared_bytes: int
    created_at: datetime
    expires_at: datetime
    declared_sha256: str | None = None
    declared_taken_at: datetime | None = None
    declared_offset_minutes: int = 0
    state: UploadState = UploadState.WAITING
    reason: str | None = None
    facts: PhotoFacts | None = None
    version: int = 1

    @property
    def photo_key(self) -> str:
        """Where the client uploads the photo; only Echoes reads it."""
        return f"{self._prefix}/original"

    @property
    def preview_key(self) -> str:
        """Where the small preview without metadata is stored once the upload is ready."""
        return f"{self._prefix}/preview.jpg"

    @property
    def _prefix(self) -> str:
        return f"owners/{self.owner_id}/uploads/{self.upload_id}"

    @property
    def taken_at(self) -> datetime | None:
        """When the photo was taken, according to the file or else to the client."""
        return self._taken[0]

    @property
    def taken_offset_minutes(self) -> int:
        """The local UTC offset, from the same source as `taken_at`."""
        return self._taken[1]

    @property
    def _taken(self) -> tuple[datetime | None, int]:
        if self.facts is not None and self.facts.taken_at is not None:
            return self.facts.taken_at, self.facts.taken_offset_minutes
        return self.declared_taken_at, self.declared_offset_minutes

    def state_at(self, at: datetime) -> UploadState:
        """Return the state as seen at *at*: a waiting upload expires by itself."""
        return slot_state(self.state, expires_at=self.expires_at, at=at)


def locate(photo_key: str) -> tuple[OwnerId, UploadId] | None:
    """Return the owner and id of the upload at *photo_key*; ``None`` for any other key."""
    match photo_key.split("/"):
        case ["owners", owner, "uploads", upload, "original"] if owner and upload:
            return OwnerId(owner), UploadId(upload)
        case _:
            return None


def promise_upload(
    *,
    owner_id: OwnerId,
    upload_id: UploadId,
    content_type: str,
    declared_bytes: int,
    at: datetime,
    declared_sha256: str | None = None,
    declared_taken_at: datetime | None = None,
    declared_offset_minutes: int = 0,
) -> Upload:
    """
    Return a slot for one photo.

    Raises:
        InvalidRequest: We cannot open this content type, or there are no bytes.
        PhotoTooLarge: More than `MAX_PHOTO_BYTES`.
    """
    if content_type not in CONTENT_TYPES:
        raise InvalidRequest(f"content_type must be one of {sorted(CONTENT_TYPES)}")
    if declared_bytes < 1:
        raise InvalidRequest("bytes must be at least 1")
    if declared_bytes > MAX_PHOTO_BYTES:
        raise PhotoTooLarge(f"a photo may have at most {MAX_PHOTO_BYTES} bytes")
    return Upload(
        owner_id=owner_id,
        upload_id=upload_id,
        content_type=content_type,
        declared_bytes=declared_bytes,
        declared_sha256=declared_sha256,
        declared_taken_at=declared_taken_at,
        declared_offset_minutes=declared_offset_minutes,
        created_at=at,
        expires_at=at + UPLOAD_LIFETIME,
    )


def accept(upload: Upload, facts: PhotoFacts) -> Upload:
    """Return *upload* ready; unchanged if it was decided before, either way."""
    if upload.state is not UploadState.WAITING:
        return upload
    return replace(upload, state=UploadState.READY, facts=facts, version=upload.version + 1)


def reject(upload: Upload, reason: str) -> Upload:
    """Return *upload* rejected because of *reason*; unchanged if it was decided before."""
    if upload.state is not UploadState.WAITING:
        return upload
    return replace(upload, state=UploadState.REJECTED, reason=reason, version=upload.version + 1)


def require_ready(upload: Upload, at: datetime) -> PhotoFacts:
    """
    Return the facts of a photo that can be animated.

    Raises:
        PhotoUnusable: The upload was rejected; ``reason`` says why.
        InvalidRequest: It is still waiting for its photo, or has expired.
    """
    state = upload.state_at(at)
    if state is UploadState.READY and upload.facts is not None:
        return upload.facts
    if state is UploadState.REJECTED:
        raise PhotoUnusable(upload.reason or "unreadable")
    raise InvalidRequest(f"the upload is {state}; upload the photo first", field="upload_id")
