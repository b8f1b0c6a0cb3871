"""The mixer: parts become one stereo period that repeats without a seam."""

import math
from typing import Final

import numpy as np

from music.instruments import INSTRUMENTS, RATE, Sound
from music.score import FRAMES_PER_SECOND, Part, Piece, by_hand

AAC_FRAME: Final = 1024
LOUDNESS: Final = -14.0  # LUFS, to which players on the web normalise
# AAC at 128 kbit/s moves peaks by up to a decibel; -0.8 dBTP must hold after it.
CEILING: Final = 10 ** (-2.2 / 20)
UNSTEADY_MILLISECONDS: Final = 5.0
_LOOK_SECONDS: Final = 0.012  # the limiter turns down that long before a peak
_DUST: Final = 1e-9


def period_samples(piece: Piece) -> int:
    """
    Return how many samples a piece lasts.

    Raises `ValueError` unless that is a whole number of AAC frames: only such a piece can be
    repeated by copying packets.
    """
    samples = piece.beats * piece.beat_frames * RATE // FRAMES_PER_SECOND
    if samples % AAC_FRAME:
        raise ValueError(f"{piece.track_id}: {samples} samples are no whole number of AAC frames")
    return samples


def mix(piece: Piece) -> Sound:
    """Return the piece as samples, shape (2, period): -14 LUFS, no peak above the ceiling."""
    period = period_samples(piece)
    dry, wet = np.zeros((2, period)), np.zeros((2, period))
    for number, part in enumerate(piece.parts):
        stem = _play(piece, part, seed=piece.seed * 100 + number, period=period)
        stem *= 10 ** ((part.level - loudness(stem)) / 20)
        dry += (1 - part.room) * stem
        wet += part.room * stem
    mixed = dry + _room(wet, piece.room_seconds, piece.seed)
    return _master(_faded(_high_passed(mixed, 32.0), piece))


def _faded(sound: Sound, piece: Piece) -> Sound:
    """Apply the piece's fader, with the end joined to the start; without moves nothing changes."""
    if not any(level for _, level in piece.fader):
        return sound
    bars, levels = zip(*piece.fader, strict=True)
    places = np.arange(sound.shape[1]) * piece.bars / sound.shape[1]
    moved: Sound = sound * 10 ** (np.interp(places, bars, levels, period=piece.bars) / 20)
    return moved


def _play(piece: Piece, part: Part, *, seed: int, period: int) -> Sound:
    chance = np.random.default_rng(seed)
    instrument = INSTRUMENTS[part.instrument]
    beat = piece.beat_frames * RATE / FRAMES_PER_SECOND
    sound = np.zeros(period)
    notes = by_hand(
        part.notes, seed=seed, milliseconds=UNSTEADY_MILLISECONDS, tempo=piece.tempo_bpm
    )
    for note in notes:
        hertz = 440.0 * 2 ** ((note.pitch - 69) / 12)
        tone = instrument(hertz, note.length * beat / RATE, note.velocity, chance)
        _lay(sound, tone, round(note.start * beat))
    left, right = math.cos((part.pan + 1) * math.pi / 4), math.sin((part.pan + 1) * math.pi / 4)
    return np.stack([left * sound, right * sound])


def _lay(ground: Sound, tone: Sound, start: int) -> None:
    """Add *tone* from *start* on; what is beyond the end continues at the beginning."""
    place, done = start % len(ground), 0
    while done < len(tone):
        count = min(len(tone) - done, len(ground) - place)
        ground[place : place + count] += tone[done : done + count]
        place, done = 0, done + count


def _room(sound: Sound, seconds: float, seed: int) -> Sound:
    """Return *sound* as a room answers it, in a circle: the end is heard in the beginning."""
    chance = np.random.default_rng(seed + 7)
    time = np.arange(round(1.4 * seconds * RATE)) / RATE
    answer = np.zeros_like(sound)
    hertz = np.fft.rfftfreq(len(time), 1 / RATE)
    for side in range(2):
        impulse = np.zeros_like(time)
        for low, high, share in ((150, 900, 1.0), (900, 3500, 0.75), (3500, 9000, 0.42)):
            spectrum = np.fft.rfft(chance.standard_normal(len(time)))
            spectrum *= 1 / (1 + (low / np.maximum(hertz, 1)) ** 4) / (1 + (hertz / high) ** 4)
            impulse += np.fft.irfft(spectrum, len(time)) * np.exp(-6.9 * time / (seconds * share))
        impulse *= np.minimum(1.0, time / 0.02)
        impulse /= math.sqrt(float(np.sum(impulse**2)))
        delayed = np.concatenate([np.zeros(round(0.018 * RATE)), impulse])
        answer[side] = _filtered(sound[side], np.fft.rfft(_wrapped(delayed, sound.shape[1])))
    return answer


