"""Films are as loud as one another, whatever part of whatever music they hear."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from fractions import Fraction
from itertools import islice
from pathlib import Path

import av
import numpy as np
import pytest
from av.audio.codeccontext import AudioCodecContext
from av.filter import Graph
from hypothesis import given
from hypothesis import strategies as st

from echoes.adapters.video.assembly.sound import film_sound, read_music
from echoes.adapters.video.assembly.splice import Packets
from echoes.adapters.video.assembly.streams import FileSource
from echoes.adapters.video.assembly.verify import verify_film
from echoes.adapters.video.music.preparation import measure_profile, prepare_music
from echoes.domain.assembly.loudness import MAX_GAIN_DB, MAX_SECONDS, SILENCE, gain_for
from echoes.domain.assembly.planning import plan_film
from echoes.domain.assembly.render_plan import FPS, FilmSpec, Master, Sound, Track
from echoes.domain.music.tracks import TRACKS, MusicTrack
from tests.support import footage
from tests.support.footage import RATE

ASSETS = Path(__file__).parents[3] / "assets" / "music"
LENGTHS = (5, 6, 7, 8, 9, 10, 12, 15, 20, 30, 45, 60, 100, 250)
SIZE = {"width": 1280, "height": 720}


def planned(track: Track, frames: int, *, fade_out_seconds: float = 3.0) -> Sound:
    clip = Master(handle="clip", sha256="clip", signature="ours", frames=frames, **SIZE)
    spec = FilmSpec(
        signature="ours",
        footage=(clip,),
        transitions=(),
        track=track,
        fade_out_seconds=fade_out_seconds,
        **SIZE,
    )
    sound = plan_film(spec).sound
    assert sound is not None
    return sound


def lufs(sound: Packets) -> float:
    """Answer what a meter says of all that a player hears."""
    graph = Graph()
    source = graph.add_abuffer(
        sample_rate=RATE, format="fltp", layout="stereo", time_base=Fraction(1, RATE)
    )
    graph.link_nodes(
        source, graph.add("ebur128", "metadata=1:framelog=quiet"), graph.add("abuffersink")
    ).configure()
    measured = 0.0
    for number, frame in enumerate(decoded(sound)):
        frame.pts, frame.time_base = number * 1024, Fraction(1, RATE)
        graph.push(frame)
        with suppress(BlockingIOError):
            while True:
                measured = float(graph.pull().metadata["lavfi.r128.I"])
    return measured


def decoded(sound: Packets) -> Iterator[av.AudioFrame]:
    decoder = av.CodecContext.create("aac", "r")
    decoder.extradata = b"\x11\x90"  # AAC-LC, 48 kHz, stereo
    assert isinstance(decoder, AudioCodecContext)
    frames = (frame for packet in sound.packets for frame in decoder.decode(av.Packet(packet)))
    return islice(frames, sound.priming, None)


def heard(path: Path, sound: Sound) -> Packets:
    return film_sound(
        read_music(FileSource(path)),
        frames=sound.frames,
        fade_in_frames=sound.fade_in_frames,
        fade_out_frames=sound.fade_out_frames,
        gain_db=sound.gain_db,
    )


@pytest.mark.parametrize("track", TRACKS, ids=lambda track: str(track.track_id))
def test_films_with_our_music_are_loud_enough_whatever_their_length(track: MusicTrack) -> None:
    """Issue 4: -14 LUFS, one more or less, from five seconds on, and nothing is encoded."""
    shipped = Track(handle="music", sha256=track.sha256)
    for seconds in LENGTHS:
        sound = planned(shipped, seconds * FPS)
        assert sound.gain_db == 0
        assert abs(lufs(heard(ASSETS / track.filename, sound)) + 14) <= 1, seconds


@pytest.mark.parametrize("track", TRACKS, ids=lambda track: str(track.track_id))
def test_a_profile_says_what_a_meter_says_of_any_film(track: MusicTrack) -> None:
    """A second's number each, and arithmetic instead of another measurement."""
    path = ASSETS / track.filename
    profile = measure_profile(read_music(FileSource(path)))
    assert len(profile) == track.frames // FPS
    softer = tuple(tenths - 60 for tenths in profile)
    for seconds in (6, 30):
        sound = planned(Track(handle="music", sha256=track.sha256), seconds * FPS)
        gain = gain_for(softer, sound.frames, fade_out_frames=sound.fade_out_frames)
        assert abs(lufs(heard(path, sound)) - (-14 + 6 - gain)) < 0.5


@pytest.fixture(scope="module")
def crescendo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Track]:
    """Music of 40 seconds whose first quarter is 12 dB softer than the rest."""
    folder = tmp_path_factory.mktemp("crescendo")
    sound = footage.melody(RATE * 40) * np.where(np.arange(RATE * 40) < RATE * 10, 0.25, 1.0)
    made = prepare_music(
        footage.write_wave(folder / "song.wav", sound), folder / "song.m4a", loop=True
    )
    track = Track(handle="music", sha256="song", profile=made.profile)
    return made.path, track


