"""Finishes a clip: clean master, watermarked preview and poster, in one decode."""

import hashlib
import io
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import av
from PIL import Image

from echoes.adapters.video import planes, profile
from echoes.adapters.video.boxes import stream_signature
from echoes.adapters.video.source import SourceUnusable, normalised_frames
from echoes.adapters.video.watermark import Watermark
from echoes.adapters.video.writer import ClipWriter, master_writer

__all__ = ["FinishedClip", "SourceUnusable", "finish_clip"]

PREVIEW_SIDE: Final = 640
MAX_POSTER_BYTES: Final = 60_000  # shown before anything plays
MAX_SECONDS: Final = 60
# How far a source's length may be off, in frames: up to half a second is cut or filled with a
# still.
TOLERANCE: Final = profile.FPS // 2
_PROGRESS_EVERY: Final = 6  # frames
_POSTER_QUALITIES: Final = (82, 74, 64, 52, 40, 25)


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishedClip:
    """
    The three files of a finished clip.

    `width`, `height`, `frames`, `sha256` (hex) and `signature` are the master's. Masters with
    equal signatures are joined by stream copy. All three files are silent or still.
    """

    master: Path
    preview: Path
    poster: Path
    width: int
    height: int
    duration_seconds: float
    frames: int
    sha256: str
    signature: str


def finish_clip(  # the source, the target and its shape
    source: Path,
    *,
    directory: Path,
    width: int,
    height: int,
    duration_seconds: int,
    watermark_seed: str,
    on_progress: Callable[[float], None] | None = None,
) -> FinishedClip:
    """
    Write master.mp4, preview.mp4 and poster.jpg into `directory`, which must exist.

    The master has exactly `duration_seconds` x 24 frames of width x height in the profile all
    masters share; preview (long side at most 640) and poster carry the watermark in their pixels.
    `on_progress` receives shares from 0 to 1, in order. May be repeated: files are overwritten,
    with the same bytes. Raises SourceUnusable, also if the source's length is off by more than half
    a second; then no files are left.
    """
    profile.check_size(width, height)
    if not 1 <= duration_seconds <= MAX_SECONDS:
        raise ValueError(f"a clip must last 1..{MAX_SECONDS} seconds, not {duration_seconds}")
    files = _Files(
        master=directory / "master.mp4",
        preview=directory / "preview.mp4",
        poster=directory / "poster.jpg",
    )
    total = duration_seconds * profile.FPS
    frames = _exactly(total, normalised_frames(source, width=width, height=height))
    try:
        _write(
            frames,
            files,
            size=(width, height),
            total=total,
            seed=watermark_seed,
            report=on_progress or _ignore_progress,
        )
        with files.master.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        return FinishedClip(
            master=files.master,
            preview=files.preview,
            poster=files.poster,
            width=width,
            height=height,
            duration_seconds=total / profile.FPS,
            frames=total,
            sha256=sha256,
            signature=stream_signature(files.master),
        )
    except BaseException:
        for path in (files.master, files.preview, files.poster):
            path.unlink(missing_ok=True)  # leave no partial clip
        raise


@dataclass(frozen=True, slots=True, kw_only=True)
class _Files:
    master: Path
    preview: Path
    poster: Path


def _write(  # what is written, and how it looks
    frames: Iterator[av.VideoFrame],
    files: _Files,
    *,
    size: tuple[int, int],
    total: int,
    seed: str,
    report: Callable[[float], None],
) -> None:
    width, height = preview_size(*size)
    with ExitStack() as stack:
        master = stack.enter_context(
            master_writer(files.master, width=size[0], height=size[1], frames=total)
        )
        preview = stack.enter_context(
            ClipWriter(files.preview, width=width, height=height, options=profile.preview_options())
        )
        marker = _Marker(preview, files.poster, Watermark(width=width, height=height, seed=seed))
        # One core marks and encodes the preview while the other encodes the master.
        beside = stack.enter_context(ThreadPoolExecutor(max_workers=1))
        pending: Future[None] | None = None
        for index, frame in enumerate(frames):
            small = frame.reformat(width=width, height=height, interpolation="AREA")
            if pending is not None:
                pending.result()
            pending = beside.submit(marker.write, small)
            master.write(frame)
            if index % _PROGRESS_EVERY == 0:
                report(index / total)
        if pending is not None:
            pending.result()
    report(1.0)


@dataclass(frozen=True, slots=True)
class _Marker:
    """Marks small frames and appends them to the preview; the first becomes the poster."""

    preview: ClipWriter
    poster: Path
    watermark: Watermark

    def write(self, small: av.VideoFrame) -> None:
        marked = planes.to_frame(self.watermark.burn(planes.from_frame(small)))
        if not self.preview.frames:
            # Never of a clean frame: a poster is public.
            self.poster.write_bytes(_poster(marked))
        self.preview.write(marked)


def preview_size(width: int, height: int) -> tuple[int, int]:
    """Return the preview's size for a master's: even sides, the long one at most 640."""
    scale = min(1.0, PREVIEW_SIDE / max(width, height))
    return 2 * round(width * scale / 2), 2 * round(height * scale / 2)


def _exactly(total: int, frames: Iterator[av.VideoFrame]) -> Iterator[av.VideoFrame]:
    """Cut or fill to `total` frames; raises SourceUnusable beyond the tolerance."""
    count = 0
    last: av.VideoFrame | None = None
    for frame in frames:
        count += 1
        if count <= total:
            last = frame
            yield frame
        elif count > total + TOLERANCE:
            raise SourceUnusable("too_long")
    if last is None or count < total - TOLERANCE:
        raise SourceUnusable("too_short")
    for _ in range(total - count):
        yield last


def _poster(frame: av.VideoFrame) -> bytes:
    picture: Image.Image = frame.to_image()
    for quality in _POSTER_QUALITIES:
        target = io.BytesIO()
        picture.save(target, "JPEG", quality=quality, optimize=True, progressive=True)
        if target.tell() <= MAX_POSTER_BYTES:
            break
    return target.getvalue()


def _ignore_progress(share: float) -> None:
    """Ignore progress reports."""
