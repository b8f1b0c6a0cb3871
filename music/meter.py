"""What a file of music measures: its samples, and their loudness by FFmpeg's EBU R128 meter."""

import math
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
from av.filter import Graph

from music.instruments import RATE, Sound


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Integrated loudness in LUFS, and the highest peak between samples in dBTP."""

    loudness_lufs: float
    true_peak_dbtp: float


def decoded(path: Path) -> Sound:
    """Return the samples a player hears, shape (channels, samples)."""
    with av.open(str(path), "r") as container:
        blocks = [frame.to_ndarray() for frame in container.decode(container.streams.audio[0])]
    return np.concatenate(blocks, axis=1).astype(np.float64)


def read(sound: Sound) -> Reading:
    """Return what the meter says of stereo *sound* at 48 kHz. Raises `ValueError` for silence."""
    graph = Graph()
    source = graph.add_abuffer(sample_rate=RATE, format="fltp", layout="stereo")
    meter = graph.add("ebur128", "peak=true:metadata=1")
    sink = graph.add("abuffersink")
    source.link_to(meter)
    meter.link_to(sink)
    graph.configure()
    samples = np.ascontiguousarray(sound.astype(np.float32))
    frame = av.AudioFrame.from_ndarray(samples, format="fltp", layout="stereo")
    frame.sample_rate = RATE
    frame.pts = 0
    source.push(frame)
    source.push(None)
    loudness = peak = None
    while True:
        try:
            metadata = sink.pull().metadata
        except (av.BlockingIOError, av.EOFError):
            break
        loudness = metadata.get("lavfi.r128.I", loudness)
        peak = metadata.get("lavfi.r128.true_peak", peak)
    if loudness is None or peak is None:
        raise ValueError("nothing to measure")
    return Reading(
        loudness_lufs=float(loudness), true_peak_dbtp=20 * math.log10(max(float(peak), 1e-9))
    )
