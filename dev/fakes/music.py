"""Uploaded music in memory, and a music processor that decodes nothing."""

from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from threading import RLock

from echoes.application.ports.music import PreparedPiece
from echoes.domain.errors import Conflict, MusicUnusable, NotFound
from echoes.domain.identifiers import MusicUploadId, OwnerId
from echoes.domain.music.uploads import Library, MusicFault, MusicUpload, OwnTrack

MUSIC_MARK = b"music"


class InMemoryMusicUploads:
    """The port `MusicUploads`."""

    def __init__(self) -> None:
        self._lock = RLock()
        self._pieces: dict[tuple[OwnerId, MusicUploadId], MusicUpload] = {}
        self._added: dict[OwnerId, int] = {}

    def get(self, owner_id: OwnerId, music_id: MusicUploadId) -> MusicUpload:
        """Return the piece. Raises `NotFound`."""
        with self._lock:
            upload = self._pieces.get((owner_id, music_id))
        if upload is None:
            raise NotFound("music not found")
        return upload

    def library(self, owner_id: OwnerId) -> Library:
        """Return all pieces of an owner, newest first."""
        with self._lock:
            pieces = [each for each in self._pieces.values() if each.owner_id == owner_id]
            version = self._added.get(owner_id, 0)
        pieces.sort(key=lambda each: (each.created_at, each.music_id), reverse=True)
        return Library(pieces=tuple(pieces), version=version)

    def add(
        self, upload: MusicUpload, *, library: Library, leaving: Sequence[MusicUpload] = ()
    ) -> None:
        """Store a new piece and remove others. Raises `Conflict`."""
        with self._lock:
            if self._added.get(upload.owner_id, 0) != library.version:
                raise Conflict("something else was added first")
            if (upload.owner_id, upload.music_id) in self._pieces:
                raise Conflict("it is there already")
            for each in leaving:
                self._require(each, each.version)
            for each in leaving:
                del self._pieces[each.owner_id, each.music_id]
            self._pieces[upload.owner_id, upload.music_id] = upload
            self._added[upload.owner_id] = library.version + 1

    def save(self, upload: MusicUpload) -> None:
        """Store *upload*. Raises `Conflict` if it was written or removed since it was read."""
        with self._lock:
            self._require(upload, upload.version - 1)
            self._pieces[upload.owner_id, upload.music_id] = upload

    def remove(self, upload: MusicUpload) -> None:
        """Remove *upload*. Raises `Conflict` if it was written or removed since it was read."""
        with self._lock:
            self._require(upload, upload.version)
            del self._pieces[upload.owner_id, upload.music_id]

    def owner_of(self, music_id: str) -> OwnerId | None:
        """Return whose music it is, if there is any."""
        with self._lock:
            return next((owner for owner, found in self._pieces if found == music_id), None)

    def _require(self, upload: MusicUpload, version: int) -> None:
        stored = self._pieces.get((upload.owner_id, upload.music_id))
        if stored is None or stored.version != version:
            raise Conflict("another request changed this first")


class PlainMusicProcessor:
    """The port `MusicProcessor`: music is what begins with ``music``; ``prepared`` counts."""

    def __init__(self) -> None:
        self.prepared = 0

    def prepare(self, source: Path, *, directory: Path) -> PreparedPiece:
        """Return the file with another name. Raises `MusicUnusable`."""
        content = source.read_bytes()
        if not content.startswith(MUSIC_MARK):
            raise MusicUnusable(MusicFault.UNSUPPORTED_FORMAT)
        self.prepared += 1
        target = directory / "track.m4a"
        target.write_bytes(b"prepared " + content)
        return PreparedPiece(
            path=target,
            track=OwnTrack(
                sha256=sha256(target.read_bytes()).hexdigest(),
                bytes=target.stat().st_size,
                duration_seconds=60.0,
            ),
        )
