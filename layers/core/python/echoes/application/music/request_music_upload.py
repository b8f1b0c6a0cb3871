"""Use case: request an upload slot for music."""

from dataclasses import dataclass

from echoes.application.ports.clock import Clock
from echoes.application.ports.media import MediaStore, PostForm
from echoes.application.ports.music import MusicUploads
from echoes.application.retries import retry_on_conflict
from echoes.domain.errors import NotFound
from echoes.domain.identifiers import MusicUploadId, OwnerId, derive_id
from echoes.domain.music.uploads import (
    MUSIC_UPLOAD_LIFETIME,
    MusicRequest,
    MusicUpload,
    make_room,
    promise_music,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PromisedMusic:
    """A slot for one track, and the form to upload it with."""

    upload: MusicUpload
    form: PostForm


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestMusicUpload:
    """Create a slot. The file goes straight to the bucket, not through the API."""

    music: MusicUploads
    arrivals: MediaStore
    """The photos bucket, where files arrive."""

    clock: Clock

    def __call__(
        self, owner_id: OwnerId, wanted: MusicRequest, *, key: str | None = None
    ) -> PromisedMusic:
        """
        Return the slot; the same *key* (the client's idempotency key) gets the same one.

        Raises:
            InvalidRequest: Names the field, for example unconfirmed rights.
            TooMuchMusic: The library is full. No slot was created.
        """
        music_id = MusicUploadId(derive_id(owner_id, "music", key))

        def promise() -> MusicUpload:
            at = self.clock.now()
            upload = promise_music(wanted, owner_id=owner_id, music_id=music_id, at=at)
            try:
                return self.music.get(owner_id, music_id)
            except NotFound:
                library = self.music.library(owner_id)
                leaving = make_room(library, at=at)
            self.music.add(upload, library=library, leaving=leaving)
            return upload

        upload = retry_on_conflict(promise, clock=self.clock)
        return PromisedMusic(upload=upload, form=self._form(upload))

    def _form(self, upload: MusicUpload) -> PostForm:
        return self.arrivals.form(
            upload.original_key,
            content_type=upload.content_type,
            max_bytes=upload.declared_bytes,
            lifetime=MUSIC_UPLOAD_LIFETIME,
        )
