"""What a camera sees while it moves over a still picture. Pure geometry, no pixels."""

import math
from dataclasses import dataclass
from typing import Final

from echoes.adapters.video.focus import Focus
from echoes.domain.clips.clip import Motion

_ZOOM: Final = 1.18  # of five seconds: felt rather than noticed
_ZOOM_PER_SECOND: Final = 0.036
_TRAVEL_ZOOM: Final = 1.14  # room to pan in a picture that already has the frame's ratio
_TRAVEL_PER_SECOND: Final = 0.06  # of the window's side; faster pans judder at 24 fps
_MAX_TRAVEL: Final = 0.5
_EASE: Final = 0.25  # of the time, at either end
_SLACK: Final = 0.4  # of the window: from here a picture is tall or wide (4:3 in 16:9 is not)


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """What the camera sees: a centre and a zoom (1 = as much as fits), in picture pixels."""

    x: float
    y: float
    zoom: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A picture of some size seen through frames of some ratio (width / height)."""

    width: float
    height: float
    ratio: float

    def side(self, zoom: float) -> tuple[float, float]:
        """Return the width and height of the window at this zoom."""
        width = min(self.width, self.height * self.ratio) / zoom
        return width, width / self.ratio

    def clamped(self, x: float, y: float, zoom: float) -> Window:
        """Return the nearest window of this zoom that lies within the picture."""
        width, height = self.side(zoom)
        return Window(
            x=min(max(x, width / 2), self.width - width / 2),
            y=min(max(y, height / 2), self.height - height / 2),
            zoom=zoom,
        )

    @property
    def slack(self) -> tuple[float, float]:
        """How far the widest window could move across and down, in window sides."""
        width, height = self.side(1.0)
        return self.width / width - 1, self.height / height - 1


def choose(motion: Motion, *, scene: Scene, focus: Focus, seed: int) -> Motion:
    """Replace `auto`: tall pictures tilt, wide ones pan, others zoom; the seed breaks ties."""
    if motion is not Motion.AUTO:
        return motion
    across, down = scene.slack
    if down >= _SLACK:
        return Motion.TILT_DOWN if seed % 4 == 0 else Motion.TILT_UP
    if across >= _SLACK:
        if abs(focus.x - 0.5) > 0.1:  # noqa: PLR2004  # beyond a tenth the subject has a side
            return Motion.PAN_RIGHT if focus.x > 0.5 else Motion.PAN_LEFT  # noqa: PLR2004  # the middle
        return Motion.PAN_RIGHT if seed % 2 else Motion.PAN_LEFT
    return Motion.ZOOM_OUT if seed % 3 == 0 else Motion.ZOOM_IN


def plan(motion: Motion, *, scene: Scene, focus: Focus, seconds: float) -> tuple[Window, Window]:
    """Return the first and the last window, both within the picture; so are all between them."""
    x, y = focus.x * scene.width, focus.y * scene.height
    if motion in {Motion.ZOOM_IN, Motion.ZOOM_OUT}:
        wide = scene.clamped(x, y, 1.0)
        close = scene.clamped(x, y, min(1.0 + _ZOOM_PER_SECOND * seconds, _ZOOM + 0.12))
        return (wide, close) if motion is Motion.ZOOM_IN else (close, wide)
    across = motion in {Motion.PAN_LEFT, Motion.PAN_RIGHT}
    room = scene.slack[0 if across else 1]
    zoom = 1.0 if room >= _TRAVEL_ZOOM - 1 else _TRAVEL_ZOOM
    travel = min(_TRAVEL_PER_SECOND * seconds, _MAX_TRAVEL)
    sign = 1 if motion in {Motion.PAN_RIGHT, Motion.TILT_DOWN} else -1
    width, height = scene.side(zoom)
    step_x, step_y = (sign * travel * width, 0.0) if across else (0.0, sign * travel * height)
    end = scene.clamped(x, y, zoom)
    start = scene.clamped(end.x - step_x, end.y - step_y, zoom)
    return start, scene.clamped(start.x + step_x, start.y + step_y, zoom)


def between(start: Window, end: Window, time: float) -> Window:
    """
    Return the window at `time` (0..1).

    The zoom is geometric (its perceived speed is constant) and the centre follows 1 / zoom, so
    one point of the picture stays still while zooming; the speed has raised-cosine edges.
    """
    way = _eased(time)
    if math.isclose(start.zoom, end.zoom):
        share, zoom = way, start.zoom
    else:
        zoom = start.zoom * (end.zoom / start.zoom) ** way
        share = (1 / zoom - 1 / start.zoom) / (1 / end.zoom - 1 / start.zoom)
    return Window(
        x=start.x + (end.x - start.x) * share,
        y=start.y + (end.y - start.y) * share,
        zoom=zoom,
    )


def max_zoom(start: Window, end: Window) -> float:
    """Return the closest the camera comes."""
    return max(start.zoom, end.zoom)


def _eased(time: float) -> float:
    """Integrate a speed that rises and falls along half a cosine over the first and last edge."""
    if time > 0.5:  # noqa: PLR2004  # the second half mirrors the first
        return 1.0 - _eased(1.0 - time)
    if time < _EASE:
        return (time / 2 - _EASE / (2 * math.pi) * math.sin(math.pi * time / _EASE)) / (1 - _EASE)
    return (time - _EASE / 2) / (1 - _EASE)
