"""Use case: a music file has arrived in the bucket."""

import tempfile
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final

from echoes.application.ports.clock import Clock
from echoes.application.ports.films import RangedMedia
from echoes.application.ports.media import MediaStore
from echoes.application.ports.music import MusicProcessor, MusicUploads
from echoes.application.retries import retry_on_conflict
from echoes.domain.errors import MusicUnusable, NotFound
from echoes.domain.music.tracks import CONTENT_TYPE
from echoes.domain.music.uploads import (
    MAX_MUSIC_BYTES,
    MusicFault,
    MusicUpload,
    OwnTrack,
    accept,
    locate,
    music_folder,
    reject,
)
from echoes.domain.uploads import UploadState

PART_BYTES: Final = 8 * 1024 * 1024
"""How much of the file is in memory at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenMusic:
    """Check that films can use it, prepare it, and delete the original file."""

    music: MusicUploads
    files: RangedMedia
    """The photos bucket, where files arrive, to read them …"""

    arrivals: MediaStore
    """… and to delete them."""

    media: MediaStore
    """The clips bucket, where films find their music."""

    processor: MusicProcessor
    clock: Clock

    def __call__(self, original_key: str) -> MusicUpload | None:
        """
        Decide about the file at *original_key*; return its upload, ``None`` if it has none.

        An upload is decided once: a repeated or late event changes nothing. A bad file is rejected,
        not raised. The original is deleted once the upload is decided, and so are files that were
        prepared for music deleted in the meantime. Raises `Unavailable` only; then nothing was
        decided, and repeating it finishes the work.
        """
        location = locate(original_key)
        if location is None:
            return None
        owner_id, music_id = location

        def decide() -> MusicUpload | None:
            try:
                upload = self.music.get(owner_id, music_id)
            except NotFound:
                self.media.delete(music_folder(owner_id, music_id))
                return None
            return self._decide(upload)

        decided = retry_on_conflict(decide, clock=self.clock)
        self.arrivals.delete(original_key.removesuffix("source"))
        return decided

    def _decide(self, upload: MusicUpload) -> MusicUpload:
        if upload.state is not UploadState.WAITING:
            return upload
        try:
            decided = accept(upload, self._prepare(upload))
        except NotFound:
            return upload
        except MusicUnusable as error:
            decided = reject(upload, MusicFault(error.reason))
        self.music.save(decided)
        return decided

    def _prepare(self, upload: MusicUpload) -> OwnTrack:
        """Return the track that was prepared and stored. Raises `MusicUnusable`."""
        with tempfile.TemporaryDirectory(prefix="music-") as name:
            source = Path(name) / "source"
            self._fetch(upload, source)
            made = self.processor.prepare(source, directory=Path(name))
            self.media.write(upload.key_of(made.track), made.path, content_type=CONTENT_TYPE)
            return made.track

    def _fetch(self, upload: MusicUpload, target: Path) -> None:
        """Write the file to *target*, a part at a time, and check it against its declaration."""
        size, digest = self.files.size(upload.original_key), sha256()
        if size > MAX_MUSIC_BYTES:
            raise MusicUnusable(MusicFault.TOO_LONG)
        if size < upload.declared_bytes:
            raise MusicUnusable(MusicFault.TRUNCATED)
        with target.open("wb") as file:
            for offset in range(0, size, PART_BYTES):
                part = self.files.read(upload.original_key, offset, min(PART_BYTES, size - offset))
                digest.update(part)
                file.write(part)
        declared = upload.declared_sha256
        if declared is not None and declared.lower() != digest.hexdigest():
            raise MusicUnusable(MusicFault.CHECKSUM_MISMATCH)
