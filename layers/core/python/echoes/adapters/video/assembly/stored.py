"""Films, masters, music and segments in a store: read by range, counted while they are written."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Final

from echoes.adapters.video.assembly.signature import film_signature
from echoes.adapters.video.assembly.streams import Sink, Source
from echoes.adapters.video.assembly.tables import FootageUnusable, read_table
from echoes.application.ports.films import RangedMedia
from echoes.application.ports.media import MediaStore
from echoes.domain.errors import FootageRefused, MusicGone, NotFound, Unavailable
from echoes.domain.films.film import Film, segments_prefix

VIDEO: Final = "video/mp4"


class StoredSource:
    """A file in a store; its size is asked for once."""

    def __init__(self, media: RangedMedia, key: str, *, size: int | None = None) -> None:
        self._media = media
        self._key = key
        self._known_size = size

    @cached_property
    def size(self) -> int:
        """The number of bytes."""
        return self._media.size(self._key) if self._known_size is None else self._known_size

    def read(self, offset: int, length: int) -> bytes:
        """Return *length* bytes from *offset* on; fewer only at the end."""
        rest = min(length, self.size - offset)
        return self._media.read(self._key, offset, rest) if rest > 0 else b""


class SegmentSource(StoredSource):
    """A segment: if it was deleted meanwhile, `Unavailable` lets the step be repeated."""

    @cached_property
    def size(self) -> int:
        """The number of bytes."""
        with _segment_deleted():
            return super().size

    def read(self, offset: int, length: int) -> bytes:
        """Return *length* bytes from *offset* on; fewer only at the end."""
        with _segment_deleted():
            return super().read(offset, length)


class MusicSource(StoredSource):
    """The music of a film: its owner may delete it at any moment, which is `MusicGone`."""

    @cached_property
    def size(self) -> int:
        """The number of bytes."""
        with _music_deleted():
            return super().size

    def read(self, offset: int, length: int) -> bytes:
        """Return *length* bytes from *offset* on; fewer only at the end."""
        with _music_deleted():
            return super().read(offset, length)


class KeptSegment:
    """The port `StoredSegment`."""

    def __init__(self, handle: str, source: Source) -> None:
        self.handle = handle
        self._source = source

    @cached_property
    def frames(self) -> int:
        """Its length. Raises `Unavailable` if it was deleted since."""
        with refusing():
            return read_table(self._source).samples


class StoredFolder:
    """The segments of one project and one encoding, each for a week; see `SegmentFolder`."""

    def __init__(self, ranged: RangedMedia, media: MediaStore, prefix: str) -> None:
        self._ranged = ranged
        self._media = media
        self._prefix = prefix

    def address(self, key: str) -> str:
        """Return where the segment *key* is stored."""
        return f"{self._prefix}{key}.mp4"

    def find(self, key: str) -> Source | None:
        """Return what is kept under *key*, if anything is."""
        try:
            size = self._ranged.size(self.address(key))
        except NotFound:
            return None
        return SegmentSource(self._ranged, self.address(key), size=size)

    def keep(self, key: str, path: Path) -> Source:
        """Store the file; a segment is seen whole or not at all."""
        self._media.write(self.address(key), path, content_type=VIDEO, passing=True)
        return SegmentSource(self._ranged, self.address(key), size=path.stat().st_size)


class StoredSegments:
    """The port `Segments`."""

    def __init__(self, ranged: RangedMedia, media: MediaStore) -> None:
        self._ranged = ranged
        self._media = media

    def signature(self, film: Film) -> str:
        """Return the encoding that every master and segment of *film* must have."""
        return film_signature(*film.ratio.size)

    def find(self, film: Film, key: str) -> KeptSegment | None:
        """Return the segment *key* of the film's project, if it is there."""
        folder = self.folder(film)
        source = folder.find(key)
        return None if source is None else KeptSegment(folder.address(key), source)

    def folder(self, film: Film) -> StoredFolder:
        """Return the folder of today's encoding: another version's segments cannot be joined."""
        prefix = segments_prefix(film.owner_id, film.project_id)
        return StoredFolder(self._ranged, self._media, f"{prefix}{self.signature(film)}/")


class CountedSink:
    """Hashes what it passes on."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._digest = hashlib.sha256()

    def write(self, data: bytes) -> None:
        """Pass *data* on."""
        self._digest.update(data)
        self._sink.write(data)

    @property
    def sha256(self) -> str:
        """The hash of all that was written."""
        return self._digest.hexdigest()


@contextmanager
def refusing() -> Iterator[None]:
    """Raise `FootageRefused` where footage is unusable."""
    try:
        yield
    except FootageUnusable as error:
        detail = f"{error.handle or 'a clip'} is {error.reason}"
        raise FootageRefused(detail, reason=error.reason) from error


@contextmanager
def _segment_deleted() -> Iterator[None]:
    try:
        yield
    except NotFound as gone:
        raise Unavailable("a segment was deleted while it was needed") from gone


@contextmanager
def _music_deleted() -> Iterator[None]:
    try:
        yield
    except NotFound as gone:
        raise MusicGone("the music of this film was deleted") from gone