def _wrapped(impulse: Sound, period: int) -> Sound:
    folded = np.zeros(period)
    _lay(folded, impulse, 0)
    return folded


def _filtered(sound: Sound, response: np.ndarray[tuple[int], np.dtype[np.complex128]]) -> Sound:
    return np.fft.irfft(np.fft.rfft(sound) * response, len(sound))


def _high_passed(sound: Sound, corner: float) -> Sound:
    hertz = np.fft.rfftfreq(sound.shape[1], 1 / RATE)
    gain = 1 / (1 + (corner / np.maximum(hertz, _DUST)) ** 4)
    return np.fft.irfft(np.fft.rfft(sound) * gain, sound.shape[1])


def _master(sound: Sound) -> Sound:
    """Level, gently even out, limit; repeated until the loudness after the limiter is right."""
    sound = sound * 10 ** ((LOUDNESS - loudness(sound)) / 20)
    sound = _evened(sound)
    gain = 0.0
    for _ in range(8):
        limited = _limited(sound * 10 ** (gain / 20))
        missing = LOUDNESS - loudness(limited)
        if abs(missing) < 0.03:  # noqa: PLR2004  # decibels; a tenth is inaudible
            break
        gain += missing
    return limited


def _evened(sound: Sound) -> Sound:
    """Take half of what a quarter of a second is above the average."""
    power = _smoothed(np.mean(sound**2, axis=0), round(0.25 * RATE))
    excess = np.maximum(1.0, power / float(np.mean(power)))
    return sound * excess**-0.25


def _limited(sound: Sound) -> Sound:
    """Turn down before each peak between samples, and up after it, in a circle."""
    wanted = np.minimum(1.0, CEILING / np.maximum(_true_peaks(sound), _DUST))
    look = round(_LOOK_SECONDS * RATE)
    lowest, reach = wanted, 1
    while reach < 2 * look + 1:
        step = min(reach, 2 * look + 1 - reach)
        lowest = np.minimum(lowest, np.roll(lowest, -step))
        reach += step
    # The window of the minimum reaches as far as the one that smooths it: peaks stay below.
    return sound * _smoothed(np.roll(lowest, look), 2 * look + 1)


def _true_peaks(sound: Sound) -> Sound:
    """Return, for each sample, the highest absolute value up to the next one, 4 times finer."""
    count = sound.shape[1]
    spectrum = np.fft.rfft(sound)
    fine = np.fft.irfft(spectrum, 4 * count) * 4
    peaks: Sound = np.abs(fine).reshape(2, count, 4).max(axis=(0, 2))
    return np.maximum(peaks, np.roll(peaks, 1))


def _smoothed(sound: Sound, width: int) -> Sound:
    """Return the average over a Hann window of *width* samples around each one, in a circle."""
    window = np.hanning(width + 2)[1:-1]
    window /= window.sum()
    centred = np.roll(_wrapped(window, len(sound)), -(width // 2))
    return _filtered(sound, np.fft.rfft(centred))


def loudness(sound: Sound) -> float:
    """Return the integrated loudness in LUFS (ITU-R BS.1770-5) of a period heard in a circle."""
    count = sound.shape[1]
    turns = np.exp(-2j * np.pi * np.fft.rfftfreq(count))
    # The two filters of the recommendation at 48 kHz, its tables 1 and 2.
    head = (1.53512485958697 - 2.69169618940638 * turns + 1.19839281085285 * turns**2) / (
        1 - 1.69065929318241 * turns + 0.73248077421585 * turns**2
    )
    low = (1 - 2 * turns + turns**2) / (1 - 1.99004745483398 * turns + 0.99007225036621 * turns**2)
    weighted = np.fft.irfft(np.fft.rfft(sound) * head * low, count)
    power = np.sum(weighted**2, axis=0)
    step = RATE // 10
    tenths = power[: count // step * step].reshape(-1, step).mean(axis=1)
    blocks = np.sum([np.roll(tenths, -shift) for shift in range(4)], axis=0) / 4
    heard = blocks[blocks > 10 ** ((-70 + 0.691) / 10)]
    if not len(heard):
        return -70.0
    heard = heard[heard > 0.1 * heard.mean()]
    return float(-0.691 + 10 * np.log10(heard.mean()))
