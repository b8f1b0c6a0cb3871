"""Music on paper: notes in beats, short ways to write them, parts and pieces."""

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

FRAMES_PER_SECOND: Final = 24
BEATS_A_BAR: Final = 4
_STEPS: Final = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_SIGNS: Final = {"": 0, "#": 1, "b": -1}
_CHORDS: Final = {
    "": (0, 4, 7),
    "m": (0, 3, 7),
    "7": (0, 4, 7, 10),
    "m7": (0, 3, 7, 10),
    "maj7": (0, 4, 7, 11),
    "6": (0, 4, 7, 9),
    "add9": (0, 2, 4, 7),
    "sus4": (0, 5, 7),
}
_NOTE: Final = re.compile(r"([A-G])([#b]?)(-?\d)")
_CHORD: Final = re.compile(r"([A-G])([#b]?)([a-z0-9]*)(?:/([A-G])([#b]?))?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A note: when and how long in beats, what in semitones (69 is A4), how hard from 0 to 1."""

    start: float
    length: float
    pitch: int
    velocity: float = 0.8


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """
    What one player plays.

    `level` is how loud the part is by itself in LUFS, `pan` goes from -1 (left) to 1, `room` is
    the share of it that is heard through the room.
    """

    instrument: str
    notes: tuple[Note, ...]
    level: float
    pan: float = 0.0
    room: float = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """
    A piece that repeats from its end. A beat is a whole number of film frames.

    `fader` is the level over time: decibels at bars, straight lines between them.
    """

    track_id: str
    title: str
    mood: str
    tempo_bpm: int
    bars: int
    seed: int
    room_seconds: float
    parts: tuple[Part, ...]
    fader: tuple[tuple[float, float], ...] = ((0.0, 0.0),)

    @property
    def beats(self) -> int:
        """How many beats until it repeats."""
        return self.bars * BEATS_A_BAR

    @property
    def beat_frames(self) -> int:
        """How many film frames a beat lasts."""
        frames, rest = divmod(FRAMES_PER_SECOND * 60, self.tempo_bpm)
        if rest:
            raise ValueError(f"at {self.tempo_bpm} BPM a beat is no whole number of frames")
        return frames


def pitch_of(name: str) -> int:
    """Return the pitch called *name*, such as ``F#4``."""
    found = _NOTE.fullmatch(name)
    if found is None:
        raise ValueError(f"not a note: {name}")
    step, sign, octave = found.groups()
    return 12 * (int(octave) + 1) + _STEPS[step] + _SIGNS[sign]


def melody(text: str, *, bar: int = 0, velocity: float = 0.8, octave: int = 0) -> Iterator[Note]:
    """
    Yield the notes of *text*, such as ``F#5:1.5 E5:.5 R:2 | D5:4``, from the start of *bar*.

    Raises `ValueError` for a bar that is not full: then everything after it would be off the beat.
    """
    for number, measure in enumerate(text.split("|")):
        start = float((bar + number) * BEATS_A_BAR)
        end = start + BEATS_A_BAR
        for word in measure.split():
            name, length = word.split(":")
            if name != "R":
                yield Note(
                    start=start,
                    length=float(length),
                    pitch=pitch_of(name) + 12 * octave,
                    velocity=velocity * (1.0 if start % 1 == 0 else 0.9),
                )
            start += float(length)
        if start != end:
            raise ValueError(f"a bar has {BEATS_A_BAR} beats: {measure}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Chord:
    """A chord: its tones as pitch classes, the bass, when it begins and how long it lasts."""

    start: float
    length: float
    tones: tuple[int, ...]
    bass: int

    def near(self, centre: int) -> tuple[int, ...]:
        """Return its tones within half an octave of *centre*, lowest first."""
        return tuple(sorted(centre - 6 + (tone - centre + 6) % 12 for tone in self.tones))

    def low(self, lowest: int) -> int:
        """Return its bass in the octave above *lowest*."""
        return lowest + (self.bass - lowest) % 12


def chords(text: str, *, bar: int = 0, bars_each: int = 1) -> tuple[Chord, ...]:
    """Return the chords of *text*, such as ``D A/C# Bm7 G``: so many bars each, from *bar* on."""
    return tuple(
        _chord(word, start=(bar + number * bars_each) * BEATS_A_BAR, length=bars_each * BEATS_A_BAR)
        for number, word in enumerate(text.split())
    )


def _chord(word: str, *, start: float, length: float) -> Chord:
    found = _CHORD.fullmatch(word)
    if found is None:
        raise ValueError(f"not a chord: {word}")
    step, sign, kind, bass, bass_sign = found.groups()
    root = _STEPS[step] + _SIGNS[sign]
    return Chord(
        start=start,
        length=length,
        tones=tuple((root + interval) % 12 for interval in _CHORDS[kind]),
        bass=(_STEPS[bass] + _SIGNS[bass_sign]) % 12 if bass else root % 12,
    )


def broken(
    harmony: Sequence[Chord],
    *,
    centre: int,
    order: Sequence[int],
    step: float = 0.5,
    ring: float = 1.0,
    velocity: float = 0.6,
) -> Iterator[Note]:
    """Yield each chord's tones one after the other; an index beyond the last is an octave up."""
    for chord in harmony:
        tones = chord.near(centre)
        for number in range(round(chord.length / step)):
            index = order[number % len(order)]
            yield Note(
                start=chord.start + number * step,
                length=ring,
                pitch=tones[index % len(tones)] + 12 * (index // len(tones)),
                velocity=velocity * (1.0 if number * step % 2 == 0 else 0.82),
            )


def held(
    harmony: Sequence[Chord], *, centre: int, velocity: float = 0.6, overlap: float = 0.0
) -> Iterator[Note]:
    """Yield each chord as a whole, as long as it lasts."""
    for chord in harmony:
        for pitch in chord.near(centre):
            yield Note(
                start=chord.start,
                length=chord.length + overlap,
                pitch=pitch,
                velocity=velocity,
            )


def struck(
    harmony: Sequence[Chord], *, centre: int, rhythm: str, ring: float, velocity: float = 0.6
) -> Iterator[Note]:
    """Yield each chord where *rhythm*, one bar long, has an ``x`` (loud) or an ``o`` (soft)."""
    for chord in harmony:
        for start, strength in beaten(rhythm, bars=round(chord.length / BEATS_A_BAR)):
            for pitch in chord.near(centre):
                yield Note(
                    start=chord.start + start,
                    length=ring,
                    pitch=pitch,
                    velocity=velocity * strength,
                )


def basses(
    harmony: Sequence[Chord], *, lowest: int, rhythm: str, ring: float, velocity: float = 0.8
) -> Iterator[Note]:
    """Yield each chord's bass: ``x`` is the bass itself, ``o`` softer, ``5`` the fifth above it."""
    for chord in harmony:
        root = chord.low(lowest)
        fifth = next((tone for tone in chord.tones if (tone - chord.bass) % 12 in {6, 7, 8}), None)
        above = root if fifth is None else root + (fifth - root) % 12
        for start, strength, sign in _signs(rhythm, bars=round(chord.length / BEATS_A_BAR)):
            yield Note(
                start=chord.start + start,
                length=ring,
                pitch=above if sign == "5" else root,
                velocity=velocity * strength,
            )


def drum(rhythm: str, *, bars: int, bar: int = 0, velocity: float = 0.8) -> Iterator[Note]:
    """Yield one drum's strokes for so many bars."""
    for start, strength in beaten(rhythm, bars=bars):
        yield Note(
            start=bar * BEATS_A_BAR + start, length=0.5, pitch=60, velocity=velocity * strength
        )


def beaten(rhythm: str, *, bars: int) -> Iterator[tuple[float, float]]:
    """Yield when (beats) and how hard (0 to 1) *rhythm*, one bar long, is struck."""
    for start, strength, _ in _signs(rhythm, bars=bars):
        yield start, strength


def _signs(rhythm: str, *, bars: int) -> Iterator[tuple[float, float, str]]:
    strengths = {"x": 1.0, "o": 0.6, "5": 0.85}
    step = BEATS_A_BAR / len(rhythm)
    for number in range(bars):
        for index, sign in enumerate(rhythm):
            if sign in strengths:
                yield number * BEATS_A_BAR + index * step, strengths[sign], sign


def by_hand(notes: Sequence[Note], *, seed: int, milliseconds: float, tempo: int) -> list[Note]:
    """Return *notes* as people play them: a few milliseconds off, not all equally hard."""
    chance = random.Random(seed)  # the same piece every time
    beats = milliseconds / 1000 * tempo / 60
    return [
        Note(
            start=note.start + chance.uniform(-beats, beats),
            length=note.length,
            pitch=note.pitch,
            velocity=min(1.0, max(0.05, note.velocity * chance.uniform(0.9, 1.08))),
        )
        for note in notes
    ]
