"""Use case: the owner downloads a clip."""

from dataclasses import dataclass

from echoes.application.links import LINK_LIFETIME, ClipLink
from echoes.application.ports.clips import Clips
from echoes.application.ports.clock import Clock
from echoes.application.ports.media import MediaLinks
from echoes.domain.errors import ClipBusy, NotFound
from echoes.domain.identifiers import ClipId, OwnerId


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateClipDownloadLink:
    """Sign a link to the best file the owner may have."""

    clips: Clips
    media: MediaLinks
    """The clips bucket."""

    clock: Clock

    def __call__(self, owner_id: OwnerId, clip_id: ClipId) -> ClipLink:
        """
        Return a link to the clean master when it is paid for, else to the watermarked preview.

        The newest completed attempt counts, so a failed regeneration takes nothing away. Raises
        `NotFound`, or `ClipBusy` if no attempt has been completed yet.
        """
        clip = self.clips.get(owner_id, clip_id)
        finished = clip.finished
        if finished is None or finished.media is None:
            if clip.attempt.ended:
                raise NotFound("this clip could not be made, so there is no file")
            raise ClipBusy("this clip is still being made")
        key = finished.media.preview_key if clip.free else finished.media.master_key
        at = self.clock.now()
        return ClipLink(
            url=self.media.link(key, lifetime=LINK_LIFETIME, filename=f"echoes-{clip_id}.mp4"),
            expires_at=at + LINK_LIFETIME,
            watermarked=clip.free,
        )
