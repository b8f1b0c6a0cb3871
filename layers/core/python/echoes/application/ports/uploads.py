"""The ports of photo uploads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from echoes.domain.clips.ratios import Ratio
    from echoes.domain.identifiers import OwnerId, UploadId
    from echoes.domain.uploads import PhotoFacts, Upload


class Uploads(Protocol):
    """Stores uploads."""

    def get(self, owner_id: OwnerId, upload_id: UploadId) -> Upload:
        """Return the upload, strongly consistent. Raises `NotFound`."""
        ...

    def get_many(self, owner_id: OwnerId, upload_ids: Sequence[UploadId]) -> Sequence[Upload]:
        """Return those of the uploads that exist, in the order of the ids; as `get`."""
        ...

    def add(self, uploads: Sequence[Upload]) -> None:
        """Store new uploads. One that is stored already stays as it is."""
        ...

    def save(self, upload: Upload) -> None:
        """Store *upload* if the stored version is ``version - 1``. Raises `Conflict`."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedPhoto:
    """What is in a photo, and the small preview made from it (JPEG, no metadata)."""

    facts: PhotoFacts
    preview: bytes


class PhotoProcessor(Protocol):
    """Opens photos safely."""

    def open(self, content: bytes) -> OpenedPhoto:
        """Return what *content* shows. Raises `PhotoUnusable` with the reason."""
        ...

    def fit(self, content: bytes, *, ratio: Ratio) -> bytes:
        """Return a JPEG without metadata in exactly *ratio*, below 3.5 MB. Deterministic."""
        ...
