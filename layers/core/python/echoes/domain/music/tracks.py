"""
The music catalogue: the tracks we ship, in numbers.

Files are stored in `assets/music/`, made by `music`; a test measures each against this list.
Every one is a loop of packets that can be copied, begins on a beat, and lasts whole bars.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NewType

from echoes.domain.assembly.render_plan import FPS
from echoes.domain.errors import NotFound
from echoes.domain.music.beats import BeatGrid

TrackId = NewType("TrackId", str)

CONTENT_TYPE: Final = "audio/mp4"
BEATS_A_BAR: Final = 4


class Mood(StrEnum):
    """The mood of a track. No two tracks share one."""

    WARM = "warm"
    BRIGHT = "bright"
    CALM = "calm"
    ACOUSTIC = "acoustic"
    CINEMATIC = "cinematic"
    PLAYFUL = "playful"


@dataclass(frozen=True, slots=True, kw_only=True)
class MusicTrack:
    """One track: what people choose by, and what films need to know."""

    track_id: TrackId
    title: str
    mood: Mood
    description: str
    grid: BeatGrid
    bars: int
    """Length of one loop."""

    loudness_lufs: float
    true_peak_dbtp: float
    bytes: int
    sha256: str
    author: str = "Echoes"
    licence: str = "CC0-1.0"
    """An SPDX identifier: films may be used for any purpose without permission or credit."""

    @property
    def frames(self) -> int:
        """The length of one loop in film frames."""
        return self.bars * BEATS_A_BAR * self.grid.beat_frames

    @property
    def duration_seconds(self) -> float:
        """The length of one loop."""
        return self.frames / FPS

    @property
    def key(self) -> str:
        """Where it is stored in the clips bucket; different content has a different key."""
        return f"music/{self.track_id}-{self.sha256[:16]}.m4a"

    @property
    def filename(self) -> str:
        """Its file name among the assets."""
        return f"{self.track_id}.m4a"


TRACKS: Final = (
    MusicTrack(
        track_id=TrackId("first-light"),
        title="First Light",
        mood=Mood.WARM,
        description="A warm piano that takes its time, strings behind it",
        grid=BeatGrid(beat_frames=18),
        bars=24,
        loudness_lufs=-14.0,
        true_peak_dbtp=-2.3,
        bytes=1_179_260,
        sha256="8c9c6516443b60df28dca9af3919c2e0109ad095992c9b5fb81ddf8cb3cd0bf7",
    ),
    MusicTrack(
        track_id=TrackId("open-windows"),
        title="Open Windows",
        mood=Mood.BRIGHT,
        description="Bright pop for a day outside: guitars, bells, claps",
        grid=BeatGrid(beat_frames=12),
        bars=32,
        loudness_lufs=-14.1,
        true_peak_dbtp=-1.5,
        bytes=1_126_860,
        sha256="ffad491dd1f9f5b11cd10adcc5da42ce035d47da17680b5defce490aa0323374",
    ),
    MusicTrack(
        track_id=TrackId("slow-tide"),
        title="Slow Tide",
        mood=Mood.CALM,
        description="Wide chords, a vibraphone on each beat, the sea far away",
        grid=BeatGrid(beat_frames=20),
        bars=16,
        loudness_lufs=-14.0,
        true_peak_dbtp=-2.9,
        bytes=890_642,
        sha256="182d7d2697dd70c8ff48b1b1bf6403dc74d4c584f357d5ad837009b4e1d0d666",
    ),
    MusicTrack(
        track_id=TrackId("porch-swing"),
        title="Porch Swing",
        mood=Mood.ACOUSTIC,
        description="Guitars, a double bass and brushes on a porch",
        grid=BeatGrid(beat_frames=15),
        bars=16,
        loudness_lufs=-14.1,
        true_peak_dbtp=-2.0,
        bytes=697_163,
        sha256="23421277d2946b5d00754158f5598ccbc8f6c71e27fc2607a8ae9bfed65e0737",
    ),
    MusicTrack(
        track_id=TrackId("far-horizon"),
        title="Far Horizon",
        mood=Mood.CINEMATIC,
        description="Strings that drive, horns that answer, low drums",
        grid=BeatGrid(beat_frames=18),
        bars=24,
        loudness_lufs=-14.1,
        true_peak_dbtp=-3.0,
        bytes=1_193_598,
        sha256="9701c0324bad0ffb864725836880824c883bc1234dec8a5d4c2fe1c0680c372c",
    ),
    MusicTrack(
        track_id=TrackId("paper-boats"),
        title="Paper Boats",
        mood=Mood.PLAYFUL,
        description="Marimba, plucked strings and bells, on tiptoe",
        grid=BeatGrid(beat_frames=12),
        bars=24,
        loudness_lufs=-14.0,
        true_peak_dbtp=-1.9,
        bytes=823_474,
        sha256="ee5ce9ea119be0424870dd35bfb6b46309b981bf48cc1317c58e8d6b09403ff7",
    ),
)
"""In the order people see them."""


def track_of(track_id: str) -> MusicTrack:
    """Return the track called *track_id*. Raises `NotFound`."""
    for track in TRACKS:
        if track.track_id == track_id:
            return track
    raise NotFound("music not found")
