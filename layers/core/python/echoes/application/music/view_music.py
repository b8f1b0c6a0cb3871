"""Use case: show uploaded music, with previews."""

from collections.abc import Sequence
from dataclasses import dataclass

from echoes.application.links import LINK_LIFETIME
from echoes.application.ports.clock import Clock
from echoes.application.ports.media import MediaLinks
from echoes.application.ports.music import MusicUploads
from echoes.domain.identifiers import MusicUploadId, OwnerId
from echoes.domain.music.uploads import MusicUpload
from echoes.domain.uploads import UploadState


@dataclass(frozen=True, slots=True, kw_only=True)
class MusicView:
    """A piece as it is now, and a signed link to the file that films use."""

    upload: MusicUpload
    state: UploadState
    preview_url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewMusic:
    """Read uploaded music and sign links to it."""

    music: MusicUploads
    media: MediaLinks
    """The clips bucket."""

    clock: Clock

    def __call__(self, owner_id: OwnerId, music_id: MusicUploadId) -> MusicView:
        """Return the piece as it is now. Raises `NotFound`."""
        return self._view(self.music.get(owner_id, music_id))

    def list(self, owner_id: OwnerId) -> Sequence[MusicView]:
        """Return all of an owner's music, newest first; it always fits on one page."""
        return [self._view(piece) for piece in self.music.library(owner_id).pieces]

    def _view(self, upload: MusicUpload) -> MusicView:
        track = upload.track
        return MusicView(
            upload=upload,
            state=upload.state_at(self.clock.now()),
            preview_url=(
                None
                if track is None
                else self.media.link(upload.key_of(track), lifetime=LINK_LIFETIME)
            ),
        )
