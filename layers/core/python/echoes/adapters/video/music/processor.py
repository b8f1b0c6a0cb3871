"""The port `MusicProcessor`: prepares uploaded music for films."""

from hashlib import sha256
from pathlib import Path
from typing import Final

from echoes.adapters.video.assembly.tables import FootageUnusable
from echoes.adapters.video.music.preparation import prepare_music
from echoes.application.ports.music import PreparedPiece
from echoes.domain.errors import MusicUnusable
from echoes.domain.music.uploads import OwnTrack

PATIENCE_SECONDS: Final = 100.0
"""Fifteen minutes of music take less than half of it; the function has two minutes."""


class PyAvMusicProcessor:
    """Only the sound is decoded and encoded again, so nothing else of the file is kept."""

    def __init__(self, *, patience_seconds: float = PATIENCE_SECONDS) -> None:
        self._patience_seconds = patience_seconds

    def prepare(self, source: Path, *, directory: Path) -> PreparedPiece:
        """Write the prepared track into *directory*. Raises `MusicUnusable`."""
        target = directory / "track.m4a"
        try:
            made = prepare_music(
                source, target, loop=False, patience_seconds=self._patience_seconds
            )
        except FootageUnusable as error:
            raise MusicUnusable(error.reason) from error
        content = made.path.read_bytes()
        return PreparedPiece(
            path=made.path,
            track=OwnTrack(
                sha256=sha256(content).hexdigest(),
                bytes=len(content),
                duration_seconds=made.duration_seconds,
                profile=made.profile,
            ),
        )
