"""Instruments made of sines and noise: each returns one note as mono samples from its onset."""

import math
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Final

import numpy as np
import numpy.typing as npt

Sound = npt.NDArray[np.float64]
RATE: Final = 48_000
_TABLE: Final = 4096
_DAMPED: Final = 0.12  # seconds until a released note is silent
_HIGHEST: Final = 16_000.0  # hertz; partials above are inaudible

Instrument = Callable[[float, float, float, np.random.Generator], Sound]
"""(hertz, seconds held, velocity 0..1, chance) -> samples; they ring on after the release."""


def _times(seconds: float) -> Sound:
    return np.arange(round(seconds * RATE)) / RATE


def _released(sound: Sound, held: float, damped: float = _DAMPED) -> Sound:
    """Let *sound* fade from *held* seconds on, and end it soon after."""
    end = round((held + 4 * damped) * RATE)
    sound = sound[:end].copy()
    begin = min(round(held * RATE), len(sound))
    sound[begin:] *= np.exp(-np.arange(len(sound) - begin) / RATE / damped)
    fade = min(len(sound), 480)
    sound[-fade:] *= np.linspace(1, 0, fade)
    return sound


def _onset(sound: Sound, seconds: float) -> Sound:
    rise = min(len(sound), max(1, round(seconds * RATE)))
    sound[:rise] *= 0.5 - 0.5 * np.cos(np.pi * np.arange(rise) / rise)
    return sound


def _noise(seconds: float, low: float, high: float, chance: np.random.Generator) -> Sound:
    """Return noise between two frequencies, its edges an octave soft."""
    count = round(seconds * RATE)
    spectrum = np.fft.rfft(chance.standard_normal(count))
    hertz = np.maximum(np.fft.rfftfreq(count, 1 / RATE), 1.0)
    spectrum *= 1 / (1 + (low / hertz) ** 4) / (1 + (hertz / high) ** 4)
    found = np.fft.irfft(spectrum, count)
    return found / max(1e-9, float(np.sqrt(np.mean(found**2))))


def _modes(
    hertz: float,
    seconds: float,
    ratios: Sequence[float],
    strengths: Sequence[float],
    decays: Sequence[float],
) -> Sound:
    """Return a struck body: each mode a sine that dies away in its own time (to 1/e)."""
    time = _times(seconds)
    sound = np.zeros_like(time)
    for ratio, strength, decay in zip(ratios, strengths, decays, strict=True):
        if hertz * ratio < _HIGHEST:
            sound += strength * np.exp(-time / decay) * np.sin(2 * np.pi * hertz * ratio * time)
    return sound


def piano(hertz: float, held: float, velocity: float, chance: np.random.Generator) -> Sound:
    """Play a felt-damped piano: stiff strings in pairs, a soft hammer, two speeds of decay."""
    ring = min(held + 4 * _DAMPED, 6.0)
    time = _times(ring)
    sound = np.zeros_like(time)
    stiffness = 0.00035 * (hertz / 261.6) ** 0.6
    dark = 1.7 - 0.9 * velocity
    long = 3.2 * (220 / hertz) ** 0.5
    for number in range(1, 19):
        partial_hertz = number * hertz * math.sqrt(1 + stiffness * number**2)
        if partial_hertz > _HIGHEST:
            break
        strength = abs(math.sin(math.pi * number / 7.3)) * number**-1.1
        strength *= math.exp(-dark * partial_hertz / 2600)
        decay = long / (1 + 0.28 * (number - 1))
        fading = 0.65 * np.exp(-time / (0.3 * decay)) + 0.35 * np.exp(-time / decay)
        split = 0.16 + 0.05 * number
        for side in (-split, split):
            phase = chance.uniform(0, 2 * np.pi)
            sound += (
                0.5 * strength * fading * np.sin(2 * np.pi * (partial_hertz + side) * time + phase)
            )
    knock = _noise(0.05, 120, 900, chance) * np.exp(-_times(0.05) / 0.009)
    sound[: len(knock)] += 0.05 * velocity * knock[: len(sound)]
    played: Sound = velocity**1.4 * _released(_onset(sound, 0.004), held)
    return played


def plucked(
    hertz: float,
    held: float,
    velocity: float,
    chance: np.random.Generator,
    *,
    at: float,
    decay: float,
    dark: float,
    damped: float = _DAMPED,
) -> Sound:
    """Pluck a string: *at* is where along it, *decay* its seconds at A3, *dark* damps partials."""
    time = _times(min(held + 4 * damped, 5.0))
    sound = np.zeros_like(time)
    long = decay * (220 / hertz) ** 0.45
    for number in range(1, 25):
        partial_hertz = number * hertz * math.sqrt(1 + 0.00008 * number**2)
        if partial_hertz > _HIGHEST:
            break
        strength = math.sin(math.pi * number * at) / number**1.25
        strength *= math.exp(-dark * (1.25 - 0.5 * velocity) * partial_hertz / 2400)
        fading = np.exp(-time / (long / (1 + 0.22 * (number - 1))))
        sound += strength * fading * np.sin(2 * np.pi * partial_hertz * time)
    nail = _noise(0.02, 900, 5000, chance) * np.exp(-_times(0.02) / 0.003)
    sound[: len(nail)] += 0.04 * velocity * nail[: len(sound)]
    played: Sound = velocity**1.2 * _released(_onset(sound, 0.002), held, damped)
    return played


