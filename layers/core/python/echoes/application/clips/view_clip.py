"""Use case: show a clip and its progress."""

from dataclasses import dataclass

from echoes.application.links import LINK_LIFETIME
from echoes.application.ports.clips import ClipReader
from echoes.application.ports.media import MediaLinks
from echoes.domain.clips.attempts import ClipMedia
from echoes.domain.clips.clip import Clip
from echoes.domain.identifiers import ClipId, OwnerId


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipView:
    """A clip, and signed links to preview and poster. Both have the watermark."""

    clip: Clip
    media: ClipMedia | None
    """Of the newest completed attempt."""

    preview_url: str | None
    poster_url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewClip:
    """Read a clip and sign links to its preview and poster."""

    clips: ClipReader
    media: MediaLinks
    """The clips bucket."""

    def __call__(self, owner_id: OwnerId, clip_id: ClipId) -> ClipView:
        """Return the clip as it is now. Raises `NotFound`."""
        return self.show(self.clips.get(owner_id, clip_id))

    def show(self, clip: Clip) -> ClipView:
        """Return *clip* with its links. Signing is local and takes microseconds."""
        finished = clip.finished
        media = finished.media if finished else None
        if media is None:
            return ClipView(clip=clip, media=None, preview_url=None, poster_url=None)
        return ClipView(
            clip=clip,
            media=media,
            preview_url=self.media.link(media.preview_key, lifetime=LINK_LIFETIME),
            poster_url=self.media.link(media.poster_key, lifetime=LINK_LIFETIME),
        )
