"""Use case: fetch a provider's finished video and make the clip's files from it."""

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from echoes.application.ports.clips import ClipChange, ClipFinisher, Clips, FinishedFiles
from echoes.application.ports.clock import Clock
from echoes.application.ports.media import MediaStore
from echoes.application.ports.providers import VideoProvider
from echoes.application.retries import retry_on_conflict
from echoes.domain.clips.attempts import AttemptRef, ClipMedia, Stage
from echoes.domain.clips.clip import Clip, entered, media_stored, require_current
from echoes.domain.errors import AttemptEnded

FINISHING_PROGRESS: Final = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishClip:
    """
    Fetch the result, make master, preview and poster of it, and keep them in our bucket (AJ8).

    The stored files are recorded with the attempt, so settling it knows that nothing is missing.
    """

    clips: Clips
    providers: Mapping[str, VideoProvider]
    finisher: ClipFinisher
    media: MediaStore
    """The clips bucket."""

    clock: Clock

    def __call__(self, attempt: AttemptRef) -> ClipMedia:
        """
        Return what is stored in the bucket. Repeating it makes the same files again.

        Raises:
            ResultGone, Unavailable, Conflict: Repeat.
            ResultUnusable: The provider delivered something else.
            AttemptEnded: There is nothing left to do.
        """
        clip = self.clips.get(attempt.owner_id, attempt.clip_id)
        current = require_current(clip, attempt.attempt_id)
        if current.media is not None:
            return current.media
        if current.provider_task_id is None:
            raise AttemptEnded("the attempt was never submitted")
        with tempfile.TemporaryDirectory(prefix="clip-") as name:
            directory = Path(name)
            source = directory / "source"
            self.providers[current.provider].fetch_result(current.provider_task_id, source)
            clip = self._change(
                clip,
                lambda found: entered(
                    found, Stage.FINISHING, progress=FINISHING_PROGRESS, at=self.clock.now()
                ),
            )
            files = self.finisher.finish(source, directory=directory, clip=clip)
            media = self._keep(clip, files)
        self._change(clip, lambda found: media_stored(found, media, at=self.clock.now()))
        return media

    def _keep(self, clip: Clip, files: FinishedFiles) -> ClipMedia:
        prefix = clip.media_prefix
        media = ClipMedia(
            master_key=f"{prefix}master.mp4",
            preview_key=f"{prefix}preview.mp4",
            poster_key=f"{prefix}poster.jpg",
            width=files.width,
            height=files.height,
            duration_seconds=files.duration_seconds,
            frames=files.frames,
            bytes=files.master.stat().st_size,
            sha256=files.sha256,
            signature=files.signature,
        )
        self.media.write(media.master_key, files.master, content_type="video/mp4")
        self.media.write(media.preview_key, files.preview, content_type="video/mp4")
        self.media.write(media.poster_key, files.poster, content_type="image/jpeg")
        return media

    def _change(self, clip: Clip, change: Callable[[Clip], Clip]) -> Clip:
        def rewrite() -> Clip:
            found = self.clips.get(clip.owner_id, clip.clip_id)
            require_current(found, clip.attempt.attempt_id)
            changed = change(found)
            if changed is not found:
                self.clips.save(ClipChange(clip=changed))
            return changed

        return retry_on_conflict(rewrite, clock=self.clock)
