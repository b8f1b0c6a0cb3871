"""The pieces: six moods, tempi of whole film frames, chords and melodies written by hand."""

from typing import Final

from music.pieces import (
    far_horizon,
    first_light,
    open_windows,
    paper_boats,
    porch_swing,
    slow_tide,
)

PIECES: Final = (
    first_light.piece(),
    open_windows.piece(),
    slow_tide.piece(),
    porch_swing.piece(),
    far_horizon.piece(),
    paper_boats.piece(),
)
