"""
Make the film of a task from its photo, in the background and a few at a time.

`MOVING` is the real thing: the camera glides over the photo, sub-pixel smooth. `STILL` shows the
photo without motion and encodes it carelessly; it takes a tenth of the time, for tests that do not
look at the picture. Both are H.264 in mp4, at the size, length and 24 frames a second asked for.

The same order gives the same film, so a film that was made lately is not made again.
"""

import io
import logging
import re
import tempfile
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Final

FRAMES_PER_SECOND: Final = 24
WORKERS: Final = 2
"""Films made at once: the machine has other things to do."""
VARIANTS: Final = 2
"""Films that the seeds choose from: an even and an odd one reach every move of the camera."""
FILMS_KEPT: Final = 32
"""A few megabytes each."""

_LOG = logging.getLogger(__name__)
_CARELESS: Final = {"preset": "ultrafast", "tune": "zerolatency", "crf": "26", "bf": "0"}
_WORDS: Final = (
    (
        "zoom_out",
        r"zoom(s|ing)?[ -]out|pull(s|ing)?[ -](back|out)|dolly[ -]out|reveal|moves?( \w+)? away",
    ),
    ("zoom_in", r"zoom|push(es|ing)?[ -]in|dolly[ -]in|closer|move in|towards"),
    ("pan_left", r"pan(s|ning)?\b.{0,12}\bleft|to the left|truck left"),
    ("pan_right", r"pan(s|ning)?\b|to the right|truck right"),
    ("tilt_down", r"(tilt(s|ing)?|crane|pedestal)\b.{0,12}\bdown|downwards?"),
    ("tilt_up", r"tilt|crane|upwards?"),
)


class RenderMode(StrEnum):
    """How carefully a film is made."""

    MOVING = "moving"
    STILL = "still"


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A film to make: the photo's file, and the file to write."""

    photo: Path
    film: Path
    width: int
    height: int
    duration_seconds: int
    motion: str
    seed: int


def motion_for(prompt: str) -> str:
    """Return the camera move a prompt asks for, `auto` (the seed decides) if it names none."""
    text = prompt.lower()
    return next((move for move, words in _WORDS if re.search(rf"\b({words})", text)), "auto")


class RenderPool:
    """A bounded pool of renderers; its user serialises the calls."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(max_workers=WORKERS, thread_name_prefix="render")
        self._waiting: dict[Path, Future[None]] = {}
        self._closed = False

    def order(
        self, job: Job, mode: RenderMode, on_done: Callable[[BaseException | None], None]
    ) -> None:
        """Make the film later; then call `on_done`, from another thread, with what went wrong."""

        def work() -> None:
            try:
                _write(job, mode)
            except Exception as error:  # noqa: BLE001  # the task fails, the simulator goes on
                if not self._closed:
                    _LOG.warning("rendering failed: %r", error)
                    on_done(error)
            else:
                on_done(None)
            finally:
                job.photo.unlink(missing_ok=True)

        self._waiting = {path: film for path, film in self._waiting.items() if not film.done()}
        self._waiting[job.photo] = self._pool.submit(work)

    def drop(self, photo: Path) -> None:
        """Do not make the film of this photo, if it has not been begun."""
        film = self._waiting.pop(photo, None)
        if film is not None and film.cancel():
            photo.unlink(missing_ok=True)

    def drop_all(self) -> None:
        """Make no film that has not been begun."""
        for photo in list(self._waiting):
            self.drop(photo)

    def close(self) -> None:
        """Take no more work and drop what waits; films that are being made are abandoned."""
        self._closed = True
        self._pool.shutdown(wait=False, cancel_futures=True)


def _write(job: Job, mode: RenderMode) -> None:
    film = _film(
        job.photo.read_bytes(),
        mode,
        width=job.width,
        height=job.height,
        duration_seconds=job.duration_seconds,
        motion=job.motion,
        seed=job.seed % VARIANTS,
    )
    unfinished = job.film.with_suffix(".part")
    unfinished.write_bytes(film)
    unfinished.replace(job.film)


@lru_cache(maxsize=FILMS_KEPT)
def _film(  # all that a film depends on
    photo: bytes,
    mode: RenderMode,
    *,
    width: int,
    height: int,
    duration_seconds: int,
    motion: str,
    seed: int,
) -> bytes:
    if mode is RenderMode.STILL:
        return _still(photo, width=width, height=height, duration_seconds=duration_seconds)
    # Imported late: the server answers before the media libraries are loaded.
    from echoes.adapters.video.still_motion import render_still_motion  # noqa: PLC0415  # see above

    try:
        return render_still_motion(
            photo,
            width=width,
            height=height,
            duration_seconds=duration_seconds,
            motion=motion,
            seed=seed,
            fps=FRAMES_PER_SECOND,
        )
    except ValueError:  # a size beyond what the camera can do, such as 4K
        return _still(photo, width=width, height=height, duration_seconds=duration_seconds)


def _still(photo: bytes, *, width: int, height: int, duration_seconds: int) -> bytes:
    # Imported late for the same reason as above.
    import av  # noqa: PLC0415  # see above
    from PIL import Image, ImageOps  # noqa: PLC0415  # see above

    from echoes.adapters.video.writer import ClipWriter  # noqa: PLC0415  # see above

    with Image.open(io.BytesIO(photo)) as image:
        picture = ImageOps.fit(image.convert("RGB"), (width, height))
    source = av.VideoFrame.from_image(picture).reformat(format="yuv420p")
    with tempfile.TemporaryDirectory(prefix="runway-") as directory:
        path = Path(directory) / "film.mp4"
        with ClipWriter(
            path, width=width, height=height, options=_CARELESS, fps=FRAMES_PER_SECOND
        ) as writer:
            for _ in range(duration_seconds * FRAMES_PER_SECOND):
                writer.write(source)
        return path.read_bytes()