def _wave(hertz: Sound, strengths: Sequence[float], phase: float) -> Sound:
    """Return a tone whose frequency may change, with these strengths of its partials."""
    grid = 2 * np.pi * np.arange(_TABLE) / _TABLE
    table = np.zeros(_TABLE)
    highest = float(hertz.max())
    for number, strength in enumerate(strengths, 1):
        if number * highest < _HIGHEST:
            table += strength * np.sin(number * grid)
    turns = np.cumsum(hertz) / RATE + phase
    found: Sound = np.interp(
        turns % 1.0 * _TABLE, np.arange(_TABLE + 1), np.append(table, table[0])
    )
    return found


def ensemble(  # noqa: PLR0913  # a section is described by what can be heard of it
    hertz: float,
    held: float,
    velocity: float,
    chance: np.random.Generator,
    *,
    players: int,
    attack: float,
    release: float,
    spread: float,
    dark: float,
    vibrato: float = 0.0,
) -> Sound:
    """Play in unison, so many players, *spread* cents apart: a pad, a string section, horns."""
    time = _times(held + 4 * release)
    sound = np.zeros_like(time)
    strengths = [number**-1.0 * math.exp(-dark * number * hertz / 2000) for number in range(1, 25)]
    for player in range(players):
        cents = spread * (2 * (player + 0.5) / players - 1)
        speed, offset = chance.uniform(4.6, 5.8), chance.uniform(0, 2 * np.pi)
        swing = vibrato * np.minimum(1.0, time / 0.6) * np.sin(2 * np.pi * speed * time + offset)
        sound += _wave(hertz * 2 ** ((cents + swing) / 1200), strengths, chance.uniform())
    rise = np.minimum(1.0, time / attack)
    sound *= np.sin(0.5 * np.pi * rise) ** 2 / math.sqrt(players)
    return velocity * _released(sound, held, release)


def flute(hertz: float, held: float, velocity: float, chance: np.random.Generator) -> Sound:
    """Whistle softly, with breath in it."""
    time = _times(held + 0.4)
    swing = 14 * np.clip((time - 0.25) / 0.5, 0, 1) * np.sin(2 * np.pi * 5.1 * time)
    sound = _wave(hertz * 2 ** (swing / 1200), (1.0, 0.22, 0.08, 0.03), 0.0)
    sound += 0.035 * _noise(held + 0.4, hertz, 2.5 * hertz, chance)[: len(sound)]
    return velocity * _released(_onset(sound, 0.055), held, 0.08)


def bass(hertz: float, held: float, velocity: float, chance: np.random.Generator) -> Sound:
    """Play a round electric bass."""
    time = _times(held + 4 * _DAMPED)
    bright = _wave(np.full_like(time, hertz), (0.0, 0.55, 0.32, 0.18, 0.1, 0.05), 0.0)
    sound = np.sin(2 * np.pi * hertz * time) * np.exp(-time / 1.6) + bright * np.exp(-time / 0.35)
    sound += 0.02 * chance.standard_normal() * np.exp(-time / 0.01)
    return velocity * _released(_onset(sound, 0.006), held)


def marimba(hertz: float, _held: float, velocity: float, chance: np.random.Generator) -> Sound:
    """Strike rosewood bars over tubes."""
    decay = 0.55 * (262 / hertz) ** 0.6
    sound = _modes(hertz, 6 * decay, (1, 3.93, 9.2), (1, 0.28, 0.08), (decay, decay / 4, decay / 9))
    knock = _noise(0.02, 500, 2500, chance) * np.exp(-_times(0.02) / 0.004)
    sound[: len(knock)] += 0.12 * knock[: len(sound)]
    return velocity * _released(_onset(sound, 0.001), 5 * decay)


def bells(hertz: float, _held: float, velocity: float, _chance: np.random.Generator) -> Sound:
    """Strike a glockenspiel with soft mallets."""
    decay = 1.3 * (1047 / hertz) ** 0.5
    sound = _modes(
        hertz, 4 * decay, (1, 2.76, 5.4), (1, 0.18 * velocity, 0.05), (decay, decay / 3, decay / 8)
    )
    return velocity * _released(_onset(sound, 0.002), 3 * decay)


