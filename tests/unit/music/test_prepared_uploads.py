"""People's own music: only sound gets through, in bounded time, and loud enough."""

import math
import random
from pathlib import Path

import av
import numpy as np
import pytest

from echoes.adapters.video.assembly.sound import read_music
from echoes.adapters.video.assembly.streams import FileSource
from echoes.adapters.video.assembly.tables import FootageUnusable
from echoes.adapters.video.music.preparation import prepare_music
from echoes.adapters.video.music.processor import PyAvMusicProcessor
from echoes.domain.errors import MusicUnusable
from echoes.domain.music.uploads import MusicFault
from tests.support import footage
from tests.support.footage import RATE, Samples

NAME = "A name nobody should read"


@pytest.fixture(scope="module")
def song(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four seconds of a melody, as a wave file."""
    path = tmp_path_factory.mktemp("song") / "song.wav"
    return footage.write_wave(path, footage.melody(RATE * 4))


def encoded(path: Path, sound: Samples, *, codec: str, rate: int = RATE, **named: str) -> Path:
    """Write *sound* with a name and, in mp3, a picture of the cover."""
    with av.open(str(path), "w") as container:
        container.metadata.update({"title": NAME, "artist": NAME, **named})
        stream = container.add_stream(codec, rate=rate)
        assert isinstance(stream, av.AudioStream)
        stream.layout = "stereo"
        picture = None
        if path.suffix == ".mp3":
            picture = container.add_stream("png", rate=1)
            picture.width = picture.height = 16
            picture.pix_fmt = "rgb24"
            picture.disposition = av.stream.Disposition.attached_pic
        if picture is not None:
            container.mux(picture.encode(av.VideoFrame(16, 16, "rgb24")))
            container.mux(picture.encode(None))
        packed = (np.clip(sound, -1, 1) * 32767).astype("<i2").T.reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(packed), "s16", "stereo")
        frame.sample_rate = rate
        resampler = av.AudioResampler(stream.codec_context.format, "stereo", rate)
        fifo = av.AudioFifo()
        for each in resampler.resample(frame):
            fifo.write(each)
        while block := fifo.read(stream.codec_context.frame_size or 1024, partial=True):
            container.mux(stream.encode(block))
        container.mux(stream.encode(None))
    return path


def video(path: Path) -> Path:
    """Write a video that has sound as well."""
    with av.open(str(path), "w") as container:
        picture = container.add_stream("libx264", rate=24)
        picture.width = picture.height = 64
        picture.pix_fmt = "yuv420p"
        stream = container.add_stream("aac", rate=RATE)
        for _ in range(48):
            container.mux(picture.encode(av.VideoFrame(64, 64, "yuv420p")))
        for _ in range(100):
            frame = av.AudioFrame(format="fltp", layout="stereo", samples=1024)
            for plane in frame.planes:
                plane.update(bytes(plane.buffer_size))
            frame.sample_rate = RATE
            container.mux(stream.encode(frame))
        container.mux(picture.encode(None))
        container.mux(stream.encode(None))
    return path


@pytest.mark.parametrize(
    ("suffix", "codec"), [("mp3", "mp3"), ("m4a", "aac"), ("flac", "flac"), ("ogg", "libopus")]
)
def test_only_the_sound_gets_through(tmp_path: Path, suffix: str, codec: str) -> None:
    """Names and covers stay behind; twice prepared, the bytes are the same."""
    source = encoded(tmp_path / f"song.{suffix}", footage.melody(RATE * 4), codec=codec)
    assert NAME.encode() in source.read_bytes()

    made = PyAvMusicProcessor().prepare(source, directory=tmp_path)
    content = made.path.read_bytes()

    assert NAME.encode() not in content
    assert b"PNG" not in content
    with av.open(str(made.path)) as container:
        assert [stream.type for stream in container.streams] == ["audio"]
        assert container.metadata.keys() <= {"major_brand", "minor_version", "compatible_brands"}
    assert made.track.duration_seconds == pytest.approx(4, abs=0.2)
    assert len(made.track.profile) >= 3
    assert read_music(FileSource(made.path)).period
    assert PyAvMusicProcessor().prepare(source, directory=tmp_path).track == made.track


def test_a_video_is_no_music(tmp_path: Path) -> None:
    """Its sound may be speech, so people extract music themselves."""
    with pytest.raises(MusicUnusable) as refused:
        PyAvMusicProcessor().prepare(video(tmp_path / "clip.mp4"), directory=tmp_path)
    assert refused.value.reason == MusicFault.VIDEO


@pytest.mark.parametrize(
    ("suffix", "codec"), [("m4a", "alac"), ("m4a", "ac3"), ("wav", "adpcm_ms")]
)
def test_other_codecs_are_not_decoded(tmp_path: Path, suffix: str, codec: str) -> None:
    """What may claim packets of any size is not tried."""
    source = encoded(tmp_path / f"song.{suffix}", footage.melody(RATE * 4), codec=codec)
    with pytest.raises(MusicUnusable) as refused:
        PyAvMusicProcessor().prepare(source, directory=tmp_path)
    assert refused.value.reason == MusicFault.UNSUPPORTED_CODEC


@pytest.mark.parametrize("suffix", ["wav", "flac", "m4a"])
def test_half_a_file_is_told_from_a_whole_one(tmp_path: Path, suffix: str) -> None:
    """Where the file says how long it is, the film does not get the half that is there."""
    codec = {"wav": "pcm_s16le", "flac": "flac", "m4a": "aac"}[suffix]
    whole = encoded(tmp_path / f"song.{suffix}", footage.melody(RATE * 6), codec=codec)
    content = whole.read_bytes()
    whole.write_bytes(content[: len(content) // 2])
    with pytest.raises(MusicUnusable) as refused:
        PyAvMusicProcessor().prepare(whole, directory=tmp_path)
    assert refused.value.reason in {MusicFault.TRUNCATED, MusicFault.CORRUPT}


@pytest.mark.parametrize("rate", [1, 50, 400_000])
def test_a_file_cannot_draw_itself_out(tmp_path: Path, song: Path, rate: int) -> None:
    """A second of samples that claims to be hours would fill the memory when it is resampled."""
    content = bytearray(song.read_bytes())
    at = content.index(b"fmt ") + 12
    content[at : at + 4] = rate.to_bytes(4, "little")
    source = tmp_path / "slow.wav"
    source.write_bytes(content)
    with pytest.raises(MusicUnusable) as refused:
        PyAvMusicProcessor().prepare(source, directory=tmp_path)
    assert refused.value.reason in {MusicFault.UNSUPPORTED_CODEC, MusicFault.TOO_LONG}


def test_hours_of_almost_nothing_are_too_long(tmp_path: Path) -> None:
    """Silence packs into nothing: what counts is how long it lasts, not how small it is."""
    source = encoded(tmp_path / "long.flac", np.zeros((2, 8_000 * 1000)), codec="flac", rate=8_000)
    assert source.stat().st_size < 300_000
    with pytest.raises(MusicUnusable) as refused:
        PyAvMusicProcessor().prepare(source, directory=tmp_path)
    assert refused.value.reason == MusicFault.TOO_LONG


def test_work_that_takes_too_long_is_ended(song: Path, tmp_path: Path) -> None:
    """The function would be stopped without a word; so it stops itself and says so."""
    with pytest.raises(MusicUnusable) as refused:
        PyAvMusicProcessor(patience_seconds=0).prepare(song, directory=tmp_path)
    assert refused.value.reason == MusicFault.TOO_SLOW


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_numbers_that_are_no_sound_are_refused(tmp_path: Path, value: float) -> None:
    """A float may have any value; none of it reaches a listener."""
    samples = np.full(RATE * 3 * 2, value, dtype="<f4").tobytes()
    layout = (3).to_bytes(2, "little") + (2).to_bytes(2, "little") + RATE.to_bytes(4, "little")
    layout += (RATE * 8).to_bytes(4, "little") + (8).to_bytes(2, "little")
    layout += (32).to_bytes(2, "little")
    chunk = b"fmt " + len(layout).to_bytes(4, "little") + layout
    chunk += b"data" + len(samples).to_bytes(4, "little") + samples
    source = tmp_path / "float.wav"
    source.write_bytes(b"RIFF" + (4 + len(chunk)).to_bytes(4, "little") + b"WAVE" + chunk)
    with pytest.raises(MusicUnusable):
        PyAvMusicProcessor().prepare(source, directory=tmp_path)


def test_damaged_files_end_in_music_or_a_reason(tmp_path: Path, song: Path) -> None:
    """Flipped bytes anywhere: never another error, and every reason has a text for people."""
    rng = random.Random(7)
    kinds = [
        song.read_bytes(),
        encoded(tmp_path / "s.mp3", footage.melody(RATE * 3), codec="mp3").read_bytes(),
        encoded(tmp_path / "s.m4a", footage.melody(RATE * 3), codec="aac").read_bytes(),
        encoded(tmp_path / "s.flac", footage.melody(RATE * 3), codec="flac").read_bytes(),
    ]
    source, reasons = tmp_path / "damaged", set()
    for number in range(24):
        content = bytearray(kinds[number % len(kinds)])
        for _ in range(20):
            content[rng.randrange(4, min(len(content), 4096))] = rng.randrange(256)
        source.write_bytes(content)
        try:
            prepare_music(source, tmp_path / "out.m4a", loop=False, patience_seconds=30)
        except FootageUnusable as refused:
            reasons.add(refused.reason)
    assert reasons <= set(MusicFault)
    assert reasons
