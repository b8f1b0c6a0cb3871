"""A moving clip from a still photo, with no provider: the camera glides over the picture."""

import tempfile
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from PIL import Image

from echoes.adapters.video import camera, profile
from echoes.adapters.video.camera import Scene, Window
from echoes.adapters.video.focus import find_focus
from echoes.adapters.video.pictures import open_picture
from echoes.adapters.video.planes import Planes, from_rgb, to_frame
from echoes.adapters.video.writer import master_writer
from echoes.domain.clips.clip import Motion

MAX_SECONDS: Final = 60
_OVERSAMPLE: Final = 1.15  # of the closest view's pixels: bicubic needs no more to be sharp
_WORKERS: Final = 2
_AHEAD: Final = 6  # frames being resampled or waiting; 1.4 MB each at 720p
_RIM: Final = 2.0  # pixels kept free on the left for the chroma's half-pixel shift
_PROBE: Final = 384  # pixels: the focus is found on a small decode


def render_still_motion(  # the shape, the length and the move of a clip
    photo: bytes,
    *,
    width: int,
    height: int,
    duration_seconds: int,
    motion: str,
    seed: int,
    fps: int = profile.FPS,
) -> bytes:
    """
    Return an mp4 (H.264, silent, index first) of `duration_seconds * fps` frames.

    It has the profile of our masters, so with `fps` 24 it joins them without encoding again.
    `motion` is auto, zoom_in, zoom_out, pan_left, pan_right, tilt_up or tilt_down. The same
    arguments give the same frames. Raises PhotoUnreadable for the photo and ValueError for the
    other arguments. Keeps nothing.
    """
    profile.check_size(width, height)
    if not 1 <= duration_seconds <= MAX_SECONDS:
        raise ValueError(f"a clip must last 1..{MAX_SECONDS} seconds, not {duration_seconds}")
    if profile.TIMESCALE % fps:
        raise ValueError(f"{fps} frames a second do not fit the time scale {profile.TIMESCALE}")
    shot = compose(
        photo,
        width=width,
        height=height,
        motion=Motion(motion),
        seed=seed,
        seconds=duration_seconds,
    )
    total = duration_seconds * fps
    with tempfile.TemporaryDirectory(prefix="still-motion-") as directory:
        path = Path(directory) / "clip.mp4"
        with master_writer(path, width=width, height=height, frames=total, fps=fps) as writer:
            for planes in shoot(shot, total):
                writer.write(to_frame(planes))
        return path.read_bytes()


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraMove:
    """A picture ready for the camera and the way it takes."""

    planes: Planes
    scene: Scene
    start: Window
    end: Window
    width: int
    height: int

    def frame(self, time: float) -> Planes:
        """Resample what the camera sees at `time` (0..1); sub-pixel exact, safe in threads."""
        window = camera.between(self.start, self.end, time)
        across, down = self.scene.side(window.zoom)
        left, top = _RIM + window.x - across / 2, window.y - down / 2
        box = (left, top, left + across, top + down)
        # H.264 places chroma on the left luma column: half an output pixel to the left.
        shift = across / self.width / 2
        half = ((left - shift) / 2, top / 2, (left + across - shift) / 2, (top + down) / 2)
        small = (self.width // 2, self.height // 2)
        return Planes(
            y=_resampled(self.planes.y, (self.width, self.height), box),
            u=_resampled(self.planes.u, small, half),
            v=_resampled(self.planes.v, small, half),
        )


def _resampled(
    plane: Image.Image, size: tuple[int, int], box: tuple[float, float, float, float]
) -> Image.Image:
    left, top, right, bottom = box  # rounding may leave the picture by a billionth
    inside = (max(left, 0.0), max(top, 0.0), min(right, plane.width), min(bottom, plane.height))
    return plane.resize(size, Image.Resampling.BICUBIC, box=inside)


def compose(
    photo: bytes, *, width: int, height: int, motion: Motion, seed: int, seconds: int
) -> CameraMove:
    """Decode the photo as large as the move needs, find its subject and plan the camera's path."""
    source = open_picture(photo)
    probe = source.load(scale=min(1.0, _PROBE / max(source.width, source.height)))
    focus = find_focus(probe)
    full = Scene(width=source.width, height=source.height, ratio=width / height)
    move = camera.choose(motion, scene=full, focus=focus, seed=seed)
    closest = camera.max_zoom(*camera.plan(move, scene=full, focus=focus, seconds=seconds))
    scale = min(1.0, width * closest * _OVERSAMPLE / full.side(1.0)[0])
    picture = source.load(scale=scale)
    planes = from_rgb(picture.crop((0, 0, picture.width & ~1, picture.height & ~1)))
    scene = Scene(width=planes.y.width - _RIM, height=float(planes.y.height), ratio=width / height)
    start, end = camera.plan(move, scene=scene, focus=focus, seconds=seconds)
    return CameraMove(planes=planes, scene=scene, start=start, end=end, width=width, height=height)


def shoot(shot: CameraMove, total: int) -> Iterator[Planes]:
    """Yield the frames in order while a few threads work ahead (Pillow frees the lock)."""
    with ThreadPoolExecutor(max_workers=_WORKERS) as pool:
        pending: deque[Future[Planes]] = deque()
        for index in range(total):
            pending.append(pool.submit(shot.frame, index / (total - 1)))
            if len(pending) >= _AHEAD:
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()