@pytest.mark.parametrize("seconds", [4, 8, 16, 40, 90])
def test_a_film_of_the_soft_beginning_is_as_loud_as_any(
    crescendo: tuple[Path, Track], seconds: int
) -> None:
    """M5 for people's own music: the gain is the film's, and copying needs none."""
    path, track = crescendo
    sound = planned(track, seconds * FPS)
    assert (sound.gain_db > 8) == (seconds < 10)
    assert (sound.gain_db == 0) == (seconds >= 40)
    assert abs(lufs(heard(path, sound)) + 14) <= 1


def test_a_louder_film_is_in_step_at_both_ends(
    tmp_path: Path, crescendo: tuple[Path, Track]
) -> None:
    """Encoded whole, the music begins on the same sample, ends where copied packets would."""
    path, track = crescendo
    clip = footage.master(tmp_path / "clip.mp4", seed=1, frames=120)
    room = footage.cutting(tmp_path, [clip], path)
    plain = room.plan(fade_out_seconds=0.0)
    assert room.track is not None
    louder = replace(room, track=replace(room.track, profile=track.profile))
    plan = louder.plan(fade_out_seconds=0.0)
    assert plan.sound is not None
    assert plan.sound.gain_db > 8
    assert plan.key != plain.key
    copied, _ = room.assemble(plain)
    film, _ = louder.assemble(plan, "louder.mp4")
    report = verify_film(FileSource(film), plan)
    assert not report.findings
    assert report.start_offset_seconds == 0
    assert report.end_offset_seconds is not None
    assert abs(report.end_offset_seconds) <= 0.011
    assert report.lufs is not None
    assert abs(report.lufs + 14) <= 1
    soft, loud = footage.sound_of(copied), footage.sound_of(film)
    assert soft.shape == loud.shape
    gain = 10 ** (plan.sound.gain_db / 20)
    for start in range(0, soft.shape[1] - 4096, 4096):
        run = slice(start, start + 4096)
        assert footage.noise_db(loud[:, run], soft[:, run] * gain) > 15, start
    peaks = 20 * np.log10(np.abs(loud).max())
    assert peaks <= -0.8


def test_what_is_brought_up_is_limited(tmp_path: Path) -> None:
    """Soft music with loud strokes: the strokes stay below full scale."""
    strokes = 0.2 * footage.melody(RATE * 6)
    strokes[:, :RATE] *= np.arange(RATE) / RATE
    strokes[:, 12_000::24_000] += 0.5
    wave = footage.write_wave(tmp_path / "song.wav", strokes)
    made = prepare_music(wave, tmp_path / "song.m4a", loop=False)
    packets = film_sound(
        read_music(FileSource(made.path)),
        frames=96,
        fade_in_frames=0,
        fade_out_frames=24,
        gain_db=12.0,
    )
    peaks = [np.abs(frame.to_ndarray()).max() for frame in decoded(packets)]
    assert len(peaks) == round(4 * RATE / 1024)
    assert 0.7 < max(peaks) < 1


profiles = st.lists(st.integers(SILENCE, 0), max_size=40).map(tuple)


@given(profile=profiles, frames=st.integers(1, 20_000), fade=st.integers(0, 240))
def test_a_gain_is_bounded_and_repeatable(profile: tuple[int, ...], frames: int, fade: int) -> None:
    """Whatever the numbers: 0 or more than half a decibel, and never beyond twelve."""
    fades = {"fade_in_frames": min(fade, frames // 2), "fade_out_frames": min(fade, frames // 2)}
    gain = gain_for(profile, frames, **fades)
    assert gain == 0 or 0.4 < abs(gain) <= MAX_GAIN_DB
    assert gain == gain_for(profile, frames, **fades) == round(gain, 1)


def test_a_gain_is_what_is_missing() -> None:
    """Gated as the meter is: pauses do not make music softer; a short film hears its beginning."""
    assert gain_for((-140,) * 30, 720) == 0.0
    assert gain_for((-136,) * 30, 720) == 0.0
    assert gain_for((-170,) * 30, 720) == 3.0
    assert gain_for((-110,) * 30, 720) == -3.0
    assert gain_for((-200, -140), 24) == 6.0
    assert gain_for((-170, SILENCE), 4800) == 3.0
    assert gain_for((-400,), 240) == MAX_GAIN_DB
    assert gain_for((SILENCE,), 240) == gain_for((), 240) == 0.0
    assert gain_for((-170,) * MAX_SECONDS, 24 * MAX_SECONDS) == 3.0
