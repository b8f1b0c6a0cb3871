"""Photos and clips without pictures: for tests of everything around them."""

from hashlib import sha256
from pathlib import Path

from echoes.application.ports.clips import FinishedFiles
from echoes.application.ports.uploads import OpenedPhoto
from echoes.domain.clips.clip import Clip, Ratio
from echoes.domain.errors import PhotoUnusable, ResultUnusable
from echoes.domain.uploads import PhotoFacts

PHOTO_MARK = b"photo"
VIDEO_MARK = b"video"


class PlainPhotoProcessor:
    """The port `PhotoProcessor`: a photo is what begins with ``photo``."""

    def open(self, content: bytes) -> OpenedPhoto:
        """Return made-up facts. Raises `PhotoUnusable`."""
        if not content.startswith(PHOTO_MARK):
            raise PhotoUnusable("unsupported_format")
        facts = PhotoFacts(
            content_type="image/jpeg",
            width=1600,
            height=1200,
            bytes=len(content),
            sha256=sha256(content).hexdigest(),
            placeholder="data:image/jpeg;base64,",
        )
        return OpenedPhoto(facts=facts, preview=b"preview")

    def fit(self, content: bytes, *, ratio: Ratio) -> bytes:
        """Return the photo marked with its shape."""
        if not content.startswith(PHOTO_MARK):
            raise PhotoUnusable("unsupported_format")
        return content + b" fitted to " + ratio.encode()


class PlainClipFinisher:
    """The port `ClipFinisher`: a video is what begins with ``video``."""

    def finish(self, source: Path, *, directory: Path, clip: Clip) -> FinishedFiles:
        """Write three small files. Raises `ResultUnusable`."""
        content = source.read_bytes()
        if not content.startswith(VIDEO_MARK):
            raise ResultUnusable("this is no video")
        names = ("master.mp4", "preview.mp4", "poster.jpg")
        master, preview, poster = (directory / name for name in names)
        for path in (master, preview, poster):
            path.write_bytes(path.name.encode() + b" of " + content)
        width, height = clip.ratio.size
        return FinishedFiles(
            master=master,
            preview=preview,
            poster=poster,
            width=width,
            height=height,
            duration_seconds=float(clip.duration_seconds),
            frames=clip.duration_seconds * 24,
            sha256=sha256(master.read_bytes()).hexdigest(),
            signature="plain",
        )
