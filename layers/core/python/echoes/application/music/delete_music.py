"""Use case: the owner deletes an uploaded track."""

from dataclasses import dataclass

from echoes.application.ports.clock import Clock
from echoes.application.ports.media import MediaStore
from echoes.application.ports.music import MusicUploads
from echoes.application.retries import retry_on_conflict
from echoes.domain.identifiers import MusicUploadId, OwnerId


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteMusic:
    """Delete a track's files, then the track. Finished films keep their sound."""

    music: MusicUploads
    arrivals: MediaStore
    """The photos bucket, where files arrive."""

    media: MediaStore
    """The clips bucket."""

    clock: Clock

    def __call__(self, owner_id: OwnerId, music_id: MusicUploadId) -> None:
        """
        Delete the track; its files are deleted first, so a repeated call finishes the work.

        Raises `NotFound`: the owner has no such track.
        """

        def delete_once() -> None:
            upload = self.music.get(owner_id, music_id)
            self.arrivals.delete(upload.original_folder)
            self.media.delete(upload.folder)
            self.music.remove(upload)

        retry_on_conflict(delete_once, clock=self.clock)
