"""The ports of the application that this package fulfils."""

from pathlib import Path

from echoes.adapters.video import photos
from echoes.adapters.video.finish import finish_clip
from echoes.adapters.video.source import SourceUnusable
from echoes.application.ports.clips import FinishedFiles
from echoes.application.ports.uploads import OpenedPhoto
from echoes.domain.clips.clip import Clip
from echoes.domain.clips.ratios import Ratio
from echoes.domain.errors import PhotoUnusable, ResultUnusable
from echoes.domain.uploads import PhotoFacts


class PillowPhotoProcessor:
    """The port `PhotoProcessor`."""

    def open(self, content: bytes) -> OpenedPhoto:
        """Return what *content* shows. Raises `PhotoUnusable` with the reason."""
        try:
            opened = photos.open_photo(content)
        except photos.PhotoUnreadable as error:
            raise PhotoUnusable(error.reason) from error
        return OpenedPhoto(
            facts=PhotoFacts(
                content_type=opened.content_type,
                width=opened.width,
                height=opened.height,
                bytes=len(content),
                sha256=opened.sha256,
                placeholder=opened.placeholder,
                taken_at=opened.taken_at,
                taken_offset_minutes=opened.taken_offset_minutes,
                perceptual_hash=opened.perceptual_hash,
                sharpness=opened.sharpness,
            ),
            preview=opened.preview_jpeg,
        )

    def fit(self, content: bytes, *, ratio: Ratio) -> bytes:
        """Return a JPEG in exactly *ratio*. Raises `PhotoUnusable`."""
        width, height = ratio.size
        try:
            return photos.fit_photo(content, width=width, height=height)
        except photos.PhotoUnreadable as error:
            raise PhotoUnusable(error.reason) from error


class PyAvClipFinisher:
    """The port `ClipFinisher`."""

    def finish(self, source: Path, *, directory: Path, clip: Clip) -> FinishedFiles:
        """Write master, preview and poster into *directory*. Raises `ResultUnusable`."""
        width, height = clip.ratio.size
        try:
            made = finish_clip(
                source,
                directory=directory,
                width=width,
                height=height,
                duration_seconds=clip.duration_seconds,
                watermark_seed=clip.attempt.attempt_id,
            )
        except SourceUnusable as error:
            raise ResultUnusable(f"the provider's video cannot be used: {error}") from error
        return FinishedFiles(
            master=made.master,
            preview=made.preview,
            poster=made.poster,
            width=made.width,
            height=made.height,
            duration_seconds=made.duration_seconds,
            frames=made.frames,
            sha256=made.sha256,
            signature=made.signature,
        )
