"""Use case: show the state of an upload."""

from dataclasses import dataclass

from echoes.application.links import LINK_LIFETIME
from echoes.application.ports.clock import Clock
from echoes.application.ports.media import MediaStore
from echoes.application.ports.uploads import Uploads
from echoes.domain.identifiers import OwnerId, UploadId
from echoes.domain.uploads import Upload, UploadState


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadView:
    """An upload as it is now, with a signed link to its preview once it is ready."""

    upload: Upload
    state: UploadState
    preview_url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewUpload:
    """Read an upload and sign a link to its preview. The photo itself is never shown."""

    uploads: Uploads
    photos: MediaStore
    """The photos bucket."""

    clock: Clock

    def __call__(self, owner_id: OwnerId, upload_id: UploadId) -> UploadView:
        """Return the upload as it is now. Raises `NotFound`."""
        upload = self.uploads.get(owner_id, upload_id)
        state = upload.state_at(self.clock.now())
        ready = state is UploadState.READY
        return UploadView(
            upload=upload,
            state=state,
            preview_url=(
                self.photos.link(upload.preview_key, lifetime=LINK_LIFETIME) if ready else None
            ),
        )