def vibes(hertz: float, held: float, velocity: float, _chance: np.random.Generator) -> Sound:
    """Strike a vibraphone, its motor slow."""
    decay = 1.8 * (440 / hertz) ** 0.4
    sound = _modes(
        hertz, held + 1.0, (1, 4, 10), (1, 0.16 * velocity, 0.03), (decay, decay / 3, decay / 12)
    )
    sound *= 1 + 0.16 * np.sin(2 * np.pi * 4.2 * np.arange(len(sound)) / RATE)
    return velocity * _released(_onset(sound, 0.003), held, 0.2)


def kick(_hertz: float, _held: float, velocity: float, chance: np.random.Generator) -> Sound:
    """Beat a soft bass drum."""
    time = _times(0.5)
    turns = 48 * time + 70 * 0.03 * (1 - np.exp(-time / 0.03))
    sound = np.sin(2 * np.pi * turns) * np.exp(-time / 0.13)
    beater = _noise(0.02, 800, 4000, chance) * np.exp(-_times(0.02) / 0.003)
    sound[: len(beater)] += 0.09 * beater
    return velocity * _onset(sound, 0.001) * np.linspace(1, 0, len(sound))


def skin(hertz: float, _held: float, velocity: float, chance: np.random.Generator) -> Sound:
    """Beat a large low drum, as in films."""
    root = 58 * hertz / 261.6
    sound = _modes(root, 1.8, (1, 1.5, 1.99, 2.44), (1, 0.55, 0.35, 0.2), (0.5, 0.33, 0.22, 0.15))
    hit = _noise(0.08, 100, 900, chance) * np.exp(-_times(0.08) / 0.02)
    sound[: len(hit)] += 0.35 * velocity * hit
    return velocity * _onset(sound, 0.002) * np.linspace(1, 0, len(sound))


def rattle(
    _hertz: float,
    _held: float,
    velocity: float,
    chance: np.random.Generator,
    *,
    low: float,
    high: float,
    decay: float,
    attack: float = 0.001,
) -> Sound:
    """Let noise die away: hats, shakers, brushes, the sea."""
    seconds = 7 * decay
    sound = _noise(seconds, low, high, chance) * np.exp(-_times(seconds) / decay)
    return velocity * _onset(sound, attack) * np.linspace(1, 0, len(sound))


def clap(_hertz: float, _held: float, velocity: float, chance: np.random.Generator) -> Sound:
    """Clap with a few hands, not quite together; the first one is the beat."""
    sound = np.zeros(round(0.3 * RATE))
    for begin, strength in ((0.0, 1.0), (0.009, 0.7), (0.019, 0.55)):
        hand = _noise(0.25, 900, 3500, chance) * np.exp(-_times(0.25) / 0.035)
        first = round(begin * RATE)
        sound[first : first + len(hand)] += strength * hand
    return velocity * sound * np.linspace(1, 0, len(sound))


def block(_hertz: float, _held: float, velocity: float, _chance: np.random.Generator) -> Sound:
    """Strike a wood block."""
    return velocity * _modes(880, 0.25, (1, 1.72, 2.6), (1, 0.5, 0.2), (0.03, 0.02, 0.012))


INSTRUMENTS: Final[Mapping[str, Instrument]] = {
    "piano": piano,
    "guitar": partial(plucked, at=0.17, decay=1.5, dark=0.75),
    "lead guitar": partial(plucked, at=0.11, decay=1.7, dark=0.5),
    "ukulele": partial(plucked, at=0.22, decay=0.6, dark=0.8),
    "harp": partial(plucked, at=0.31, decay=1.8, dark=1.1, damped=0.3),
    "pizzicato": partial(plucked, at=0.25, decay=0.24, dark=1.0),
    "upright bass": partial(plucked, at=0.2, decay=0.8, dark=2.2),
    "synth": partial(plucked, at=0.4, decay=0.35, dark=0.45),
    "pad": partial(ensemble, players=5, attack=0.7, release=0.5, spread=9, dark=1.3),
    "strings": partial(
        ensemble, players=6, attack=0.28, release=0.22, spread=8, dark=0.55, vibrato=9
    ),
    "short strings": partial(ensemble, players=4, attack=0.012, release=0.05, spread=8, dark=0.45),
    "horns": partial(ensemble, players=3, attack=0.07, release=0.12, spread=5, dark=1.1, vibrato=5),
    "flute": flute,
    "bass": bass,
    "marimba": marimba,
    "bells": bells,
    "vibes": vibes,
    "kick": kick,
    "skin": skin,
    "clap": clap,
    "block": block,
    "hat": partial(rattle, low=7000, high=15000, decay=0.03),
    "shaker": partial(rattle, low=4500, high=12000, decay=0.035, attack=0.012),
    "brush": partial(rattle, low=1200, high=7000, decay=0.09, attack=0.004),
    "surf": partial(rattle, low=150, high=1600, decay=1.1, attack=1.4),
}
