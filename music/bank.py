"""Writes a period as the .m4a of `assets/music/README.md`: packets that repeat without a seam."""

import io
from pathlib import Path
from typing import Final

import av
import numpy as np
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.packet import Packet

from music.instruments import RATE, Sound
from music.mixer import AAC_FRAME

BIT_RATE: Final = 128_000
_PERIODS: Final = 3  # the encoder has met what is before and after the middle one


def write_bank(sound: Sound, path: Path) -> None:
    """Encode *sound*, shape (2, period), and write the priming packet and one period to *path*."""
    frames = sound.shape[1] // AAC_FRAME
    encoded = io.BytesIO(_encoded(sound))
    with av.open(encoded, "r") as source, _opened(path) as target:
        stream = source.streams.audio[0]
        packets = [packet for packet in source.demux(stream) if packet.size]
        copy = target.add_stream_from_template(stream)
        # Packet n decodes to the samples before it ends: the encoder is one frame late.
        for number, packet in enumerate(packets[frames : 2 * frames + 1]):
            _place(packet, copy, (number - 1) * AAC_FRAME)
            target.mux(packet)


def _opened(path: Path) -> OutputContainer:
    # Durations count in movie_timescale; in the usual thousandths a period would be cut short.
    options = {"movie_timescale": str(RATE), "movflags": "+faststart"}
    return av.open(str(path), "w", format="ipod", container_options=options)


def _encoded(sound: Sound) -> bytes:
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="mp4") as container:
        stream = container.add_stream("aac", rate=RATE, layout="stereo")
        stream.bit_rate = BIT_RATE
        repeated = np.tile(sound, _PERIODS).astype(np.float32)
        for start in range(0, repeated.shape[1], AAC_FRAME):
            block = np.ascontiguousarray(repeated[:, start : start + AAC_FRAME])
            frame = av.AudioFrame.from_ndarray(block, format="fltp", layout="stereo")
            frame.sample_rate = RATE
            frame.pts = start
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return buffer.getvalue()


def _place(packet: "Packet[AudioStream]", stream: AudioStream, time: int) -> None:
    packet.stream = stream
    packet.pts = packet.dts = time
