"""Files of a store in memory, read by range and stored in parts."""

from dev.fakes.media import InMemoryMediaStore
from echoes.domain.errors import NotFound


class InMemoryRangedMedia:
    """The port `RangedMedia` over the files of *media*; ``largest`` is the most it read at once."""

    def __init__(self, media: InMemoryMediaStore) -> None:
        self._media = media
        self.largest = 0
        self.aborted: list[str] = []

    def size(self, key: str) -> int:
        """Return the file's bytes. Raises `NotFound`."""
        return len(self._content(key))

    def read(self, key: str, offset: int, length: int) -> bytes:
        """Return up to *length* bytes from *offset* on."""
        self.largest = max(self.largest, length)
        return self._content(key)[offset : offset + length]

    def begin(self, key: str, *, content_type: str) -> "InMemoryUpload":
        """Begin to store a file at *key*."""
        return InMemoryUpload(self, self._media, key, content_type)

    def _content(self, key: str) -> bytes:
        if key not in self._media.files:
            raise NotFound("file not found")
        return self._media.files[key].content


class InMemoryUpload:
    """The port `Upload`."""

    def __init__(
        self, ranged: InMemoryRangedMedia, media: InMemoryMediaStore, key: str, content_type: str
    ) -> None:
        self._ranged = ranged
        self._media = media
        self._key = key
        self._content_type = content_type
        self._parts: dict[int, bytes] = {}

    def send(self, number: int, content: bytes) -> None:
        """Store part *number*."""
        self._parts[number] = content

    def finish(self) -> None:
        """Make the file of its parts."""
        content = b"".join(part for _, part in sorted(self._parts.items()))
        self._media.write(self._key, content, content_type=self._content_type)

    def abort(self) -> None:
        """Forget the parts."""
        self._parts.clear()
        self._ranged.aborted.append(self._key)
