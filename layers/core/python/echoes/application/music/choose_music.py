"""Use case: choose the music of a film, from the catalogue or the owner's uploads."""

from dataclasses import dataclass
from typing import Final

from echoes.application.ports.music import MusicUploads
from echoes.domain.errors import InvalidRequest, NotFound
from echoes.domain.films.film import FilmMusic
from echoes.domain.films.specification import music_of
from echoes.domain.identifiers import MusicUploadId, OwnerId
from echoes.domain.music.tracks import track_of
from echoes.domain.uploads import UploadState

FIELD: Final = "music_track_id"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChooseMusic:
    """Find what a project names as its music."""

    music: MusicUploads

    def __call__(self, owner_id: OwnerId, track_id: str) -> FilmMusic:
        """
        Return what a film needs to know about the music: a catalogue track or the owner's upload.

        Raises `InvalidRequest` if the music never existed, was deleted or belongs to another owner.
        """
        try:
            track = track_of(track_id)
        except NotFound:
            return self._own(owner_id, MusicUploadId(track_id))
        return music_of(track)

    def _own(self, owner_id: OwnerId, music_id: MusicUploadId) -> FilmMusic:
        try:
            upload = self.music.get(owner_id, music_id)
        except NotFound as absent:
            raise InvalidRequest(
                "music not found; choose another track, or none", field=FIELD
            ) from absent
        if upload.state is not UploadState.READY or upload.track is None:
            raise InvalidRequest("this music is not ready; see /v1/music-uploads", field=FIELD)
        track = upload.track
        return FilmMusic(key=upload.key_of(track), sha256=track.sha256, profile=track.profile)
