"""The ports of uploaded music."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from echoes.domain.identifiers import MusicUploadId, OwnerId
    from echoes.domain.music.uploads import Library, MusicUpload, OwnTrack


class MusicUploads(Protocol):
    """Stores uploaded music. Reads are strongly consistent."""

    def get(self, owner_id: OwnerId, music_id: MusicUploadId) -> MusicUpload:
        """Return the piece. Raises `NotFound`."""
        ...

    def library(self, owner_id: OwnerId) -> Library:
        """Return all pieces of an owner, newest first."""
        ...

    def add(
        self, upload: MusicUpload, *, library: Library, leaving: Sequence[MusicUpload] = ()
    ) -> None:
        """
        Store a new piece and remove those *leaving* the library, in one step.

        Raises `Conflict` if anything was added since the library was read, or if one of those
        leaving was written since. Then nothing has changed.
        """
        ...

    def save(self, upload: MusicUpload) -> None:
        """Store *upload* if the stored version is ``version - 1``. Raises `Conflict`."""
        ...

    def remove(self, upload: MusicUpload) -> None:
        """Remove *upload* if it is stored in that version. Raises `Conflict`."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedPiece:
    """A prepared track as a local file, and its facts."""

    path: Path
    track: OwnTrack


class MusicProcessor(Protocol):
    """Prepares music for films."""

    def prepare(self, source: Path, *, directory: Path) -> PreparedPiece:
        """
        Write the sound of *source* into *directory*, in the form that films use.

        Names, pictures and texts in the file are left out. Repeatable, with the same bytes. Time
        and memory are bounded for any *source*. Raises `MusicUnusable` with a `MusicFault` as its
        reason.
        """
        ...
