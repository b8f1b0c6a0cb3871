"""Use case: list the music for films, with previews."""

from collections.abc import Sequence
from dataclasses import dataclass

from echoes.application.links import LINK_LIFETIME
from echoes.application.ports.media import MediaLinks
from echoes.domain.music.tracks import TRACKS, MusicTrack


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferedTrack:
    """A track, and a signed link to the very file that films use."""

    track: MusicTrack
    preview_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ListMusic:
    """Return all music for films, with links to listen to it."""

    media: MediaLinks
    """The clips bucket."""

    def __call__(self) -> Sequence[OfferedTrack]:
        """Return the tracks in the order people see them. Needs no other service."""
        return [
            OfferedTrack(
                track=track, preview_url=self.media.link(track.key, lifetime=LINK_LIFETIME)
            )
            for track in TRACKS
        ]
