"""Masters and segments that are files: what they are, where they are kept, how they begin."""

import hashlib
from contextlib import suppress
from pathlib import Path

from echoes.adapters.video.assembly.streams import FileSource, Source
from echoes.adapters.video.assembly.tables import read_table
from echoes.adapters.video.boxes import top_level
from echoes.domain.assembly.render_plan import Master


class DirectorySegments:
    """Keeps segments as files."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def find(self, key: str) -> Source | None:
        """Return what is kept under *key*, if anything is."""
        with suppress(FileNotFoundError):
            return FileSource(self._directory / f"{key}.mp4")
        return None

    def keep(self, key: str, path: Path) -> Source:
        """Move the file; a segment is seen whole or not at all."""
        return FileSource(path.replace(self._directory / f"{key}.mp4"))


def master_of(path: Path, *, handle: str) -> Master:
    """Describe a master in a file. Raises FootageUnusable."""
    table = read_table(FileSource(path))
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    return Master(
        handle=handle,
        sha256=sha256,
        signature=table.signature,
        frames=table.samples,
        width=int.from_bytes(table.entry[32:34], "big"),
        height=int.from_bytes(table.entry[34:36], "big"),
    )


def starts_at_once(path: Path) -> bool:
    """Return whether the index precedes the media, so that playing needs no second request."""
    kinds = [box.kind for box in top_level(path)]
    return b"moov" in kinds and b"mdat" in kinds and kinds.index(b"moov") < kinds.index(b"mdat")
