"""
Beats and frames: how long a shot may be so that every cut of a film falls on a beat.

A beat of our music is a whole number of frames, a period a whole number of beats, and a film's
music begins with the film. So a cut is on the beat exactly when the frames before it are a multiple
of the beat's: no rounding, no drift, however often the music is repeated.
"""

from dataclasses import dataclass
from typing import Final

from echoes.domain.assembly.render_plan import FPS, JOINT_FRAMES
from echoes.domain.assembly.transitions import Transition
from echoes.domain.clips.clip import DURATIONS

SECONDS_A_MINUTE: Final = 60
CARD_FRAMES: Final = 3 * FPS
"""How long a title card is shown, more or less, so that the next cut falls on a beat."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BeatGrid:
    """Beats as film frames: the first one, and from one to the next."""

    beat_frames: int
    first_beat_frame: int = 0

    @property
    def tempo_bpm(self) -> int:
        """Beats a minute; whole for all of our music."""
        return SECONDS_A_MINUTE * FPS // self.beat_frames

    def beat_at(self, frame: int) -> int:
        """Return the beat nearest to *frame*; 0 is the first."""
        return (2 * (frame - self.first_beat_frame) + self.beat_frames) // (2 * self.beat_frames)

    def error_at(self, frame: int) -> int:
        """Return how many frames *frame* is away from the nearest beat."""
        beat = self.first_beat_frame + self.beat_at(frame) * self.beat_frames
        return abs(frame - beat)


def overlap_of(transition: Transition) -> int:
    """Return how many frames of a shot overlap the next one."""
    return JOINT_FRAMES if transition is Transition.CROSS_FADE else 0


def lengths_on_beat(grid: BeatGrid, transition: Transition) -> tuple[int, ...]:
    """
    Return the seconds a clip may last so that the next one begins on a beat, shortest first.

    Clips are whole seconds and used whole, because the end of a clip can only be cut off by
    encoding it again. Empty if no length fits.
    """
    overlap = overlap_of(transition)
    return tuple(
        seconds for seconds in DURATIONS if (seconds * FPS - overlap) % grid.beat_frames == 0
    )


def frames_on_beat(grid: BeatGrid, *, near: int) -> int:
    """Return the even number of beats nearest to *near* frames, in frames: for title cards."""
    pair = 2 * grid.beat_frames
    return max(1, (2 * near + pair - 1) // (2 * pair)) * pair


def card_frames(grid: BeatGrid | None, transition: Transition) -> int:
    """
    Return the frames of a title card after which the next shot begins on a beat.

    They include the frames shared with that shot. Without beats, it is `CARD_FRAMES`.
    """
    alone = frames_on_beat(grid, near=CARD_FRAMES) if grid else CARD_FRAMES
    return alone + overlap_of(transition)
