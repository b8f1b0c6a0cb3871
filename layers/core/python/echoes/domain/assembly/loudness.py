"""
How loud the music of a film is.

A track that measures -14 LUFS as a whole may begin softly, and a film of its beginning would be
soft. Its *profile* says how loud each of its seconds is, so that the gain of any film is
arithmetic: the same film always gets the same one.
"""

import math
from collections.abc import Sequence
from itertools import cycle, islice
from typing import Final

LOUDNESS_LUFS: Final = -14.0
"""What films are as loud as: players of the web level to it."""

NEAR_ENOUGH_LU: Final = 0.5
"""Off by so little a film's sound stays as it is: copying is many times faster than encoding."""

MAX_GAIN_DB: Final = 12.0
MAX_SECONDS: Final = 15 * 60

SILENCE: Final = -700
"""A second without sound, in tenths of LUFS; nothing is softer."""

Profile = tuple[int, ...]
"""
The loudness of each whole second (ITU-R BS.1770, not gated), in tenths of LUFS.

At most `MAX_SECONDS` numbers; none where a track was made to be loud enough everywhere.
"""

_GATE: Final = 0.1  # of the mean energy: 10 LU below
_FPS: Final = 24


def gain_for(
    profile: Sequence[int], frames: int, *, fade_in_frames: int = 0, fade_out_frames: int = 0
) -> float:
    """
    Return the dB that bring a film of so many *frames* to -14 LUFS, in tenths.

    The film plays the music from its beginning, repeated as often as necessary, and its fades are
    counted. 0.0 where it is within half a decibel anyway, where the profile is empty, and where
    there is nothing to hear; else between -12 and 12.
    """
    if not profile or frames < 1:
        return 0.0
    # A moment shorter than a second is as loud as the second it begins.
    lengths = [min(_FPS, frames - first) for first in range(0, frames, _FPS)]
    energies = [
        10 ** (tenths / 100) * _energy_share(place * _FPS, frames, fade_in_frames, fade_out_frames)
        for place, tenths in enumerate(islice(cycle(profile), len(lengths)))
    ]
    blocks = [
        (energy, length)
        for energy, length in zip(energies, lengths, strict=True)
        if energy > 10 ** (SILENCE / 100)
    ]
    if not blocks:
        return 0.0
    gate = _GATE * _mean(blocks)
    lufs = 10 * math.log10(_mean([block for block in blocks if block[0] >= gate]))
    missing = LOUDNESS_LUFS - lufs
    if abs(missing) <= NEAR_ENOUGH_LU:
        return 0.0
    return round(max(-MAX_GAIN_DB, min(MAX_GAIN_DB, missing)), 1)


def _mean(blocks: Sequence[tuple[float, int]]) -> float:
    return sum(energy * length for energy, length in blocks) / sum(length for _, length in blocks)


def _energy_share(first: int, frames: int, fade_in: int, fade_out: int) -> float:
    """Return the mean share of the energy that fades leave of the second from frame *first* on."""
    last = min(first + _FPS, frames)
    if first >= fade_in and last <= frames - fade_out:
        return 1.0
    shares = (
        _fade_energy(place + 0.5, fade_in) * _fade_energy(frames - place - 0.5, fade_out)
        for place in range(first, last)
    )
    return sum(shares) / (last - first)


def _fade_energy(distance: float, length: int) -> float:
    """Return the energy at a distance in frames from where a fade is silent: half a sine's."""
    if distance >= length:
        return 1.0
    return (0.5 - 0.5 * math.cos(math.pi * distance / length)) ** 2
