"""Every track is what the catalogue says: loud enough, on the beat, and a loop without a seam."""

import hashlib
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest

from echoes.adapters.video.assembly.sound import read_music
from echoes.adapters.video.assembly.streams import FileSource
from echoes.domain.assembly.render_plan import FPS
from echoes.domain.errors import NotFound
from echoes.domain.music.tracks import TRACKS, Mood, MusicTrack, track_of
from music.instruments import RATE, Sound
from music.meter import decoded, read
from music.pieces import PIECES

ASSETS = Path(__file__).parents[3] / "assets" / "music"
AAC_FRAME = 1024
SAMPLES_A_FRAME = RATE // FPS
HOP = RATE // 200  # onsets are looked for every 5 ms
LAG = 2  # hops: as long as half a window
STEPS = 48


@pytest.fixture(scope="module", params=TRACKS, ids=lambda track: str(track.track_id))
def track(request: pytest.FixtureRequest) -> MusicTrack:
    found: MusicTrack = request.param
    return found


@pytest.fixture(scope="module")
def sound(track: MusicTrack) -> Sound:
    return decoded(ASSETS / track.filename)


def onsets(sound: Sound) -> Sound:
    """Return how much new there is to hear, every `HOP` samples, in a circle."""
    mono = sound.mean(axis=0)
    width = AAC_FRAME
    round_about = np.concatenate([mono[-width // 2 :], mono, mono[: width // 2]])
    windows = np.lib.stride_tricks.sliding_window_view(round_about, width)[::HOP]
    # Below 6 kHz, and nearly linear for what is soft: noise is no onset.
    spectra = np.log1p(2 * np.abs(np.fft.rfft(windows * np.hanning(width), axis=1)[:, :128]))
    flux = np.maximum(0, spectra - np.roll(spectra, LAG, axis=0)).sum(axis=1)
    around = np.lib.stride_tricks.sliding_window_view(np.pad(flux, 20, mode="wrap"), 41)
    # What goes on all the time, as chords and the sea do, is no onset either.
    found: Sound = np.maximum(0, flux - around.mean(axis=1))
    return found[: len(mono) // HOP]


def folded(flux: Sound, length: float) -> Sound:
    """Return the mean of *flux* at each of `STEPS` places of a beat, over all of them."""
    places = (np.arange(len(flux)) * HOP % length * STEPS // length).astype(int)
    means: Sound = np.bincount(places, weights=flux, minlength=STEPS) / np.bincount(
        places, minlength=STEPS
    )
    return means


def pulse(flux: Sound, beat_samples: float) -> complex:
    """Return how strongly (size) and where (angle) something happens once a beat."""
    turns = np.arange(len(flux)) * HOP / beat_samples
    return complex(np.sum((flux - flux.mean()) * np.exp(-2j * np.pi * turns)))


def packets_of(path: Path) -> list[bytes]:
    with av.open(str(path)) as container:
        stream = container.streams.audio[0]
        return [bytes(packet) for packet in container.demux(stream) if packet.size]


def played(path: Path, order: list[int]) -> Sound:
    """Return what a decoder makes of the file's packets in this order, each 1024 samples."""
    packets = packets_of(path)
    with av.open(str(path)) as container:
        template = container.streams.audio[0].codec_context
        decoder = av.CodecContext.create("aac", "r")
        decoder.extradata = template.extradata
        blocks = [
            frame.to_ndarray()
            for number in order
            for frame in decoder.decode(av.Packet(packets[number]))
        ]
    return np.concatenate(blocks, axis=1).astype(np.float64)


def decibels(signal: Sound, error: Sound) -> float:
    return float(10 * np.log10(np.sum(signal**2) / max(float(np.sum(error**2)), 1e-12)))


def test_the_catalogue_is_the_files() -> None:
    """M2: what is listed is there, what is there is listed, byte for byte, and fits the budget."""
    assert {path.name for path in ASSETS.glob("*.m4a")} == {track.filename for track in TRACKS}
    for track in TRACKS:
        content = (ASSETS / track.filename).read_bytes()
        assert hashlib.sha256(content).hexdigest() == track.sha256, track.track_id
        assert len(content) == track.bytes <= 1_200_000
    assert sum(track.bytes for track in TRACKS) <= 7_000_000


def test_there_is_music_for_every_mood() -> None:
    """M1: at least six tracks, no two of one mood; ids and titles are their own."""
    assert len(TRACKS) >= 6
    assert {track.mood for track in TRACKS} == set(Mood)
    assert len({track.title for track in TRACKS}) == len(TRACKS)
    assert len({track.key for track in TRACKS}) == len(TRACKS)


def test_the_catalogue_is_the_scores() -> None:
    """Title, mood, tempo and length are those of the pieces the files are made from."""
    for piece, track in zip(PIECES, TRACKS, strict=True):
        assert (piece.track_id, piece.title, piece.mood) == (
            track.track_id,
            track.title,
            track.mood.value,
        )
        assert (piece.tempo_bpm, piece.beat_frames) == (
            track.grid.tempo_bpm,
            track.grid.beat_frames,
        )
        assert piece.bars == track.bars


def test_a_track_is_found_by_its_id() -> None:
    """An unknown one is not found."""
    assert track_of("slow-tide").title == "Slow Tide"
    with pytest.raises(NotFound):
        track_of("nothing")


def test_loudness_and_peaks_are_right_behind_the_encoder(track: MusicTrack, sound: Sound) -> None:
    """M5: -14 +- 0.5 LUFS and at most -0.8 dBTP, measured on what a player hears."""
    reading = read(sound)
    assert abs(reading.loudness_lufs + 14.0) <= 0.5
    assert reading.true_peak_dbtp <= -0.8
    assert abs(reading.loudness_lufs - track.loudness_lufs) < 0.1
    assert abs(reading.true_peak_dbtp - track.true_peak_dbtp) < 0.1


def test_the_file_is_a_loop_of_packets(track: MusicTrack, sound: Sound) -> None:
    """A priming packet and whole packets for whole bars; films read it without decoding it."""
    path = ASSETS / track.filename
    samples = track.frames * SAMPLES_A_FRAME
    assert samples % AAC_FRAME == 0
    assert sound.shape == (2, samples)
    assert read_music(FileSource(path)).period == samples // AAC_FRAME
    with av.open(str(path)) as container:
        stream = container.streams.audio[0]
        assert (stream.codec_context.name, stream.profile) == ("aac", "LC")
        assert (stream.rate, stream.channels, stream.frames) == (
            RATE,
            2,
            samples // AAC_FRAME + 1,
        )
        assert 120_000 < (stream.codec_context.bit_rate or 0) < 144_000


def test_nothing_is_heard_of_the_loop(track: MusicTrack, sound: Sound) -> None:
    """After the last packet the first one sounds as after the priming one; nothing clicks."""
    path = ASSETS / track.filename
    last = len(packets_of(path)) - 1
    around = played(path, [*range(last - 20, last + 1), *range(1, 21)])[:, AAC_FRAME:]
    original = np.concatenate([sound[:, -20 * AAC_FRAME :], sound[:, : 20 * AAC_FRAME]], axis=1)
    seam = slice(19 * AAC_FRAME, 22 * AAC_FRAME)
    assert decibels(original[:, seam], (around - original)[:, seam]) > 20
    steps = np.abs(np.diff(around, axis=1)).max(axis=0)
    at_the_seam = steps[20 * AAC_FRAME - 2 : 20 * AAC_FRAME + 2].max()
    assert at_the_seam <= np.abs(np.diff(sound, axis=1)).max()


def test_beats_are_where_the_grid_says(track: MusicTrack, sound: Sound) -> None:
    """M6: what can be heard begins on the grid, less than a frame off, on beats and between."""
    flux = onsets(sound)
    beat = track.grid.beat_frames * SAMPLES_A_FRAME
    quavers = folded(flux, beat / 2)
    strongest = (int(quavers.argmax()) + STEPS // 2) % STEPS - STEPS // 2  # negative: too early
    assert abs(strongest) * beat / 2 / STEPS <= SAMPLES_A_FRAME
    assert quavers.max() > 4 * quavers.mean()
    beats = folded(flux, beat)
    assert beats[[-1, 0, 1]].max() > 0.9 * beats.max()


def test_the_tempo_is_the_stated_one(track: MusicTrack, sound: Sound) -> None:
    """The music pulses at the stated tempo, and hardly at tempi a little off."""
    flux = onsets(sound)
    beat = track.grid.beat_frames * SAMPLES_A_FRAME

    def strength(tempo: float) -> float:
        return sum(abs(pulse(flux, beat / tempo / share)) for share in (1, 2, 4))

    for off in (0.97, 0.985, 1.015, 1.03):
        assert strength(1.0) > 3 * strength(off)


def test_the_grid_goes_on_through_every_repetition(track: MusicTrack) -> None:
    """A period is whole beats: the beat after the end is the first one again, for ever."""
    assert track.frames % track.grid.beat_frames == 0
    for period in range(1, 50):
        assert track.grid.error_at(period * track.frames) == 0
        assert track.grid.beat_at(period * track.frames) == period * track.bars * 4


def test_tracks_do_not_sound_alike() -> None:
    """M1: clearly different: no two share both the tempo and the balance of their sound."""
    edges = (20, 150, 500, 1500, 4000, 16000)
    shapes = {}
    for track in TRACKS:
        mono = decoded(ASSETS / track.filename).mean(axis=0)[: 20 * RATE]
        power = np.abs(np.fft.rfft(mono)) ** 2
        hertz = np.fft.rfftfreq(len(mono), 1 / RATE)
        bands = [power[(hertz >= low) & (hertz < high)].sum() for low, high in pairwise(edges)]
        shapes[track.track_id] = 10 * np.log10(np.array(bands) / sum(bands))
    for one in TRACKS:
        for other in TRACKS:
            if one is not other and one.grid == other.grid:
                assert np.abs(shapes[one.track_id] - shapes[other.track_id]).max() > 2
