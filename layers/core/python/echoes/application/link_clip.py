"""Use case: the owner wants the file."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from echoes.application.ports import Clips, Clock, MediaStore
from echoes.domain.errors import ClipBusy, NotFound
from echoes.domain.identifiers import ClipId, OwnerId

LINK_LIFETIME: Final = timedelta(seconds=3600)
"""The product's own number for signed links (SE4)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipLink:
    """Where the file can be fetched until ``expires_at``."""

    url: str
    expires_at: datetime
    watermarked: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkClip:
    """Sign a link to the best file the owner may have."""

    clips: Clips
    media: MediaStore
    """The clips bucket."""

    clock: Clock

    def __call__(self, owner_id: OwnerId, clip_id: ClipId) -> ClipLink:
        """
        Return a link to the clean master when it is paid for, else to the watermarked preview.

        Of several attempts the newest completed one counts: a failed regeneration takes nothing
        away. Raises `NotFound`, or `ClipBusy` when nothing has been completed yet.
        """
        clip = self.clips.get(owner_id, clip_id)
        finished = clip.finished
        if finished is None or finished.media is None:
            if clip.attempt.ended:
                raise NotFound("this clip could not be made: there is no file")
            raise ClipBusy("this clip is still being made")
        key = finished.media.preview_key if clip.free else finished.media.master_key
        at = self.clock.now()
        return ClipLink(
            url=self.media.link(key, lifetime=LINK_LIFETIME, filename=f"echoes-{clip_id}.mp4"),
            expires_at=at + LINK_LIFETIME,
            watermarked=clip.free,
        )
