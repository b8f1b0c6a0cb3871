"""Music in a film: as long as the film, as loud as promised, without a seam."""

from pathlib import Path

import av
import numpy as np
import pytest

from echoes.adapters.video.assembly.sound import film_sound, read_music
from echoes.adapters.video.assembly.streams import FileSource
from echoes.adapters.video.assembly.tables import FootageUnusable
from echoes.adapters.video.assembly.verify import verify_film
from echoes.adapters.video.music.preparation import prepare_music
from tests.support import footage
from tests.support.footage import PERIOD, RATE, Cutting, Samples, noise_db

MUSIC_FRAMES = 24 * 12


def expected(gain_db: float, samples: int) -> Samples:
    period = footage.melody() * 10 ** (gain_db / 20)
    return np.tile(period, (1, samples // PERIOD + 1))[:, :samples]


def gain_of(heard: Samples) -> float:
    """Answer the one gain between what is heard and the melody, in dB."""
    first = footage.melody()[:, 4096:40_960]
    return float(20 * np.log10(np.sqrt((heard[:, 4096:40_960] ** 2).mean() / (first**2).mean())))


def test_music_repeats_without_a_seam(room: Cutting) -> None:
    """At the joint of two periods the sound is as near to the endless melody as elsewhere."""
    path, _ = room.assemble(room.plan())
    heard = footage.sound_of(path)
    wanted = expected(gain_of(heard), heard.shape[1])
    blocks = [
        noise_db(heard[:, start : start + 1024], wanted[:, start : start + 1024])
        for start in range(0, 9 * RATE, 1024)
    ]
    seams = [blocks[PERIOD // 1024 * turn + step] for turn in (1, 2) for step in (-1, 0, 1)]
    assert np.median(blocks) > 28
    assert min(seams) > min(blocks[4:130]) - 2


def test_music_fades_out_where_it_should_and_is_the_melody_until_then(room: Cutting) -> None:
    """The fade begins on its sample, and its first packets join those that were copied."""
    path, _ = room.assemble(room.plan(fade_out_seconds=2.0))
    heard = footage.sound_of(path)
    total, length = 12 * RATE, 2 * RATE
    share = np.clip((np.arange(heard.shape[1]) - (total - length)) / length, 0, 1)
    wanted = expected(gain_of(heard), heard.shape[1]) * (0.5 + 0.5 * np.cos(np.pi * share))
    joint = (total - length) // 1024 * 1024
    for start in range(joint - 4096, joint + 8192, 1024):
        assert noise_db(heard[:, start : start + 1024], wanted[:, start : start + 1024]) > 22
    assert np.abs(heard[:, -480:]).max() < 0.003


@pytest.mark.parametrize("seconds", [0.5, 6.0])
def test_music_fades_in(music: Path, seconds: float) -> None:
    """Fades that meet are encoded as one; either way the film begins in silence."""
    sound = film_sound(
        read_music(FileSource(music)),
        frames=MUSIC_FRAMES,
        fade_in_frames=round(seconds * 24),
        fade_out_frames=24 * 6,
    )
    assert len(sound.packets) == 1 + round(12 * RATE / 1024)
    assert sound.packets[1] != read_music(FileSource(music)).packets[1]


def test_only_the_faded_packets_are_encoded(music: Path) -> None:
    """Everything before the fade is the prepared track's own packets."""
    track = read_music(FileSource(music))
    sound = film_sound(track, frames=MUSIC_FRAMES, fade_in_frames=0, fade_out_frames=24)
    copied = [
        number
        for number in range(len(sound.packets))
        if sound.packets[number] == track.packet(number)
    ]
    assert copied[:500] == list(range(500))
    assert len(sound.packets) - len(copied) <= RATE // 1024 + 3


def test_a_film_is_as_loud_as_promised(room: Cutting) -> None:
    """-14 LUFS, one more or less, measured on the finished film."""
    path, _ = room.assemble(room.plan())
    report = verify_film(FileSource(path), room.plan())
    assert report.lufs is not None
    assert abs(report.lufs + 14) <= 1


@pytest.mark.parametrize("frames", [3, *range(4, 40, 5)])
def test_sound_begins_and_ends_with_the_picture(tmp_path: Path, music: Path, frames: int) -> None:
    """Within 20 ms at both ends, whatever the length: players differ in what they trim."""
    clip = footage.master(tmp_path / "clip.mp4", seed=1, frames=frames)
    room = footage.cutting(tmp_path, [clip], music)
    plan = room.plan()
    path, _ = room.assemble(plan)
    report = verify_film(FileSource(path), plan)
    assert not report.findings
    assert report.start_offset_seconds == 0
    assert report.end_offset_seconds is not None
    assert abs(report.end_offset_seconds) <= 0.011


def test_a_film_without_music_has_no_sound(room: Cutting) -> None:
    """No music chosen: no silent track either, so that a player shows that there is none."""
    path, _ = room.assemble(room.plan(music=False))
    with av.open(str(path)) as container:
        assert not container.streams.audio


@pytest.mark.parametrize(("rate", "channels", "level"), [(44_100, 1, 0.05), (48_000, 2, 1.4)])
def test_any_music_is_brought_to_one_loudness(
    tmp_path: Path, rate: int, channels: int, level: float
) -> None:
    """Mono, another rate, too quiet or too loud: prepared it is -14 LUFS and can be repeated."""
    sound = np.clip(footage.melody(rate * 5)[:channels] * level, -1, 1)
    wave = footage.write_wave(tmp_path / "song.wav", sound, rate=rate)
    made = prepare_music(wave, tmp_path / "song.m4a", loop=False)
    assert read_music(FileSource(made.path)).period == 48_000 * 5 // 1024
    clip = footage.master(tmp_path / "clip.mp4", seed=1, frames=96)
    room = footage.cutting(tmp_path, [clip], made.path)
    plan = room.plan(fade_out_seconds=0.0)
    report = verify_film(FileSource(room.assemble(plan)[0]), plan)
    assert report.lufs is not None
    assert abs(report.lufs + 14) <= 1
    again = prepare_music(wave, tmp_path / "again.m4a", loop=False)
    assert again.path.read_bytes() == made.path.read_bytes()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"#EXTM3U\nhttp://somewhere/", "unsupported_format"),
        (b"RIFF\0\0\0\0WAVE", "corrupt"),
        (b"ID3" + bytes(4000), "corrupt"),
    ],
)
def test_what_is_no_music_is_refused(tmp_path: Path, content: bytes, reason: str) -> None:
    """A playlist, a torso or noise is named, and nothing of it is fetched."""
    path = tmp_path / "song"
    path.write_bytes(content)
    with pytest.raises(FootageUnusable) as refused:
        prepare_music(path, tmp_path / "song.m4a", loop=False)
    assert refused.value.reason == reason


def test_silence_and_moments_are_no_music(tmp_path: Path) -> None:
    """What cannot be made loud, or repeated every second, is refused."""
    silent = footage.write_wave(tmp_path / "silent.wav", np.zeros((2, RATE * 4)))
    short = footage.write_wave(tmp_path / "short.wav", footage.melody(RATE))
    for path, reason in ((silent, "silent"), (short, "too_short")):
        with pytest.raises(FootageUnusable, match=reason):
            prepare_music(path, tmp_path / "song.m4a", loop=True)


def test_music_that_was_not_prepared_is_refused(tmp_path: Path, masters: list[Path]) -> None:
    """A silent video or a foreign m4a in the place of a track is named by its handle."""
    foreign = tmp_path / "foreign.m4a"
    with av.open(str(foreign), "w") as container:
        stream = container.add_stream("aac", rate=44_100)
        frame = av.AudioFrame(format="fltp", layout="stereo", samples=1024)
        for plane in frame.planes:
            plane.update(bytes(plane.buffer_size))
        frame.sample_rate = 44_100
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    for path, reason in ((masters[0], "no_sound"), (foreign, "unprepared")):
        room = footage.cutting(tmp_path, masters[:1], path)
        with pytest.raises(FootageUnusable) as refused:
            room.assemble(room.plan())
        assert (refused.value.reason, refused.value.handle) == (reason, "music")
